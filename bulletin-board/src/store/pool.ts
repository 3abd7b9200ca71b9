import pg from "pg";

/**
 * A pool that survives a restart of the database: without a handler the error of an idle connection ends the process.
 * `onIdleError` may count it; the connection is already out of the pool.
 */
export function openPool(config: pg.PoolConfig, onIdleError: (error: Error) => void = () => {}): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on("error", onIdleError);
  return pool;
}

/** `embedded` settings that lose acknowledged entries in a power cut; null if there are none. */
export async function durabilityFault(pool: pg.Pool): Promise<string | null> {
  for (const setting of ["fsync", "synchronous_commit", "full_page_writes"]) {
    const { rows } = await pool.query<Record<string, string>>(`show ${setting}`);
    if (rows[0]?.[setting] === "off") return `${setting} is off`;
  }
  return null;
}
