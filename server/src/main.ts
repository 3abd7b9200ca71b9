/** `npm start [-- --fresh]`: reads the configuration, starts what belongs to the server, ends it in order. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { VerifierKey } from "@hanpyo/bulletin-board";
import { decodeVkey, encodeVkey } from "@hanpyo/bulletin-board";
import { clockOf, HttpWitness, type SignerAddress, SignerClient, type WitnessPort } from "@hanpyo/bulletin-board/node";
import { unwrap } from "@hanpyo/crypto";
import closeWithGrace from "close-with-grace";
import { buildApp } from "./app.ts";
import { openBoardServer } from "./board-server.ts";
import { type Config, ConfigError, printableConfig, readConfig } from "./config.ts";
import { openDatabase } from "./database/database.ts";
import { refuseDemonstrationFolder } from "./demo/setup.ts";
import { type Instance, openInstance, setUp, startParties } from "./demonstration.ts";
import { lockFolder } from "./folder-lock.ts";
import { Child } from "./supervisor.ts";

const client = path.resolve(import.meta.dirname, "../../client");
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Says each line once: what a child waits for, it says again and again. */
const sayOnce = (() => {
  const said = new Set<string>();
  return (line: string): void => {
    if (said.has(line)) return;
    if (said.size > 1000) said.clear();
    said.add(line);
    say(line);
  };
})();

/** What was started, to be stopped in the reverse order. */
const started: (() => Promise<unknown>)[] = [];
const stopping = new AbortController();

async function stopAll(): Promise<void> {
  stopping.abort();
  for (const stop of started.splice(0).reverse()) await stop();
}

