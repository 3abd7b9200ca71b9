import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { unwrap } from "@hanpyo/crypto";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/database.ts";
import { HandClock, parties, temporaryFolder } from "../../test/parties.ts";
import {
  encodeCheckpoint,
  encodeNote,
  leafHash,
  MemoryTree,
  openCheckpoint,
  signNote,
  TileTree,
  verifyTlogProof,
} from "../log/index.ts";
import { readKeyFile } from "../signer/key-file.ts";
import { checkpointOfNote, originHash } from "../signer/signer.ts";
import { encodeAddCheckpoint, LocalWitness, type WitnessPort } from "../witness/client.ts";
import type { Witness } from "../witness/witness.ts";
import { EntryStore, type Submission } from "./entry-store.ts";
import { PartialSweeper } from "./garbage.ts";
import {
  type Alarm,
  BehindSigned,
  ForkFound,
  Integrator,
  type IntegratorOptions,
  type Published,
  QuorumMissing,
} from "./integrator.ts";
import { migrate } from "./migrate.ts";
import { FolderObjectStore, ImmutableConflict } from "./object-store.ts";
import { Inconsistent } from "./tile-writer.ts";
import { fetchBundle, tileFetcher } from "./tiles.ts";

const batchOf = (from: number, to: number): Submission[] =>
  Array.from({ length: to - from }, (_, i) => {
    const payload = new TextEncoder().encode(`entry ${from + i}`);
    return { type: 1, payload, submission: new Uint8Array(createHash("sha256").update(payload).digest()) };
  });

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = (await database.create()).pool;
  await migrate(pool);
});
afterAll(() => database.stop());

let count = 0;
let origin: string;
let folder: string;
let remove: () => void;
let clock: HandClock;
let store: EntryStore;
let objects: FolderObjectStore;
let around: Awaited<ReturnType<typeof parties>>;
let alarms: Alarm[];
let published: Published[];

beforeEach(async () => {
  origin = `integrator.example/${++count}`;
  ({ folder, remove } = temporaryFolder());
  clock = new HandClock();
  store = await EntryStore.open(pool, origin);
  objects = new FolderObjectStore(path.join(folder, "log"));
  around = await parties(folder, origin, clock);
  alarms = [];
  published = [];
});
afterEach(() => remove());

const options = (change: Partial<IntegratorOptions> = {}): IntegratorOptions => ({
  store,
  objects,
  signer: around.signer,
  policy: around.policy,
  witnesses: around.ports,
  clock,
  witnessTimeout: 200,
  onPublished: (it) => void published.push(it),
  onAlarm: (it) => void alarms.push(it),
  ...change,
});
const down = (witness: Witness): WitnessPort => ({
  key: witness.key,
  addCheckpoint: () => Promise.reject(new Error("connection refused")),
  checkpoint: () => Promise.reject(new Error("connection refused")),
});
/** The published note, which must have its quorum. */
const shown = () => unwrap(openCheckpoint(readFileSync(path.join(folder, "log/checkpoint"), "utf8"), around.policy));

