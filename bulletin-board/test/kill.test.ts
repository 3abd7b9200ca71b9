import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { bytesToHex, hexToBytes, systemClock, unwrap } from "@hanpyo/crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodePolicy, type Policy, policy, TileTree } from "../src/log/index.ts";
import { SignerClient } from "../src/signer/http.ts";
import { checkpointOfNote } from "../src/signer/signer.ts";
import { type Embedded, startEmbedded } from "../src/store/embedded.ts";
import { EntryStore } from "../src/store/entry-store.ts";
import { fsck } from "../src/store/fsck.ts";
import { migrate } from "../src/store/migrate.ts";
import { nodeSha256 } from "../src/store/node-crypto.ts";
import { FolderObjectStore } from "../src/store/object-store.ts";
import { openPool } from "../src/store/pool.ts";
import { tileFetcher } from "../src/store/tiles.ts";
import { Witness } from "../src/witness/witness.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import type { WriterMessage, WriterSettings } from "./writer.ts";

const kills = Number(process.env.KILLS ?? 24);
const origin = "kill.example/1";

let database: TestDatabase;
let embedded: Embedded;
let folder: string;
let socketPath: string;
let signer: ChildProcess;
let writer: ChildProcess;

const acks = new Map<number, { leaf: string; submission: string }>();
const notes = new Map<number, string>();
const failures: string[] = [];
let acked = 0;
let publishedSize = 0;

/** One size, one text: a second one would be a fork. */
function keepNote(note: string): void {
  const { size } = checkpointOfNote(note);
  const text = note.slice(0, note.indexOf("\n\n"));
  expect(notes.get(size) ?? text).toBe(text);
  notes.set(size, text);
}

function onMessage(message: WriterMessage): void {
  if (message.kind === "failed") failures.push(message.error);
  if (message.kind === "note") keepNote(message.note);
  if (message.kind === "published") publishedSize = Math.max(publishedSize, message.size);
  if (message.kind !== "acks") return;
  for (const { index, leaf, submission } of message.acks) {
    expect(acks.get(index)?.leaf ?? leaf, `entry ${index} was acknowledged twice`).toBe(leaf);
    acks.set(index, { leaf, submission });
    acked++;
  }
}

async function startSigner(): Promise<void> {
  const main = path.join(import.meta.dirname, "../src/signer/main.ts");
  const args = ["--import", "tsx", main, "--dir", path.join(folder, "signer"), "--socket", socketPath];
  signer = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface(signer.stdout!);
  const [line] = (await once(lines, "line")) as [string];
  expect(line).toContain("listens");
}

function startWriter(): void {
  writer = fork(path.join(import.meta.dirname, "writer.ts"), { execArgv: ["--import", "tsx"] });
  writer.on("message", onMessage);
  const settings: WriterSettings = { pool: embedded.pool, origin, folder, socketPath, appenders: 64 };
  writer.send(settings);
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** Postmaster and all its backends at once, as a power cut would, but for the disk. */
function killPostgres(pid: number): void {
  const children = readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(pid);
      } catch {
        return false; // it ended meanwhile
      }
    });
  for (const victim of [pid, ...children.map(Number)]) {
    try {
      process.kill(victim, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!condition()) {
    if (failures.length > 0) throw new Error(failures.join("; "));
    if (performance.now() > deadline) throw new Error(`waited two minutes for ${what}`);
    await wait(5);
  }
}

beforeAll(async () => {
  database = await testDatabase({ fsync: "on" });
  embedded = database.embedded;
  folder = path.join(database.folder, "board");
  mkdirSync(folder);
  socketPath = path.join(folder, "signer.sock");
  const pool = openPool(embedded.pool);
  await migrate(pool);
  await pool.end();
});
afterAll(async () => {
  writer?.kill("SIGKILL");
  signer?.kill("SIGKILL");
  embedded = await startEmbedded(path.join(database.folder, "data"));
  await database.stop();
});

it(`loses nothing it acknowledged and never signs twice, over ${kills} kills of server, signer and Postgres`, {
  timeout: 600_000,
}, async () => {
  await startSigner();
  startWriter();
  const killed = { server: 0, signer: 0, postgres: 0 };
  for (let round = 0; round < kills; round++) {
    // Under load: at a random moment after new acknowledgements and a new checkpoint.
    const [wanted, size] = [acked + randomInt(50, 1_500), publishedSize];
    await until(() => acked >= wanted && publishedSize > size, "acknowledgements and a checkpoint");
    await wait(randomInt(0, 60));
    const target = (["server", "signer", "postgres"] as const)[round % 3]!;
    killed[target]++;
    if (target === "server") {
      await kill(writer);
      startWriter();
    } else if (target === "signer") {
      await kill(signer);
      await startSigner();
      keepNote((await new SignerClient({ socketPath }, origin).last())!);
    } else {
      killPostgres(embedded.pid());
      embedded = await startEmbedded(path.join(database.folder, "data"));
    }
  }
  const size = publishedSize;
  await until(() => publishedSize > size, "a checkpoint after the last kill");
  await kill(writer);

  const pool = openPool(embedded.pool);
  const store = await EntryStore.open(pool, origin);
  const head = await store.head();
  const leaves = new Map<number, string>();
  for await (const { index, leafHash } of store.rows(0, head.size)) leaves.set(index, bytesToHex(leafHash));
  const lost = [...acks].filter(([index, { leaf }]) => leaves.get(index) !== leaf);
  expect(lost).toEqual([]);
  const [sampleIndex, sample] = [...acks].at(-1)!;
  expect(await store.bySubmission(hexToBytes(sample.submission))).toMatchObject({
    index: sampleIndex,
    duplicate: true,
  });

  // Rows, tiles and checkpoint agree, and every note that was ever signed is of this one history.
  const { client, key } = await SignerClient.create({ socketPath }, origin);
  keepNote((await client.last())!);
  const objects = new FolderObjectStore(path.join(folder, "log"));
  const keys = await Promise.all(
    [1, 2, 3].map(async (i) => {
      const options = { folder: path.join(folder, `witness-${i}`), name: `witness.example/w${i}`, clock: systemClock };
      return (await Witness.open(options)).key;
    }),
  );
  const made: Policy = unwrap(policy(key, keys, 2));
  expect(encodePolicy(made)).toContain(origin);
  const report = await fsck(store, objects, made);
  expect(report).toMatchObject({ faults: [], rows: head.size, witnessed: true });
  const largest = Math.max(...notes.keys());
  const tree = new TileTree(largest, tileFetcher(objects), nodeSha256);
  for (const [signedSize, text] of notes) {
    const { root } = checkpointOfNote(`${text}\n\n`);
    expect(bytesToHex(await tree.root(signedSize)), `root of size ${signedSize}`).toBe(bytesToHex(root));
  }
  await pool.end();
  expect(killed.server + killed.signer + killed.postgres).toBe(kills);
  console.log(
    `${acked} acknowledgements, ${head.size} entries, ${notes.size} checkpoints, kills ${JSON.stringify(killed)}`,
  );
});