/** The process ends with a message; a service manager starts it again, or somebody must look. */
function fatal(error: unknown): void {
  process.stderr.write(`hanpyo: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  if (stopping.signal.aborted) return;
  stopAll().then(
    () => process.exit(1),
    () => process.exit(1),
  );
}

/** Where the signer is, started here where nobody said otherwise. */
async function signerAddress(config: Config, folder: string): Promise<SignerAddress> {
  if (config.signerUrl?.startsWith("unix:")) return { socketPath: config.signerUrl.slice("unix:".length) };
  if (config.signerUrl !== undefined) {
    if (config.signerToken === undefined)
      throw new ConfigError("HANPYO_SIGNER_TOKEN must be set for a signer on a port");
    return { port: Number(new URL(config.signerUrl).port), token: config.signerToken };
  }
  // A socket's path may not pass 107 bytes.
  const near = path.join(folder, "signer.sock");
  const socketPath = Buffer.byteLength(near) <= 100 ? near : path.join(tmpdir(), `hanpyo-signer-${process.pid}.sock`);
  const child = new Child({
    name: "signer",
    args: [path.join(import.meta.dirname, "signer-process.ts"), path.join(folder, "signer"), socketPath],
    ready: (line) => line === "ready",
    say: sayOnce,
    onFatal: fatal,
  });
  await child.start();
  started.push(() => child.stop());
  return { socketPath };
}

/** Witnesses by key, from `name=url` or from what the parties say. */
function witnessPorts(config: Config, parties: readonly { vkey: string; url: string }[]) {
  const byName = new Map(
    config.witnessUrls.map((item) => {
      const at = item.search(/=https?:/);
      return [item.slice(0, at), item.slice(at + 1)] as const;
    }),
  );
  const byKey = new Map(parties.map(({ vkey, url }) => [encodeVkey(unwrap(decodeVkey(vkey))), url]));
  return (key: VerifierKey): WitnessPort | undefined => {
    const url = byKey.get(encodeVkey(key)) ?? byName.get(key.name);
    return url === undefined ? undefined : new HttpWitness(key, url.replace(/\/$/, ""));
  };
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { fresh: { type: "boolean", default: false } } });
  const config = readConfig(process.env, availableParallelism());
  const demonstration = config.mode === "demonstration";
  if (values.fresh && !demonstration) throw new ConfigError("--fresh makes a new demonstration; this is none");
  say("한표 Hanpyo");
  for (const line of printableConfig(config)) say(`  ${line}`);
  const clock = clockOf(config.clockFile === undefined ? {} : { HANPYO_CLOCK_FILE: config.clockFile });
  mkdirSync(config.dataDir, { recursive: true });
  if (config.mode === "production") refuseDemonstrationFolder(config.dataDir);
  const unlock = lockFolder(config.dataDir);
  started.push(async () => unlock());

  const database = await openDatabase({
    url: config.databaseUrl,
    folder: path.join(config.dataDir, "database"),
    onIdleError: () => say("database: a connection was lost"),
  });
  started.push(() => database.close());

  const instance: Instance | null = demonstration ? openInstance(config.dataDir, values.fresh) : null;
  const folder = instance?.folder ?? config.dataDir;
  const address = await signerAddress(config, folder);
  const server = `http://127.0.0.1:${config.port}`;
  const parties =
    instance === null
      ? null
      : await startParties({ instance, server, database: database.connection, say: sayOnce, onFatal: fatal });
  if (parties !== null) started.push(() => parties.child.stop());

  const witnessesSaid = new Map<string, { readonly detail: string; readonly times: number }>();
  const board = await openBoardServer({
    pool: database.pool,
    dataDir: path.join(folder, "board"),
    origin: instance?.origin ?? config.origin!,
    clock,
    signer: (origin) => SignerClient.create(address, origin),
    witness: witnessPorts(config, parties?.ready.witnesses ?? []),
    anchorSeconds: config.anchorSeconds,
    verifiers: config.verifiers,
    onTrouble: (step, detail) => sayOnce(`${step}: ${detail}`),
    onAlarm(log, alarm) {
      if (alarm.kind === "fork") return say(`ALARM ${log}: ${alarm.detail}\n${alarm.evidence}`);
      // Silence is news only where it lasts: the quorum goes on without one. What a witness says against us is news at once.
      const known = witnessesSaid.get(alarm.witness);
      const times = known?.detail === alarm.detail ? known.times + 1 : 1;
      witnessesSaid.set(alarm.witness, { detail: alarm.detail, times });
      const silent = alarm.detail === "no answer in time";
      if (times === (silent ? 10 : 1)) say(`witness ${alarm.witness}: ${alarm.detail}${silent ? ", ten times" : ""}`);
    },
    onFatal: fatal,
  });
  started.push(() => board.stop());

  const relayTo = parties?.ready.registrars.map(({ url }) => url);
  const app = await buildApp({
    board,
    client,
    registrarUrls: relayTo?.map((_, i) => `/relay/registrar/${i + 1}/`) ?? config.registrarUrls,
    ...(relayTo ? { relayTo } : {}),
    operatorToken: instance?.operatorToken ?? config.operatorToken,
    trustProxy: config.trustProxy,
    requestsPerMinute: config.requestsPerMinute,
    logger: { level: "warn" },
  });
  started.push(() => app.close());
  await app.listen({ host: config.host, port: config.port });
  say(`hanpyo listens on ${server}`);
  if (instance !== null && parties !== null) await demonstrate(instance, parties.ready, server, clock);
}

async function demonstrate(
  instance: Instance,
  parties: Parameters<typeof setUp>[0]["parties"],
  server: string,
  clock: Parameters<typeof setUp>[0]["clock"],
): Promise<void> {
  const digests = path.join(client, "dist", "digests.json");
  const codes = await setUp({
    instance,
    server,
    parties,
    clock,
    client: existsSync(digests) ? new Uint8Array(readFileSync(digests)) : Buffer.from("{}\n"),
    say,
    signal: stopping.signal,
  });
  say("");
  say(`  투표하기 vote     ${server}/`);
  say(`  참관하기 observe  ${server}/observe`);
  say(`  API              ${server}/api/openapi.json`);
  say("");
  say("  참여 코드 activation codes (unused)");
  for (const code of codes) say(`    ${code}`);
  say("");
}

const grace = closeWithGrace({ delay: 30_000, logger: false }, async ({ err }) => {
  if (err) process.stderr.write(`hanpyo: ${err.stack ?? err.message}\n`);
  await stopAll();
});

run().catch(async (error: unknown) => {
  if (stopping.signal.aborted) return; // told to stop while it was starting
  process.stderr.write(
    `hanpyo: ${error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  grace.uninstall();
  await stopAll();
  process.exit(error instanceof ConfigError ? 3 : 1);
});
