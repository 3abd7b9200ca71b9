import { createHash, randomBytes } from "node:crypto";
import { equalBytes, unwrap } from "@hanpyo/crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/database.ts";
import { decodeEntry, firstPrev, leafHash } from "../log/index.ts";
import { EntryStore, Fenced, NotDurable, type Submission } from "./entry-store.ts";
import { migrate } from "./migrate.ts";
import { durabilityFault } from "./pool.ts";
import { Sequencer } from "./sequencer.ts";

const submissionOf = (text: string, type = 1): Submission => {
  const payload = new TextEncoder().encode(text);
  return { type, payload, submission: new Uint8Array(createHash("sha256").update(payload).digest()) };
};
const batchOf = (from: number, to: number): Submission[] =>
  Array.from({ length: to - from }, (_, i) => submissionOf(`entry ${from + i}`));

/** Walks the whole log and throws at the first break. */
async function checkChain(store: EntryStore): Promise<number> {
  const head = await store.head();
  let prev = firstPrev(store.origin);
  let index = 0;
  for await (const { body, leafHash: stored } of store.rows(0, head.size)) {
    const entry = unwrap(decodeEntry(body));
    expect([entry.index, equalBytes(entry.prev, prev)]).toEqual([index, true]);
    prev = leafHash(body);
    expect(equalBytes(prev, stored)).toBe(true);
    index++;
  }
  expect(equalBytes(prev, head.leafHash)).toBe(true);
  return index;
}

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = (await database.create()).pool;
  await Promise.all([migrate(pool), migrate(pool), migrate(pool)]);
});
afterAll(() => database.stop());

describe("EntryStore", () => {
  it("chains batches of every size, several logs in one database", async () => {
    const [a, b] = [await EntryStore.open(pool, "a.example/1"), await EntryStore.open(pool, "b.example/1")];
    expect(await a.append([])).toEqual([]);
    let size = 0;
    for (const count of [1, 2, 255, 1, 512]) {
      const appended = await a.append(batchOf(size, size + count));
      expect(appended.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, i) => size + i));
      size += count;
    }
    await b.append(batchOf(0, 3));
    expect([await checkChain(a), await checkChain(b)]).toEqual([771, 3]);
    expect((await a.head()).size).toBe(771);
    const some: Uint8Array[] = [];
    for await (const body of a.read(300, 303)) some.push(body);
    expect(some.map((body) => unwrap(decodeEntry(body)).index)).toEqual([300, 301, 302]);
    await expect(
      a
        .read(770, 773)
        .next()
        .then(() => a.read(771, 772).next()),
    ).rejects.toThrow("missing");
  });

  it("answers a retry, a copy in the same batch and 1,000 at once with the one entry", async () => {
    const store = await EntryStore.open(pool, "retry.example/1");
    const [first] = await store.append([submissionOf("x")]);
    expect(first).toMatchObject({ index: 0, duplicate: false });
    const again = await store.append([submissionOf("y"), submissionOf("x"), submissionOf("y")]);
    expect(again.map(({ index, duplicate }) => [index, duplicate])).toEqual([
      [1, false],
      [0, true],
      [1, true],
    ]);
    expect(again[1]).toEqual({ ...first, duplicate: true });
    expect(await store.bySubmission(submissionOf("y").submission)).toEqual({ ...again[0], duplicate: true });
    expect(await store.bySubmission(new Uint8Array(32))).toBeNull();
    const flood = await Promise.all(Array.from({ length: 1_000 }, () => store.append([submissionOf("flood")])));
    expect(new Set(flood.map(([it]) => it!.index))).toEqual(new Set([2]));
    expect(flood.filter(([it]) => !it!.duplicate).length).toBe(1);
    expect(await checkChain(store)).toBe(3);
  });

  it("lets several processes append through their own pools at once", async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => EntryStore.open(pool, "many.example/1")));
    await Promise.all(
      stores.flatMap((store, s) =>
        Array.from({ length: 20 }, (_, b) => store.append([submissionOf(`${s} ${b} a`), submissionOf(`${s} ${b} b`)])),
      ),
    );
    expect(await checkChain(stores[0]!)).toBe(160);
  });

  it("does nothing when what belongs to the transaction fails", async () => {
    const store = await EntryStore.open(pool, "also.example/1");
    await pool.query("create table follower (idx bigint primary key)");
    const follow = async (tx: pg.PoolClient, indexes: readonly { index: number }[]): Promise<void> => {
      for (const { index } of indexes) await tx.query("insert into follower values ($1)", [index]);
    };
    await store.append(batchOf(0, 2), follow);
    const refuse = async (): Promise<void> => {
      throw new Error("rule");
    };
    await expect(store.append(batchOf(2, 4), refuse)).rejects.toThrow("rule");
    await expect(store.append(batchOf(2, 4), (tx) => follow(tx, [{ index: 0 }]))).rejects.toThrow("duplicate key");
    expect((await store.head()).size).toBe(2);
    await store.append(batchOf(2, 4), follow);
    expect((await pool.query("select idx from follower order by 1")).rows.map(({ idx }) => Number(idx))).toEqual([
      0, 1, 2, 3,
    ]);
    expect(await checkChain(store)).toBe(4);
  });

  it("judges under the lock", async () => {
    const store = await EntryStore.open(pool, "judge.example/1");
    // Each wants to be the only entry: without the lock several would see an empty log.
    const outcomes = await Promise.all(
      batchOf(0, 20).map((it) => store.transaction(async (log) => (log.head.size === 0 ? log.append([it]) : null))),
    );
    expect(outcomes.filter((it) => it !== null).length).toBe(1);
    const twice = await store.transaction(async (log) => [
      ...(await log.append([submissionOf("p")])),
      ...(await log.append([submissionOf("p"), submissionOf("q")])),
    ]);
    expect(twice.map(({ index }) => index)).toEqual([1, 1, 2]);
    expect(await checkChain(store)).toBe(3);
  });

  it("fences the older of two exclusive sequencers, for good", async () => {
    const old = await EntryStore.open(pool, "fence.example/1", { exclusive: true });
    await old.append(batchOf(0, 2));
    const young = await EntryStore.open(pool, "fence.example/1", { exclusive: true });
    const sequencer = new Sequencer((batch: readonly Submission[]) => old.append(batch));
    await expect(sequencer.submit(submissionOf("late"))).rejects.toBeInstanceOf(Fenced);
    await expect(sequencer.submit(submissionOf("later"))).rejects.toBeInstanceOf(Fenced);
    await young.append(batchOf(2, 4));
    expect(await checkChain(young)).toBe(4);
  });

  it("reports a head that moved under it instead of inserting", async () => {
    const store = await EntryStore.open(pool, "moved.example/1");
    const work = store.transaction(async (log) => {
      await log.tx.query("update board.head set epoch = epoch + 1 where origin = 'moved.example/1'");
      return log.append(batchOf(0, 2));
    });
    await expect(work).rejects.toBeInstanceOf(Fenced);
    expect((await store.head()).size).toBe(0);
  });

  it("does not acknowledge a commit that warned or that was a rollback", async () => {
    const store = await EntryStore.open(pool, "warn.example/1");
    await pool.query(`
      create function warn() returns trigger language plpgsql as $$ begin
        if new.origin = 'warn.example/1' then raise warning 'canceling wait for synchronous replication'; end if;
        return new; end $$;
      create constraint trigger warn after update on board.head deferrable initially deferred
        for each row execute function warn();`);
    await expect(store.append(batchOf(0, 1))).rejects.toBeInstanceOf(NotDurable);
    await pool.query("drop trigger warn on board.head");
    expect(await store.append(batchOf(0, 1))).toMatchObject([{ index: 0, duplicate: true }]);
    const swallowed = store.transaction(async (log) => {
      await log.append(batchOf(1, 2));
      await log.tx.query("select 1 / 0").catch(() => {});
    });
    await expect(swallowed).rejects.toBeInstanceOf(NotDurable);
    expect((await store.head()).size).toBe(1);
  });

  it("refuses entries above 60,000 bytes and submissions that are not 32 bytes, and takes the longest", async () => {
    const store = await EntryStore.open(pool, "long.example/1");
    const payload = new Uint8Array(randomBytes(59_958));
    const submission = new Uint8Array(32);
    await expect(store.append([{ type: 0, payload: new Uint8Array(59_959), submission }])).rejects.toThrow(RangeError);
    await expect(store.append([{ type: 0, payload, submission: new Uint8Array(31) }])).rejects.toThrow(RangeError);
    await store.append([{ type: 0, payload, submission }]);
    expect(await checkChain(store)).toBe(1);
  });
});

