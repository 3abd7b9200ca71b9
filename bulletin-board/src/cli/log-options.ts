import { readFileSync } from "node:fs";
import { decodePolicy, type Policy } from "../log/index.ts";
import { startEmbedded } from "../store/embedded.ts";
import { EntryStore } from "../store/entry-store.ts";
import { migrate } from "../store/migrate.ts";
import { FolderObjectStore } from "../store/object-store.ts";
import { openPool } from "../store/pool.ts";
import { required, UsageError } from "./usage.ts";

/** Options that name a log: its database, its tiles, its policy. */
export const logOptions = {
  data: { type: "string" },
  schema: { type: "string", default: "board" },
  tiles: { type: "string" },
  policy: { type: "string" },
} as const;

export const logOptionsUsage = `  --data FOLDER    data folder of the embedded Postgres (else DATABASE_URL is used)
  --schema NAME    schema of the log's tables (default board)
  --tiles FOLDER   folder with checkpoint and tile/
  --policy FILE    tlog-policy file; its log key names the origin`;

export interface OpenLog {
  readonly store: EntryStore;
  readonly objects: FolderObjectStore;
  readonly policy: Policy;
}

interface Values {
  readonly data?: string | undefined;
  readonly schema?: string | undefined;
  readonly tiles?: string | undefined;
  readonly policy?: string | undefined;
}

/** Opens what the options name, runs `work`, and closes it again; an embedded database that ran already keeps running. */
export async function withLog(values: Values, usage: string, work: (log: OpenLog) => Promise<number>): Promise<number> {
  const tiles = required(values.tiles, "tiles", usage);
  const file = required(values.policy, "policy", usage);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const policy = decodePolicy(text);
  if (!policy.ok) throw new UsageError(`${file}: ${policy.error.detail}`);
  const url = process.env.DATABASE_URL;
  if (values.data === undefined && url === undefined)
    throw new UsageError(`--data or DATABASE_URL is missing\n${usage}`);
  const embedded = values.data === undefined ? null : await startEmbedded(values.data);
  const pool = openPool(embedded?.pool ?? { connectionString: url! });
  try {
    await migrate(pool, values.schema);
    const store = await EntryStore.open(pool, policy.value.log.name, { schema: values.schema ?? "board" });
    return await work({ store, objects: new FolderObjectStore(tiles), policy: policy.value });
  } finally {
    await pool.end();
    if (embedded !== null && !embedded.adopted) await embedded.stop();
  }
}
