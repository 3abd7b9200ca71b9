/** Everybody a test election needs, as processes of their own: database, registrars and witnesses, the board, officials, trustees. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { type Embedded, startEmbedded } from "@hanpyo/bulletin-board/node";
import type { DrivenClock } from "./clock-file.ts";
import { must, Service } from "./processes.ts";

export const scripts = {
  server: "server/src/main.ts",
  parties: "server/src/demo/parties.ts",
  trustee: "server/src/trustees/cli.ts",
  official: "server/src/officials/cli.ts",
  roll: "server/src/eligibility/cli.ts",
  verify: "bulletin-board/src/cli/verify.ts",
} as const;

export interface World {
  readonly folder: string;
  readonly server: string;
  readonly origin: string;
  readonly clock: DrivenClock;
  /** What every child gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ready: PartiesReady;
  readonly tokenFile: string;
  readonly rollFolder: string;
  /** Throws if a process has ended. */
  alive(): void;
  stop(): Promise<void>;
}

export interface PartiesReady {
  readonly registrars: readonly { readonly key: string; readonly url: string }[];
  readonly witnesses: readonly { readonly vkey: string; readonly url: string }[];
  readonly auditors: readonly { readonly key: string; readonly commitment: string }[];
  readonly evidenceKey: string | null;
}

export const registrarCount = 4;
export const witnessCount = 4;
export const auditorCount = 2;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** Starts database, registrars and witnesses, then the board, in a rehearsal's configuration. */
export async function startWorld(folder: string, clock: DrivenClock, say: (line: string) => void): Promise<World> {
  const logs = path.join(folder, "logs");
  const rollFolder = path.join(folder, "roll");
  const environment = { HANPYO_CLOCK_FILE: clock.file };
  const origin = `election-${randomBytes(6).toString("hex")}.test/rehearsal`;
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) await each();
    stops.length = 0;
  };
  try {
    const database: Embedded = await startEmbedded(path.join(folder, "database"));
    stops.push(() => database.stop());
    const { host, user, database: name } = database.pool as { host: string; user: string; database: string };
    say("database started");

    const port = await freePort();
    const server = `http://127.0.0.1:${port}`;
    const config = path.join(folder, "parties.json");
    const partiesConfig = {
      server,
      folder: path.join(folder, "parties"),
      roll: rollFolder,
      registrars: registrarCount,
      trustees: 0,
      witnesses: witnessCount,
      auditors: auditorCount,
      domain: "parties.test",
      database: { host, user, database: name },
      wrongCodes: 1000,
    };
    writeFileSync(config, JSON.stringify(partiesConfig));
    const parties = new Service("parties", logs, scripts.parties, [config], environment);
    stops.push(() => parties.stop());
    const { ready } = JSON.parse((await parties.line(/^\{"ready":.*$/))[0]) as { ready: PartiesReady };
    say(`${registrarCount} registrars and ${witnessCount} witnesses started`);

    const tokenFile = path.join(folder, "operator.token");
    writeFileSync(tokenFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
    const board = new Service("board", logs, scripts.server, [], {
      ...environment,
      HANPYO_MODE: "rehearsal",
      HANPYO_ORIGIN: origin,
      PORT: String(port),
      DATA_DIR: path.join(folder, "board"),
      DATABASE_URL: `postgres://${user}@/${name}?host=${encodeURIComponent(host)}`,
      HANPYO_OPERATOR_TOKEN_FILE: tokenFile,
      HANPYO_WITNESS_URLS: ready.witnesses.map(({ vkey, url }) => `${vkey.split("+")[0]}=${url}`).join(","),
      HANPYO_REGISTRAR_URLS: ready.registrars.map(({ url }) => url).join(","),
    });
    stops.push(() => board.stop());
    await answers(server, board);
    say(`board started at ${server}`);
    const alive = (): void => {
      parties.alive();
      board.alive();
    };
    return { folder, server, origin, clock, environment, ready, tokenFile, rollFolder, alive, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Until the board answers; throws with its log if it ends before. */
async function answers(server: string, board: Service): Promise<void> {
  for (;;) {
    board.alive();
    const answer = await fetch(`${server}/api/election`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Two officials and so many trustees, each with a key of its own. Returns public keys as hex. */
export async function makePeople(world: World, trustees: number): Promise<{ officials: string[]; trustees: string[] }> {
  mkdirSync(path.join(world.folder, "officials"), { recursive: true });
  const officials = await Promise.all(
    [0, 1].map((i) => must(scripts.official, ["keygen", "--key", officialKey(world, i)], world.environment)),
  );
  const keys = await Promise.all(
    Array.from({ length: trustees }, (_, i) => must(scripts.trustee, ["keygen", "--dir", trusteeFolder(world, i + 1)])),
  );
  for (let i = 1; i <= trustees; i++)
    writeFileSync(passphraseFile(world, i), `passphrase of test trustee ${i}\n`, { mode: 0o600 });
  return { officials: officials.map((key) => key.trim()), trustees: keys.map((key) => key.trim()) };
}

export const officialKey = ({ folder }: Pick<World, "folder">, i: number): string =>
  path.join(folder, "officials", `${i}.key`);
export const trusteeFolder = ({ folder }: Pick<World, "folder">, index: number): string =>
  path.join(folder, "trustees", String(index));
const passphraseFile = (world: World, index: number): string => path.join(trusteeFolder(world, index), "passphrase");

/** A command of a trustee at its own machine. */
export function trustee(world: World, index: number, command: "ceremony" | "share"): Promise<string> {
  const where = ["--server", world.server, "--dir", trusteeFolder(world, index), "--index", String(index)];
  const rest = ["--passphrase-file", passphraseFile(world, index), "--timeout", "600"];
  return must(scripts.trustee, [command, ...where, ...rest], world.environment);
}

/** An act: one official proposes, the other confirms what stands on the record. */
export async function act(world: World, name: string, ...values: string[]): Promise<void> {
  const at = ["--server", world.server];
  const proposed = await must(
    scripts.official,
    ["propose", name, ...at, "--key", officialKey(world, 0), ...values],
    world.environment,
  );
  const proposal = proposed.match(/^[0-9a-f]{64}$/m);
  if (!proposal) throw new Error(`no proposal in: ${proposed}`);
  const confirm = ["confirm", ...at, "--key", officialKey(world, 1), "--proposal", proposal[0]];
  await must(scripts.official, confirm, world.environment);
}

/** Activation codes by id, as the mail merge would print them. */
export function readCodes(world: World): Map<string, string> {
  const [head, ...rows] = readFileSync(path.join(world.rollFolder, "codes.csv"), "utf8").trim().split(/\r?\n/);
  const columns = head!.split(",");
  const [id, code] = [columns.indexOf("id"), columns.indexOf("code")];
  return new Map(rows.map((row) => row.split(",")).map((cells) => [cells[id]!, cells[code]!]));
}
