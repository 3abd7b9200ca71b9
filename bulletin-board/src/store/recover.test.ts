import { createHash } from "node:crypto";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/database.ts";
import { HandClock, parties, temporaryFolder } from "../../test/parties.ts";
import { encodeBundle, tilePath } from "../log/index.ts";
import { CheckpointSigner, checkpointOfNote, originHash } from "../signer/signer.ts";
import { EntryStore, type Submission } from "./entry-store.ts";
import { fsck } from "./fsck.ts";
import { BehindSigned, Integrator, type IntegratorOptions } from "./integrator.ts";
import { migrate } from "./migrate.ts";
import { FolderObjectStore } from "./object-store.ts";
import { openPool } from "./pool.ts";
import { recover } from "./recover.ts";

const sha256 = (payload: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(payload).digest());
const batchOf = (from: number, to: number, word = "entry"): Submission[] =>
  Array.from({ length: to - from }, (_, i) => {
    const payload = new TextEncoder().encode(`${word} ${from + i}`);
    return { type: 1, payload, submission: sha256(payload) };
  });
const submissionOf = ({ payload }: { payload: Uint8Array }): Uint8Array => sha256(payload);

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.stop());

const origin = "recover.example/1";
let folder: string;
let remove: () => void;
let clock: HandClock;
let objects: FolderObjectStore;
let around: Awaited<ReturnType<typeof parties>>;
let live: { name: string; pool: pg.Pool };
let store: EntryStore;

beforeEach(async () => {
  ({ folder, remove } = temporaryFolder());
  clock = new HandClock();
  objects = new FolderObjectStore(path.join(folder, "log"));
  around = await parties(folder, origin, clock);
  live = await database.create();
  await migrate(live.pool);
  store = await EntryStore.open(live.pool, origin);
});
afterEach(() => remove());

const options = (of: EntryStore): IntegratorOptions => ({
  store: of,
  objects,
  signer: around.signer,
  policy: around.policy,
  witnesses: around.ports,
  clock,
});
const lastSigned = async () => checkpointOfNote((await around.signer.last())!);
/** Takes a backup of the live database as it is now. */
async function backup(): Promise<string> {
  await live.pool.end();
  const copy = await database.create(live.name);
  await copy.pool.end();
  live.pool = openPool({ ...database.embedded.pool, database: live.name });
  store = await EntryStore.open(live.pool, origin);
  return copy.name;
}
const restore = async (name: string): Promise<EntryStore> =>
  EntryStore.open(openPool({ ...database.embedded.pool, database: name, idleTimeoutMillis: 1 }), origin);

describe("a restored older database", () => {
  it("is refused, also by the signer itself, and recover brings it back, whole and with its retries", async () => {
    await store.append(batchOf(0, 200));
    const old = await backup();
    await store.append(batchOf(200, 700));
    const integrator = await Integrator.open(options(store));
    await integrator.run();
    const note = await around.signer.last();
    const liveHead = await store.head();

    const restored = await restore(old);
    expect((await restored.head()).size).toBe(200);
    await expect(Integrator.open(options(restored))).rejects.toBeInstanceOf(BehindSigned);
    // An integrator that was already running on it is stopped by the signer: it has other entries 200..299.
    await restored.append(batchOf(0, 1));
    const signer = { last: async () => null, sign: around.signer.sign.bind(around.signer) };
    const elsewhere = new FolderObjectStore(path.join(folder, "elsewhere"));
    const blind = await Integrator.open({ ...options(restored), signer, objects: elsewhere });
    await expect(blind.run()).rejects.toBeInstanceOf(BehindSigned);
    expect(await around.signer.last()).toBe(note);

    const followed: number[] = [];
    const done = await recover({
      store: restored,
      objects,
      signed: await lastSigned(),
      submissionOf,
      also: async (_, appended) => void followed.push(...appended.map(({ index }) => index)),
    });
    expect(done).toEqual({ ok: true, value: { before: 200, after: 700 } });
    expect(followed).toEqual(Array.from({ length: 500 }, (_, i) => 200 + i));
    expect(await restored.head()).toEqual(liveHead);
    expect(await restored.append(batchOf(650, 651))).toMatchObject([{ index: 650, duplicate: true }]);
    const again = await Integrator.open(options(restored));
    await restored.append(batchOf(700, 710));
    expect((await again.run())!.checkpoint.size).toBe(710);
    expect((await fsck(restored, objects, around.policy)).faults).toEqual([]);
  });

  it("gets back entries beyond the last signature whose bundles were already durable", async () => {
    const old = await backup();
    await store.append(batchOf(0, 300));
    await (await Integrator.open(options(store))).run();
    await store.append(batchOf(300, 600));
    const dead = { last: () => around.signer.last(), sign: () => Promise.reject(new Error("no signer")) };
    await expect((await Integrator.open({ ...options(store), signer: dead })).run()).rejects.toThrow("no signer");
    const restored = await restore(old);
    const done = await recover({ store: restored, objects, signed: await lastSigned(), submissionOf });
    expect(done).toEqual({ ok: true, value: { before: 0, after: 600 } });
    expect(await restored.head()).toEqual(await store.head());
  });

  it("changes nothing if it is another log, went its own way, or if bundles are missing or damaged", async () => {
    const [empty, other] = [await backup(), await backup()];
    await store.append(batchOf(0, 300));
    await (await Integrator.open(options(store))).run();
    const signed = await lastSigned();
    const forked = await restore(other);
    await forked.append(batchOf(0, 10, "other"));
    const refusedBy = async (of: EntryStore, from = objects): Promise<string> => {
      const { size } = await of.head();
      const done = await recover({ store: of, objects: from, signed, submissionOf });
      expect((await of.head()).size).toBe(size);
      return done.ok ? "" : done.error;
    };
    expect(await refusedBy(forked)).toContain("does not continue");
    await forked.append(batchOf(10, 400, "other"));
    expect(await refusedBy(forked)).toContain("signed root");

    const restored = await restore(empty);
    expect(await refusedBy(restored, new FolderObjectStore(path.join(folder, "nothing")))).toContain(
      "below the signed 300",
    );
    const last = tilePath({ level: "entries", index: 1, width: 44 });
    const good = (await objects.get(last))!;
    const flipped = Uint8Array.from(good);
    flipped[flipped.length - 1]! ^= 1; // the last entry's payload: only the root can tell
    await objects.put({ path: last, bytes: flipped });
    expect(await refusedBy(restored)).toContain("signed root");
    await objects.put({ path: last, bytes: encodeBundle([new Uint8Array(50).fill(1)]) });
    await expect(refusedBy(restored)).rejects.toThrow("does not hold 44 entries");
    await objects.put({ path: last, bytes: good });
    expect((await recover({ store: restored, objects, signed, submissionOf })).ok).toBe(true);
  });

  it("is also stopped by the witnesses when the signer's folder was restored with it", async () => {
    await store.append(batchOf(0, 300));
    await (await Integrator.open(options(store))).run();
    const second = temporaryFolder();
    // A signer that forgot: same key, empty lock.
    const own = path.join(second.folder, originHash(origin));
    mkdirSync(own, { recursive: true });
    cpSync(path.join(folder, "signer", originHash(origin), "key"), path.join(own, "key"));
    writeFileSync(path.join(own, "lock.0"), "0\n\n");
    writeFileSync(path.join(own, "origin"), `${origin}\n`);
    const forgetful = await CheckpointSigner.open(second.folder, origin, clock);
    const fresh = await database.create();
    await migrate(fresh.pool);
    const restored = await EntryStore.open(fresh.pool, origin);
    await restored.append(batchOf(0, 100));
    const elsewhere = new FolderObjectStore(path.join(second.folder, "log"));
    const integrator = await Integrator.open({ ...options(restored), signer: forgetful, objects: elsewhere });
    await expect(integrator.run()).rejects.toMatchObject({ name: "ForkFound" });
    expect(await elsewhere.get("checkpoint")).toBeNull();
    second.remove();
  });
});

