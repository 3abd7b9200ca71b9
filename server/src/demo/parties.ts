/**
 * The other parties of a demonstration in one process: registrars, witnesses, trustees and auditors, each with its own keys and
 * folder, spoken to over loopback HTTP like strangers. `tsx server/src/demo/parties.ts CONFIG.json` prints one line of JSON
 * when all listen, and ends in order at SIGTERM, SIGINT or when the pipe on its stdin closes.
 */
import { fstatSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Surroundings } from "@hanpyo/bulletin-board";
import { clockOf, nodeSurroundings, openPool } from "@hanpyo/bulletin-board/node";
import { bytesToHex } from "@hanpyo/crypto";
import { type AuditorsStand, makeDemoAuditors } from "../auditors/demo.ts";
import { Registrar } from "../registrar/registrar.ts";
import { ServerFolder } from "../registrar/server-folder.ts";
import { type PartiesConfig, readPartiesConfig } from "./parties-config.ts";
import { PartiesTrustee, type TrusteeStand } from "./parties-trustee.ts";
import { PartiesWitness } from "./parties-witness.ts";

/** What the line says: everything a definition needs to know of the parties, and where they are. */
export interface PartiesReady {
  readonly registrars: readonly { readonly key: string; readonly url: string }[];
  readonly trustees: readonly { readonly key: string }[];
  readonly witnesses: readonly { readonly vkey: string; readonly url: string }[];
  readonly auditors: readonly { readonly key: string; readonly commitment: string }[];
  /** V; null without auditors. */
  readonly evidenceKey: string | null;
}

export interface PartiesHooks {
  readonly around?: Surroundings;
  /** A line for the terminal; never about a person. */
  readonly say?: (line: string) => void;
  readonly onFatal: (error: unknown) => void;
}

export interface Parties {
  readonly ready: PartiesReady;
  readonly registrars: readonly Registrar[];
  /** How far each trustee is. */
  trustees(): readonly TrusteeStand[];
  /** How far the auditors are. */
  auditors(): AuditorsStand;
  stop(): Promise<void>;
}

/** Starts all; they work towards the election by themselves as soon as the board answers. */
export async function startParties(config: PartiesConfig, hooks: PartiesHooks): Promise<Parties> {
  const { say = () => undefined, onFatal } = hooks;
  const around = hooks.around ?? nodeSurroundings(clockOf(process.env), config.server);
  const folder = (kind: string, i: number) => path.join(config.folder, `${kind}-${i + 1}`);
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
  const pool = openPool({ ...config.database, max: 4 * config.registrars + 4 });

  const witnesses = await Promise.all(
    numbers(config.witnesses).map((i) =>
      PartiesWitness.start({
        folder: folder("witness", i),
        name: `witness${i + 1}.${config.domain}`,
        server: config.server,
        around,
        port: config.ports?.witnesses?.[i] ?? 0,
        onFatal,
      }),
    ),
  );
  const trustees = numbers(config.trustees).map(
    (i) =>
      new PartiesTrustee({
        folder: new ServerFolder(folder("trustee", i)),
        server: config.server,
        around,
        absent: config.absentTrustees?.includes(i + 1) ?? false,
        say: (line) => say(`trustee ${i + 1}: ${line}`),
        onFatal,
      }),
  );
  const registrars = numbers(config.registrars).map(
    (i) =>
      new Registrar({
        server: config.server,
        folder: new ServerFolder(folder("registrar", i)),
        roll: config.roll,
        pool,
        around,
        limits: {
          // Everybody comes through one relay here.
          wrongPerConnection: { times: config.wrongCodes ?? 200, within: 600_000 },
          noncesPerKey: { times: 60, within: 600_000 },
        },
        ...(config.interval === undefined ? {} : { interval: config.interval }),
        say: (line) => say(`registrar ${i + 1}: ${line}`),
        log: { write: (line) => say(`registrar ${i + 1}: ${line.trimEnd()}`) },
        onFatal,
      }),
  );
  const urls = new Map<number, string>();
  const auditors = makeDemoAuditors({
    around,
    server: config.server,
    folder: config.folder,
    count: config.auditors ?? 0,
    roll: config.roll,
    registrars: () => urls,
    say: (line) => say(`auditors: ${line}`),
    onFatal,
  });
  const ports = await Promise.all(registrars.map((each, i) => each.start(config.ports?.registrars?.[i] ?? 0)));
  for (const [i, port] of ports.entries()) urls.set(i + 1, `http://127.0.0.1:${port}/`);
  for (const trustee of trustees) trustee.start();
  auditors.start();
  return {
    ready: {
      registrars: ports.map((_, i) => ({
        key: bytesToHex(new ServerFolder(folder("registrar", i)).createKey().publicKey),
        url: urls.get(i + 1)!,
      })),
      trustees: trustees.map(({ publicKey }) => ({ key: bytesToHex(publicKey) })),
      witnesses: witnesses.map(({ vkey, url }) => ({ vkey, url })),
      auditors: auditors.definition.auditors.map(({ key, commitment }) => ({
        key: bytesToHex(key),
        commitment: bytesToHex(commitment),
      })),
      evidenceKey: auditors.definition.evidenceKey && bytesToHex(auditors.definition.evidenceKey),
    },
    registrars,
    trustees: () => trustees.map(({ stand }) => stand),
    auditors: () => auditors.stand,
    async stop() {
      await Promise.all([
        ...registrars.map((each) => each.stop()),
        ...trustees.map((each) => each.stop()),
        auditors.stop(),
        ...witnesses.map((each) => each.stop()),
      ]);
      await pool.end();
    },
  };
}

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error("usage: parties.ts CONFIG.json");
  const fatal = (error: unknown): void => {
    process.stderr.write(`parties: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  };
  const parties = await startParties(readPartiesConfig(readFileSync(file, "utf8")), {
    say: (line) => process.stderr.write(`${line}\n`),
    onFatal: fatal,
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    process.stdin.pause();
    parties.stop().then(() => process.exit(0), fatal);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // A parent that was killed leaves no orphans behind: its end of the pipe closes. Without a pipe there is nothing to watch.
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) process.stdin.on("end", stop).resume();
  process.stdout.write(`${JSON.stringify({ ready: parties.ready })}\n`);
}

if (process.argv[1] !== undefined && import.meta.url === new URL(process.argv[1], "file:").href)
  await main(process.argv[2]);