describe("the main path", () => {
  it("publishes an empty log where that is asked for, and goes on from it", async () => {
    const integrator = await Integrator.open(options({ signEmpty: true }));
    const empty = (await integrator.run())!;
    expect([empty.checkpoint.size, empty.witnessed]).toEqual([0, true]);
    expect(shown().checkpoint).toEqual({ origin, size: 0, root: new MemoryTree().root() });
    await store.append(batchOf(0, 3));
    expect((await integrator.run())!.checkpoint.size).toBe(3);
    expect(alarms).toEqual([]);
  });

  it("publishes witnessed checkpoints from which everything can be proved, at every boundary size", async () => {
    const integrator = await Integrator.open(options());
    expect(await integrator.run()).toBeNull();
    const reference = new MemoryTree();
    let size = 0;
    for (const next of [1, 2, 255, 256, 257, 512, 700]) {
      await store.append(batchOf(size, next));
      const now = (await integrator.run())!;
      expect([now.checkpoint.size, now.witnessed, now.cosignatures.length]).toEqual([next, true, 4]);
      for await (const body of store.read(size, next)) reference.append(leafHash(body));
      expect(shown().checkpoint).toEqual({ origin, size: next, root: reference.root() });
      const tree = new TileTree(next, tileFetcher(objects));
      const index = next - 1;
      const proof = { extra: null, index, proof: await tree.inclusionProof(index), checkpoint: now.note };
      expect(verifyTlogProof(proof, reference.hashOf({ level: 0, index }), around.policy).ok).toBe(true);
      const bundle = (await fetchBundle(objects, Math.floor(index / 256), (index % 256) + 1))!;
      expect(leafHash(bundle.at(-1)!)).toEqual(reference.hashOf({ level: 0, index }));
      size = next;
    }
    expect(published.map((it) => it.checkpoint.size)).toEqual([1, 2, 255, 256, 257, 512, 700]);
    await integrator.run();
    expect(published.length).toBe(7);
    expect(alarms).toEqual([]);
  });

  it("asks for newer times on wish", async () => {
    const integrator = await Integrator.open(options());
    await store.append(batchOf(0, 3));
    const first = (await integrator.run())!;
    clock.advance(30_000);
    const second = (await integrator.run({ refresh: true }))!;
    expect(second.checkpoint).toEqual(first.checkpoint);
    expect(second.cosignatures.map(({ time }) => time)).toEqual(first.cosignatures.map(({ time }) => time + 30));
    expect(shown().cosignatures.length).toBe(4);
    // A quorum of old times must not pass for a new one.
    integrator.setPolicy(around.policy, [...around.ports.slice(0, 2), ...around.witnesses.slice(2).map(down)]);
    clock.advance(30_000);
    await expect(integrator.run({ refresh: true })).rejects.toBeInstanceOf(QuorumMissing);
    expect((await integrator.run())!.witnessed).toBe(true);
  });

  it("sweeps partial tiles only after the grace, and proofs still work", async () => {
    const integrator = await Integrator.open(options());
    const sweeper = new PartialSweeper(objects, clock, 1_000);
    for (const [from, to] of [
      [0, 10],
      [10, 200],
      [200, 300],
    ] as const) {
      await store.append(batchOf(from, to));
      await integrator.run();
    }
    expect(await sweeper.sweep()).toBe(0);
    expect(existsSync(path.join(folder, "log/tile/0/000.p/10"))).toBe(true);
    clock.advance(1_000);
    expect(await sweeper.sweep()).toBe(4); // two hash tiles and two bundles
    expect(existsSync(path.join(folder, "log/tile/0/000.p"))).toBe(false);
    expect(existsSync(path.join(folder, "log/tile/0/001.p/44"))).toBe(true);
    // A reader that still holds the checkpoint of size 10 falls back to the full tile.
    expect(await new TileTree(10, tileFetcher(objects)).root()).toEqual(published[0]!.checkpoint.root);
    expect((await fetchBundle(objects, 0, 10))!.length).toBe(10);
  });
});

