import { createHash } from "node:crypto";
import path from "node:path";
import { durabilityFault, type Embedded, migrate, openPool, startEmbedded } from "@hanpyo/bulletin-board/node";
import type pg from "pg";

/** Folder of the server's own migrations. */
export const serverMigrations = path.resolve(import.meta.dirname, "../../migrations");

/** The tables of one election lie in a schema of their own, named after its origin. */
export const schemaOf = (origin: string): string =>
  `election_${createHash("sha256").update(origin).digest("hex").slice(0, 16)}`;

export interface Database {
  readonly pool: pg.Pool;
  /** How others on this machine connect. */
  readonly connection: pg.PoolConfig;
  /** Closes the pool and, where it is ours, stops the embedded database. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** A database of one's own; without it one is embedded in `folder`. */
  readonly url?: string | undefined;
  readonly folder: string;
  /** Settings of the embedded database; tests pass `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Connections; default 20. */
  readonly connections?: number;
  /** A database that may lose acknowledged entries in a power cut is refused unless this is set (tests). */
  readonly allowLoss?: boolean;
  readonly onIdleError?: (error: Error) => void;
}

/** Opens the database and brings the log's tables up to date. Throws where it would not keep what it acknowledged. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  let embedded: Embedded | null = null;
  if (options.url === undefined) {
    embedded = await startEmbedded(
      options.folder,
      options.settings === undefined ? {} : { settings: options.settings },
    );
  }
  const config: pg.PoolConfig = embedded?.pool ?? { connectionString: options.url };
  const pool = openPool({ ...config, max: options.connections ?? 20 }, options.onIdleError);
  const close = async (): Promise<void> => {
    await pool.end();
    await embedded?.stop();
  };
  try {
    const fault = options.allowLoss ? null : await durabilityFault(pool);
    if (fault !== null) throw new Error(`this database may lose acknowledged ballots: ${fault}`);
    await migrate(pool);
    return { pool, connection: config, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes or updates the tables of one election and returns their schema's name. */
export async function migrateElection(pool: pg.Pool, origin: string): Promise<string> {
  const schema = schemaOf(origin);
  await migrate(pool, schema, serverMigrations);
  return schema;
}
