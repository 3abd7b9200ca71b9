import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type pg from "pg";
import { type Embedded, startEmbedded } from "../src/store/embedded.ts";
import { openPool } from "../src/store/pool.ts";

/** An embedded Postgres in a temporary folder, without fsync unless asked for. */
export interface TestDatabase {
  readonly embedded: Embedded;
  readonly folder: string;
  /** A new empty database, or a copy of `template` (to which nobody may be connected); its pool is closed by `stop`. */
  create(template?: string): Promise<{ readonly name: string; readonly pool: pg.Pool }>;
  stop(): Promise<void>;
}

export async function testDatabase(settings: Record<string, string> = { fsync: "off" }): Promise<TestDatabase> {
  const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-test-"));
  chmodSync(folder, 0o755); // run by root, the database's user must pass through
  const embedded = await startEmbedded(path.join(folder, "data"), { settings });
  const admin = openPool({ ...embedded.pool, max: 1 });
  const pools: pg.Pool[] = [admin];
  let count = 0;
  return {
    embedded,
    folder,
    async create(template = "template0") {
      const name = `test_${++count}`;
      await admin.query(`create database ${name} template ${template} strategy file_copy`);
      const pool = openPool({ ...embedded.pool, database: name, max: 8 });
      pools.push(pool);
      return { name, pool };
    },
    async stop() {
      await Promise.all(pools.map((pool) => (pool.ended ? undefined : pool.end())));
      await embedded.stop();
      rmSync(folder, { recursive: true });
      rmSync(String(embedded.pool.host), { recursive: true }); // the socket's folder
    },
  };
}