describe("witnesses that fail", () => {
  it("cannot block a quorum of the others: down, silent, lying, or answering nonsense", async () => {
    const [w1, , , w4] = around.witnesses;
    const bad: Record<string, WitnessPort> = {
      down: down(w4!),
      silent: { key: w4!.key, addCheckpoint: () => new Promise(() => {}), checkpoint: () => new Promise(() => {}) },
      "larger size": {
        ...down(w4!),
        addCheckpoint: async () => ({ kind: "conflict", size: 1_000_000 }),
        checkpoint: async () => null,
      },
      "422": {
        ...down(w4!),
        addCheckpoint: async () => ({ kind: "inconsistent" }),
        checkpoint: async () => "nonsense",
      },
      "other's signature": {
        key: w4!.key,
        addCheckpoint: async () => ({
          kind: "cosigned",
          lines: [{ name: w4!.key.name, keyId: w4!.key.keyId, signature: new Uint8Array(72) }],
        }),
        checkpoint: async () => null,
      },
      unrelated: {
        key: w4!.key,
        addCheckpoint: async () => ({ kind: "cosigned", lines: [] }),
        checkpoint: async () => null,
      },
    };
    let size = 0;
    for (const [name, port] of Object.entries(bad)) {
      const integrator = await Integrator.open(options({ witnesses: [...around.ports.slice(0, 3), port] }));
      await store.append(batchOf(size, ++size));
      const now = (await integrator.run())!;
      expect([name, now.checkpoint.size, now.witnessed]).toEqual([name, size, true]);
      expect(now.cosignatures.map(({ witness }) => witness.name)).not.toContain(w4!.key.name);
      expect(w1!.checkpointOf(originHash(origin)).body).toContain(`\n${size}\n`);
    }
    expect(alarms.filter(({ kind }) => kind === "fork")).toEqual([]);
    expect(alarms.filter((it) => it.kind === "witness" && it.witness === w4!.key.name).length).toBeGreaterThanOrEqual(
      4,
    );
  });

  it("hold the checkpoint back without quorum, until the limit; then it is visibly unwitnessed, and late ones attach", async () => {
    const [w1, w2, w3, w4] = around.witnesses;
    const few = [down(w1!), down(w2!), new LocalWitness(w3!), new LocalWitness(w4!)];
    const integrator = await Integrator.open(options({ witnesses: few, unwitnessedAfter: 60_000 }));
    await store.append(batchOf(0, 5));
    expect(await integrator.run()).toBeNull();
    expect(existsSync(path.join(folder, "log/checkpoint"))).toBe(false);
    clock.advance(59_999);
    await store.append(batchOf(5, 6));
    expect(await integrator.run()).toBeNull();
    clock.advance(1);
    expect(await integrator.run()).toMatchObject({ witnessed: false, checkpoint: { size: 6 } });
    const text = readFileSync(path.join(folder, "log/checkpoint"), "utf8");
    expect(openCheckpoint(text, around.policy)).toMatchObject({ ok: false, error: { code: "quorum" } });
    integrator.setPolicy(around.policy, around.ports);
    expect(await integrator.run()).toMatchObject({ witnessed: true, checkpoint: { size: 6 } });
    expect(shown().cosignatures.length).toBe(4);
  });

  it("find their place again when they missed checkpoints or we forgot where they are", async () => {
    const few = await Integrator.open(
      options({ witnesses: [...around.ports.slice(0, 3), down(around.witnesses[3]!)] }),
    );
    for (let size = 0; size < 3; size++) {
      await store.append(batchOf(size, size + 1));
      await few.run();
    }
    const all = await Integrator.open(options());
    await store.append(batchOf(3, 300));
    expect((await all.run())!.cosignatures.length).toBe(4);
  });
});

describe("forks", () => {
  /** Lets a witness cosign another tree under the stolen board key. */
  const forkAt = async (size: number): Promise<void> => {
    const stolen = await readKeyFile(path.join(folder, "signer", originHash(origin), "key"));
    const other = new MemoryTree();
    for (let i = 0; i < size; i++) other.append(leafHash(Uint8Array.of(255, i)));
    const text = encodeCheckpoint({ origin, size, root: other.root() });
    const note = encodeNote({ text, signatures: [signNote(text, around.signer.key, stolen)] });
    const body = encodeAddCheckpoint({ oldSize: 0, proof: [], note });
    expect((await around.witnesses[1]!.addCheckpoint(body)).status).toBe(200);
  };

  it.each([
    ["a larger tree", 9],
    ["another tree of the same size", 5],
    ["another, smaller tree", 3],
  ])("under our key are found at a witness and are final: %s", async (_, size) => {
    await forkAt(size);
    const integrator = await Integrator.open(options());
    await store.append(batchOf(0, 5));
    await expect(integrator.run()).rejects.toBeInstanceOf(ForkFound);
    const fork = alarms.find((it) => it.kind === "fork");
    expect(checkpointOfNote(fork!.evidence).size).toBe(size);
    expect(existsSync(path.join(folder, "log/checkpoint"))).toBe(false);
    await expect(integrator.run()).rejects.toBeInstanceOf(ForkFound);
  });
});