describe("the database itself", () => {
  it("refuses to change, delete or truncate entries, and to move a head backwards", async () => {
    const store = await EntryStore.open(pool, "only.example/1");
    await store.append(batchOf(0, 2));
    for (const sql of [
      "update board.entry set body = ''",
      "delete from board.entry where idx = 1",
      "truncate board.entry",
      "delete from board.head",
      "truncate board.head",
      "update board.head set size = size - 1",
      "update board.head set epoch = epoch - 1",
      "update board.head set leaf_hash = sha256('x')",
      "update board.head set origin = 'other' where origin = 'only.example/1'",
    ]) {
      await expect(pool.query(sql), sql).rejects.toMatchObject({ code: "25006" });
    }
    expect(await checkChain(store)).toBe(2);
  });

  it("says that acknowledgements would not survive a power cut here", async () => {
    expect(await durabilityFault(pool)).toBe("fsync is off");
  });

  it("refuses a bad schema name and a migration that was changed after it was applied", async () => {
    await expect(migrate(pool, 'x"; drop schema board; --')).rejects.toThrow(RangeError);
    await pool.query("update board.migration set sha256 = 'x'");
    await expect(migrate(pool)).rejects.toThrow("changed after");
  });
});

describe("Sequencer", () => {
  it("puts what queued during a batch into the next, up to the cap, and fails a batch as a whole", async () => {
    const sizes: number[] = [];
    const sequencer = new Sequencer(async (batch: readonly number[]) => {
      sizes.push(batch.length);
      await new Promise((done) => setImmediate(done));
      if (batch.includes(13)) throw new Error("unlucky");
      return batch.map((it) => it * 2);
    }, 10);
    const answers = await Promise.allSettled(Array.from({ length: 25 }, (_, i) => sequencer.submit(i)));
    expect(sizes).toEqual([10, 10, 5]);
    expect(answers.map(({ status }) => status).filter((it) => it === "rejected").length).toBe(10);
    expect(answers[24]).toEqual({ status: "fulfilled", value: 48 });
    expect(await sequencer.submit(7)).toBe(14);
    await sequencer.idle();
    expect(sequencer.queued).toBe(0);
  });
});
