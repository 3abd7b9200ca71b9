/** What `npm start` adds to the server where everybody else of an election is played on this machine. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nodeSurroundings } from "@hanpyo/bulletin-board/node";
import { type Clock, hexToBytes } from "@hanpyo/crypto";
import type pg from "pg";
import type { PartiesReady } from "./demo/parties.ts";
import type { PartiesConfig } from "./demo/parties-config.ts";
import { demonstrationRoll, ensureDemonstration } from "./demo/setup.ts";
import { replaceFileSync } from "./durable-file.ts";
import { Child } from "./supervisor.ts";

/** One demonstration: its own origin, keys and folder. An earlier one is left as it is. */
export interface Instance {
  readonly origin: string;
  readonly folder: string;
  /** Bearer for documents and the definition. */
  readonly operatorToken: string;
}

/** The demonstration in the data folder; a new one with `fresh`, or where there is none. */
export function openInstance(dataDir: string, fresh: boolean): Instance {
  const file = path.join(dataDir, "demonstration");
  let id = !fresh && existsSync(file) ? readFileSync(file, "utf8").trim() : null;
  if (id === null) {
    id = randomBytes(5).toString("hex");
    mkdirSync(dataDir, { recursive: true });
    replaceFileSync(file, `${id}\n`);
  }
  if (!/^[0-9a-f]{10}$/.test(id)) throw new Error(`${file} does not name a demonstration`);
  const folder = path.join(dataDir, `demonstration-${id}`);
  mkdirSync(folder, { recursive: true });
  const tokenFile = path.join(folder, "operator-token");
  if (!existsSync(tokenFile)) replaceFileSync(tokenFile, `${randomBytes(24).toString("base64url")}\n`, 0o600);
  return {
    origin: `hanpyo.example/rehearsal/${id}`,
    folder,
    operatorToken: readFileSync(tokenFile, "utf8").trim(),
  };
}

export interface PartiesProcess {
  readonly child: Child;
  readonly ready: PartiesReady;
}

const folderOf = (instance: Instance): string => path.join(instance.folder, "setup");

/** Ports stay the same over restarts of the parties, since the board knows them by address. */
export async function startParties(options: {
  readonly instance: Instance;
  readonly server: string;
  readonly database: pg.PoolConfig;
  readonly say: (line: string) => void;
  readonly onFatal: (error: Error) => void;
}): Promise<PartiesProcess> {
  const { instance, server, say, onFatal } = options;
  const { connectionString, host, user, database } = options.database;
  const config: PartiesConfig = {
    server,
    folder: path.join(instance.folder, "parties"),
    roll: demonstrationRoll(folderOf(instance)),
    registrars: 4,
    trustees: 5,
    witnesses: 4,
    auditors: 2,
    domain: "hanpyo.example",
    database:
      connectionString === undefined ? { host: host!, user: String(user), database: database! } : { connectionString },
  };
  const file = path.join(instance.folder, "parties.json");
  const write = (ports: PartiesConfig["ports"]): void =>
    writeFileSync(file, JSON.stringify({ ...config, ...(ports ? { ports } : {}) }), { mode: 0o600 });
  write(undefined);
  let ready: PartiesReady | null = null;
  const child = new Child({
    name: "parties",
    args: [path.join(import.meta.dirname, "demo", "parties.ts"), file],
    ready(line) {
      if (!line.startsWith('{"ready":')) return false;
      ready ??= (JSON.parse(line) as { ready: PartiesReady }).ready;
      return true;
    },
    say,
    onFatal,
  });
  await child.start();
  const { registrars, witnesses } = ready!;
  const port = ({ url }: { url: string }): number => Number(new URL(url).port);
  write({ registrars: registrars.map(port), witnesses: witnesses.map(port) });
  return { child, ready: ready! };
}

/** Definition, ceremonies and opening over the board's own routes; returns unused activation codes. */
export async function setUp(options: {
  readonly instance: Instance;
  readonly server: string;
  readonly parties: PartiesReady;
  readonly clock: Clock;
  /** The digest list of the pages. */
  readonly client: Uint8Array;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<readonly string[]> {
  const { instance, server, parties, clock, client, say, signal } = options;
  const { codes } = await ensureDemonstration({
    server,
    folder: folderOf(instance),
    operatorToken: instance.operatorToken,
    parties: {
      trustees: parties.trustees.map(({ key }) => hexToBytes(key)),
      registrars: parties.registrars.map(({ key }) => hexToBytes(key)),
      witnesses: parties.witnesses.map(({ vkey }) => vkey),
      auditors: parties.auditors.map(({ key, commitment }) => ({
        key: hexToBytes(key),
        commitment: hexToBytes(commitment),
      })),
      evidenceKey: parties.evidenceKey === null ? null : hexToBytes(parties.evidenceKey),
    },
    around: nodeSurroundings(clock, server),
    client,
    say,
    signal,
  });
  return codes;
}
