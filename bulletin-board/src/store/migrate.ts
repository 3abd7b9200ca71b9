import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";

/** Folder of the log's own migrations. */
export const logMigrations = path.join(import.meta.dirname, "migrations");

/** A schema name as an SQL identifier; anything but lower-case letters, digits and _ is refused. */
export function quoteSchema(schema: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new RangeError(`not a schema name: ${schema}`);
  return `"${schema}"`;
}

/**
 * Applies the folder's `NNNN_name.sql` files in order, each in its own transaction, with `schema` (made if missing) as
 * the search path. Any number of processes may call it at once. An applied file that has changed since throws.
 */
export async function migrate(pool: pg.Pool, schema = "board", folder: string = logMigrations): Promise<void> {
  const quoted = quoteSchema(schema);
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [`hanpyo migrate ${schema}`]);
    await client.query(`create schema if not exists ${quoted}`);
    await client.query(
      `create table if not exists ${quoted}.migration (name text primary key, sha256 text not null, applied timestamptz not null default now())`,
    );
    const applied = await client.query<{ name: string; sha256: string }>(
      `select name, sha256 from ${quoted}.migration`,
    );
    const digests = new Map(applied.rows.map(({ name, sha256 }) => [name, sha256]));
    for (const name of readdirSync(folder).sort()) {
      if (!/^[0-9]{4}_[a-z0-9_]+\.sql$/.test(name)) throw new Error(`${name} is not named like a migration`);
      const sql = readFileSync(path.join(folder, name), "utf8");
      const digest = createHash("sha256").update(sql).digest("hex");
      if (digests.has(name)) {
        if (digests.get(name) !== digest) throw new Error(`migration ${name} was changed after it was applied`);
        continue;
      }
      await client.query("begin");
      await client.query(`set local search_path = ${quoted}`);
      await client.query(sql);
      await client.query(`insert into ${quoted}.migration (name, sha256) values ($1, $2)`, [name, digest]);
      await client.query("commit");
    }
  } finally {
    client.release(true); // closing the connection also gives back the lock and any transaction that failed
  }
}
