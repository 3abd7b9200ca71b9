import pg from "pg";

/**
 * A pool that survives a restart of the database: without handlers the error of an idle connection, or of one that is
 * in use between two queries, ends the process. `onLost` may count it; the connection's user gets the error as well.
 */
export function openPool(config: pg.PoolConfig, onLost: (error: Error) => void = () => {}): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on("error", () => {}); // the connection's own handler has told already
  pool.on("connect", (client) => client.on("error", onLost));
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
