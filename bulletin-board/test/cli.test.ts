import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { systemClock, unwrap } from "@hanpyo/crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodeVkey, encodePolicy, encodeVkey } from "../src/log/index.ts";
import { EntryStore } from "../src/store/entry-store.ts";
import { Integrator } from "../src/store/integrator.ts";
import { migrate } from "../src/store/migrate.ts";
import { FolderObjectStore } from "../src/store/object-store.ts";
import { HttpWitness } from "../src/witness/client.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { parties } from "./parties.ts";

const origin = "cli.example/1";
const board = path.join(import.meta.dirname, "../src/cli/board.ts");
let database: TestDatabase;
let url: string;
let emptyUrl: string;
let tiles: string;
let policyFile: string;
let around: Awaited<ReturnType<typeof parties>>;

const run = (args: readonly string[], databaseUrl = url) =>
  new Promise<{ code: number; out: string; error: string }>((resolve) => {
    const env = { ...process.env, DATABASE_URL: databaseUrl };
    const child = execFile(process.execPath, ["--import", "tsx", board, ...args], { env }, (_, out, error) =>
      resolve({ code: child.exitCode ?? -1, out, error }),
    );
  });

beforeAll(async () => {
  database = await testDatabase();
  const [full, empty] = [await database.create(), await database.create()];
  const socket = encodeURIComponent(String(database.embedded.pool.host));
  url = `postgres://postgres@${socket}/${full.name}`;
  emptyUrl = `postgres://postgres@${socket}/${empty.name}`;
  await migrate(full.pool);
  const store = await EntryStore.open(full.pool, origin);
  const payloads = Array.from({ length: 300 }, (_, i) => new TextEncoder().encode(`entry ${i}`));
  const submissionOf = (it: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(it).digest());
  await store.append(payloads.map((payload) => ({ type: 1, payload, submission: submissionOf(payload) })));
  around = await parties(path.join(database.folder, "parties"), origin, systemClock);
  tiles = path.join(database.folder, "log");
  policyFile = path.join(database.folder, "policy");
  writeFileSync(policyFile, encodePolicy(around.policy));
  const integrator = await Integrator.open({
    store,
    objects: new FolderObjectStore(tiles),
    signer: around.signer,
    policy: around.policy,
    witnesses: around.ports,
    clock: systemClock,
  });
  await integrator.run();
});
afterAll(() => database.stop());

it("answers wrong usage with a sentence and exit code 3, and --help with 0", async () => {
  const wrong = [
    [],
    ["nonsense"],
    ["toString"],
    ["fsck"],
    ["fsck", "--tiles", tiles],
    ["fsck", "--tiles", tiles, "--policy", "/nowhere"],
    ["fsck", "--tiles", tiles, "--policy", board],
    ["fsck", "--unknown"],
    ["recover", "extra"],
    ["witness", "--dir", "/nowhere", "--port", "x", "--name", "w"],
    ["witness", "--dir", "/nowhere", "--port", "0", "--name", "w", "--log", "x"],
  ];
  const answers = await Promise.all(wrong.map((args) => run(args)));
  for (const [i, { code, out, error }] of answers.entries()) {
    const args = wrong[i];
    expect([args, code, out]).toEqual([args, 3, ""]);
    expect(error.length).toBeGreaterThan(10);
    expect(error).not.toContain("    at ");
  }
  for (const args of [["--help"], ["fsck", "--help"], ["recover", "--help"], ["witness", "--help"]]) {
    const { code, out } = await run(args);
    expect([args, code]).toEqual([args, 0]);
    expect(out).toContain("usage: board");
  }
});

it("fsck, damage, repair, recover into an empty database, fsck", async () => {
  const log = ["--tiles", tiles, "--policy", policyFile];
  expect(await run(["fsck", ...log])).toMatchObject({
    code: 0,
    out: "300 rows, 5 objects, checkpoint 300 (witnessed), 0 faults\n",
  });
  rmSync(path.join(tiles, "tile/0/000"));
  expect(await run(["fsck", ...log])).toMatchObject({ code: 1, error: "tile/0/000 is missing\n" });
  expect((await run(["fsck", ...log, "--repair"])).code).toBe(0);
  expect((await run(["fsck", ...log], emptyUrl)).code).toBe(1);
  const recovered = await run(["recover", ...log], emptyUrl);
  expect(recovered).toMatchObject({ code: 0, error: "" });
  expect(recovered.out).toContain("0 entries before, 300 now");
  expect((await run(["fsck", ...log], emptyUrl)).code).toBe(0);
});

it("witness serves on loopback, remembers its logs, and stops on SIGTERM", async () => {
  const folder = path.join(database.folder, "cli-witness");
  const start = async (more: readonly string[]) => {
    const args = [
      "--import",
      "tsx",
      board,
      "witness",
      "--dir",
      folder,
      "--port",
      "0",
      "--name",
      "witness.example/cli",
      ...more,
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const match = /^witness (\S+) listens on (127\.0\.0\.1:[0-9]+)$/.exec(line);
    return { child, witness: new HttpWitness(unwrap(decodeVkey(match![1]!)), `http://${match![2]}`) };
  };
  const signal = AbortSignal.timeout(30_000);
  const note = (await around.signer.last())!;
  const first = await start(["--log", encodeVkey(around.signer.key)]);
  expect((await first.witness.addCheckpoint({ oldSize: 0, proof: [], note }, signal)).kind).toBe("cosigned");
  const ended = once(first.child, "exit");
  first.child.kill("SIGTERM");
  expect((await ended)[0]).toBe(0);
  const second = await start([]);
  expect(second.witness.key).toEqual(first.witness.key);
  expect(await second.witness.addCheckpoint({ oldSize: 0, proof: [], note }, signal)).toEqual({
    kind: "conflict",
    size: 300,
  });
  const killed = once(second.child, "exit");
  second.child.kill("SIGKILL");
  await killed;
});