describe("start", () => {
  it("publishes the signer's note if the process died before publishing it, without a second note of that size", async () => {
    await store.append(batchOf(0, 300));
    const broken = new FolderObjectStore(objects.root);
    broken.put = () => Promise.reject(new Error("died here"));
    const first = await Integrator.open(options({ objects: broken }));
    await expect(first.run()).rejects.toThrow("died here");
    const note = await around.signer.last();
    const second = await Integrator.open(options());
    expect((await second.run())!.checkpoint).toEqual(checkpointOfNote(note!));
    expect(await around.signer.last()).toBe(note);
    expect((await Integrator.open(options())).published!.cosignatures.length).toBe(4);
  });

  it("re-derives identical objects after dying before the signature, and refuses to overwrite different ones", async () => {
    await store.append(batchOf(0, 300));
    const dead = { last: () => around.signer.last(), sign: () => Promise.reject(new Error("no signer")) };
    const first = await Integrator.open(options({ signer: dead }));
    await expect(first.run()).rejects.toThrow("no signer");
    const bundle = path.join(folder, "log/tile/entries/000");
    const before = readFileSync(bundle);
    const second = await Integrator.open(options());
    expect((await second.run())!.checkpoint.size).toBe(300);
    expect(readFileSync(bundle).equals(before)).toBe(true);
    expect(readdirSync(path.dirname(bundle)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    await expect(objects.putImmutable([{ path: "tile/entries/000", bytes: Uint8Array.of(1) }])).rejects.toBeInstanceOf(
      ImmutableConflict,
    );
  });

  it("refuses a flipped or missing tile at the right edge, and a database with another last entry", async () => {
    await store.append(batchOf(0, 300));
    await (await Integrator.open(options())).run();
    const tile = path.join(folder, "log/tile/0/001.p/44");
    const good = readFileSync(tile);
    const flipped = Uint8Array.from(good);
    flipped[100]! ^= 1;
    writeFileSync(tile, flipped);
    await expect(Integrator.open(options())).rejects.toBeInstanceOf(Inconsistent);
    writeFileSync(tile, good.subarray(1));
    await expect(Integrator.open(options())).rejects.toThrow("wrong length");
    writeFileSync(tile, good);
    expect((await Integrator.open(options())).published!.checkpoint.size).toBe(300);

    const other = await database.create();
    await migrate(other.pool);
    const replaced = await EntryStore.open(other.pool, origin);
    await replaced.append(batchOf(1, 302));
    await expect(Integrator.open(options({ store: replaced }))).rejects.toThrow("not the one that was signed");
  });

  it("refuses a database that is older than what was signed, and a signer that was rolled back", async () => {
    await store.append(batchOf(0, 10));
    const integrator = await Integrator.open(options());
    await integrator.run();
    const other = await database.create();
    await migrate(other.pool);
    const older = await EntryStore.open(other.pool, origin);
    await older.append(batchOf(0, 5));
    await expect(Integrator.open(options({ store: older }))).rejects.toBeInstanceOf(BehindSigned);
    const forgetful = { last: async () => null, sign: around.signer.sign.bind(around.signer) };
    await expect(Integrator.open(options({ signer: forgetful }))).rejects.toThrow("rolled back");
  });

  it("stops before signing a row that does not continue the chain", async () => {
    await store.append(batchOf(0, 5));
    await pool.query("alter table board.entry disable trigger append_only");
    await pool.query(
      "update board.entry set body = body || 'x' where idx = 3 and log = (select log from board.head where origin = $1)",
      [origin],
    );
    await pool.query("alter table board.entry enable trigger append_only");
    const integrator = await Integrator.open(options());
    await expect(integrator.run()).rejects.toBeInstanceOf(Inconsistent);
    expect(await around.signer.last()).toBeNull();
  });
});

describe("two integrators", () => {
  it("do no harm: one history, one note per size", async () => {
    const [a, b] = [await Integrator.open(options()), await Integrator.open(options())];
    const notes = new Map<number, string>();
    const run = async (integrator: Integrator): Promise<void> => {
      const now = await integrator.run().catch((error: Error) => {
        expect(error.message).toBe("another integrator was faster");
        return null;
      });
      if (now === null) return;
      const text = now.note.slice(0, now.note.indexOf("\n\n"));
      expect(notes.get(now.checkpoint.size) ?? text).toBe(text);
      notes.set(now.checkpoint.size, text);
    };
    for (let size = 0; size < 200; size += 20) {
      await Promise.all([store.append(batchOf(size, size + 20)), run(a), run(b)]);
      await Promise.all([run(b), run(a)]);
    }
    await run(a);
    expect(shown().checkpoint.size).toBe(200);
    expect(alarms.filter(({ kind }) => kind === "fork")).toEqual([]);
  });
});