describe("fsck", () => {
  it("finds every kind of damage, and repairs what follows from the rows", async () => {
    await store.append(batchOf(0, 700));
    const integrator = await Integrator.open(options(store));
    await integrator.run();
    await store.append(batchOf(700, 720)); // above the checkpoint: nothing has to exist yet
    const clean = await fsck(store, objects, around.policy);
    expect(clean).toEqual({ rows: 720, objects: 7, checkpoint: 700, witnessed: true, faults: [], repaired: 0 });

    const damaged = ["tile/0/001", "tile/entries/000", "tile/0/002.p/188", "tile/1/000.p/2"];
    for (const name of damaged) {
      const bytes = Uint8Array.from((await objects.get(name))!);
      bytes[40]! ^= 1;
      await objects.put({ path: name, bytes });
    }
    await objects.remove(["tile/entries/002.p/188"]);
    const found = await fsck(store, objects, around.policy);
    expect(found.faults.map((fault) => fault.split(" ")[0]).sort()).toEqual(
      [...damaged, "tile/entries/002.p/188"].sort(),
    );
    expect((await fsck(store, objects, around.policy, { repair: true })).repaired).toBe(5);
    expect((await fsck(store, objects, around.policy)).faults).toEqual([]);

    const note = (await objects.get("checkpoint"))!;
    await objects.put({ path: "checkpoint", bytes: note.subarray(0, note.length - 1) });
    expect((await fsck(store, objects, around.policy)).faults[0]).toContain("checkpoint");
    await objects.put({ path: "checkpoint", bytes: note });

    await live.pool.query("alter table board.entry disable trigger append_only");
    await live.pool.query("update board.entry set body = set_byte(body, 45, 0) where idx = 300");
    await live.pool.query("alter table board.entry enable trigger append_only");
    const rows = await fsck(store, objects, around.policy, { repair: true });
    expect(rows.faults.some((fault) => fault.startsWith("entry 300 "))).toBe(true);
    expect(rows.faults.some((fault) => fault.includes("root of size 700"))).toBe(true);
    expect(rows.repaired).toBe(0);
  });

  it("says that a database ends below its checkpoint", async () => {
    await store.append(batchOf(0, 10));
    await (await Integrator.open(options(store))).run();
    const fresh = await database.create();
    await migrate(fresh.pool);
    const older = await EntryStore.open(fresh.pool, origin);
    await older.append(batchOf(0, 5));
    const report = await fsck(older, objects, around.policy, { repair: true });
    expect(report.faults[0]).toContain("run recover");
    expect(report.repaired).toBe(0);
  });
});
