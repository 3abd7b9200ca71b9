import { bytesToHex, equalBytes } from "@hanpyo/crypto";
import type pg from "pg";
import { encodeEntry, firstPrev, leafHash } from "../log/index.ts";
import { quoteSchema } from "./migrate.ts";
import { nodeSha256 } from "./node-crypto.ts";

/** What to append. `submission` (32 bytes) names the request: a second one with the same name gets the first one's answer. */
export interface Submission {
  readonly type: number;
  readonly payload: Uint8Array;
  readonly submission: Uint8Array;
}

/** Where an entry stands; `duplicate` if it was there before (or stands earlier in the same batch). */
export interface Appended {
  readonly index: number;
  readonly prev: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly duplicate: boolean;
}

/** `leafHash` is that of the last entry, and of an empty log the `prev` of entry 0. */
export interface Head {
  readonly size: number;
  readonly leafHash: Uint8Array;
}

/** Somebody else moved the head: drop everything in memory, reload, and never retry blindly. */
export class Fenced extends Error {
  override readonly name = "Fenced";
}

/** The database said the commit is not durable everywhere it should be: not acknowledged; ask again by submission. */
export class NotDurable extends Error {
  override readonly name = "NotDurable";
}

/** The log while this transaction holds its lock. */
export interface LockedLog {
  readonly tx: pg.PoolClient;
  readonly head: Head;
  /** The entries that already stand under these submissions, keyed by hex. */
  find(submissions: readonly Uint8Array[]): Promise<Map<string, Appended>>;
  /** Chains and inserts the batch; duplicates are answered with the first entry. Throws `Fenced`. */
  append(batch: readonly Submission[]): Promise<Appended[]>;
}

export interface EntryStoreOptions {
  /** Default `board`. */
  readonly schema?: string;
  /** Only this store may append from now on: every other one that is open on the origin is fenced. */
  readonly exclusive?: boolean;
}

interface Row {
  readonly idx: string;
  readonly leaf_hash: Buffer;
  readonly sub_id: Buffer;
  readonly prev: Buffer;
}

const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);
const toAppended = (row: Row): Appended => ({
  index: Number(row.idx),
  prev: plain(row.prev),
  leafHash: plain(row.leaf_hash),
  duplicate: true,
});

/** The entries of one log in Postgres. Any number of processes may append to one origin; the head's row lock orders them. */
export class EntryStore {
  readonly origin: string;
  readonly #pool: pg.Pool;
  readonly #schema: string;
  readonly #log: number;
  /** Null where every sequencer may append. */
  readonly #epoch: number | null;

  private constructor(pool: pg.Pool, schema: string, origin: string, log: number, epoch: number | null) {
    this.#pool = pool;
    this.#schema = schema;
    this.origin = origin;
    this.#log = log;
    this.#epoch = epoch;
  }

  /** Opens the origin's log and makes it if it is new. The schema must have been migrated. */
  static async open(pool: pg.Pool, origin: string, options: EntryStoreOptions = {}): Promise<EntryStore> {
    const schema = quoteSchema(options.schema ?? "board");
    await pool.query(
      `insert into ${schema}.head (origin, leaf_hash)
       select $1, $2 where not exists (select from ${schema}.head where origin = $1) on conflict do nothing`,
      [origin, Buffer.from(firstPrev(origin, nodeSha256))],
    );
    const { rows } = await pool.query<{ log: number; epoch: string }>(
      options.exclusive
        ? `update ${schema}.head set epoch = epoch + 1 where origin = $1 returning log, epoch`
        : `select log, epoch from ${schema}.head where origin = $1`,
      [origin],
    );
    const { log, epoch } = rows[0]!;
    return new EntryStore(pool, schema, origin, log, options.exclusive ? Number(epoch) : null);
  }

  async head(): Promise<Head> {
    const { rows } = await this.#pool.query<{ size: string; leaf_hash: Buffer }>(
      `select size, leaf_hash from ${this.#schema}.head where log = $1`,
      [this.#log],
    );
    return { size: Number(rows[0]!.size), leafHash: plain(rows[0]!.leaf_hash) };
  }

  /**
   * Appends in one transaction; returns after the commit is durable. `also` runs in the same transaction, for tables
   * that follow the log; if it throws, nothing happened. Throws RangeError (leaf too long), `Fenced`, `NotDurable`, or
   * the database's error: after any but the first, look the submissions up before telling anybody anything.
   */
  append(
    batch: readonly Submission[],
    also?: (tx: pg.PoolClient, appended: readonly Appended[]) => Promise<void>,
  ): Promise<Appended[]> {
    return this.transaction(async (log) => {
      const appended = await log.append(batch);
      await also?.(log.tx, appended);
      return appended;
    });
  }

  /** Runs `work` while holding the log's lock, for callers who must judge entries against the state they are appended to. */
  async transaction<T>(work: (log: LockedLog) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // A connection lost between two queries makes the next one fail; unheard, its event would end the process.
    const onLost = (): void => {};
    client.on("error", onLost);
    const warnings: string[] = [];
    // With a synchronous standby a commit that was cancelled while waiting is reported as done, with a warning (01000).
    const onNotice = (notice: { code?: string | undefined; message?: string | undefined }): void => {
      if (notice.code?.startsWith("01")) warnings.push(notice.message ?? notice.code);
    };
    let broken = true;
    try {
      const begun = (await client.query(
        `begin; select size, leaf_hash, epoch from ${this.#schema}.head where log = ${this.#log} for update`,
      )) as unknown as { rows: { size: string; leaf_hash: Buffer; epoch: string }[] }[];
      const row = begun[1]!.rows[0]!;
      if (this.#epoch !== null && Number(row.epoch) !== this.#epoch) {
        await client.query("rollback");
        broken = false;
        throw new Fenced(`another sequencer took over ${this.origin}`);
      }
      const locked = new Locked(client, this.#schema, this.#log, this.origin, row);
      let result: T;
      try {
        result = await work(locked);
      } catch (error) {
        broken = await client.query("rollback").then(
          () => false,
          () => true, // the connection is gone, and with it the transaction
        );
        throw error;
      }
      client.on("notice", onNotice);
      const committed = await client.query("commit");
      broken = false;
      if (committed.command !== "COMMIT") throw new NotDurable(`the transaction ended with ${committed.command}`);
      if (warnings.length > 0) throw new NotDurable(`the commit warned: ${warnings.join("; ")}`);
      return result;
    } finally {
      client.off("notice", onNotice);
      if (!broken) client.off("error", onLost);
      client.release(broken); // a closed connection rolls back
    }
  }

  /** The entry that stands under this submission, or null. */
  async bySubmission(submission: Uint8Array): Promise<Appended | null> {
    const { rows } = await this.#pool.query<Row>(
      `select idx, leaf_hash, sub_id, substring(body, 11, 32) as prev from ${this.#schema}.entry where log = $1 and sub_id = $2`,
      [this.#log, Buffer.from(submission)],
    );
    return rows[0] === undefined ? null : toAppended(rows[0]);
  }

  /** The bytes of the entries [from, to), in order. Throws if one is missing. */
  async *read(from: number, to: number): AsyncGenerator<Uint8Array> {
    for await (const { body } of this.rows(from, to)) yield body;
  }

  /** Bytes and stored leaf hashes of the entries [from, to), in order. Throws if one is missing. */
  async *rows(from: number, to: number): AsyncGenerator<{ index: number; body: Uint8Array; leafHash: Uint8Array }> {
    for (let at = from; at < to; ) {
      const { rows } = await this.#pool.query<{ idx: string; body: Buffer; leaf_hash: Buffer }>({
        name: `rows ${this.#schema}`,
        text: `select idx, body, leaf_hash from ${this.#schema}.entry where log = $1 and idx >= $2 and idx < $3 order by idx limit 512`,
        values: [this.#log, at, to],
      });
      if (rows.length === 0) throw new Error(`${this.origin}: entry ${at} is missing`);
      for (const row of rows) {
        if (Number(row.idx) !== at) throw new Error(`${this.origin}: entry ${at} is missing`);
        yield { index: at, body: plain(row.body), leafHash: plain(row.leaf_hash) };
        at++;
      }
    }
  }
}

class Locked implements LockedLog {
  readonly tx: pg.PoolClient;
  readonly #schema: string;
  readonly #log: number;
  readonly #epoch: string;
  #head: Head;

  constructor(
    tx: pg.PoolClient,
    schema: string,
    log: number,
    origin: string,
    row: { size: string; leaf_hash: Buffer; epoch: string },
  ) {
    this.tx = tx;
    this.#schema = schema;
    this.#log = log;
    this.#epoch = row.epoch;
    this.#head = { size: Number(row.size), leafHash: plain(row.leaf_hash) };
    if (this.#head.size === 0 && !equalBytes(this.#head.leafHash, firstPrev(origin, nodeSha256))) {
      throw new Error(`${origin}: the empty log does not start at its origin`);
    }
  }

  get head(): Head {
    return this.#head;
  }

  async find(submissions: readonly Uint8Array[]): Promise<Map<string, Appended>> {
    const { rows } = await this.tx.query<Row>({
      name: `find ${this.#schema}`,
      text: `select idx, leaf_hash, sub_id, substring(body, 11, 32) as prev from ${this.#schema}.entry
             where log = $1 and sub_id in (select substring($2::bytea, i * 32 + 1, 32) from generate_series(0, $3::int - 1) i)`,
      values: [this.#log, Buffer.concat(submissions), submissions.length],
    });
    return new Map(rows.map((row) => [row.sub_id.toString("hex"), toAppended(row)]));
  }

  async append(batch: readonly Submission[]): Promise<Appended[]> {
    if (batch.some(({ submission }) => submission.length !== 32))
      throw new RangeError("a submission's name is 32 bytes");
    const known = batch.length === 0 ? new Map<string, Appended>() : await this.find(batch.map((it) => it.submission));
    const bodies: Uint8Array[] = [];
    const leaves: Uint8Array[] = [];
    const names: Uint8Array[] = [];
    const appended: Appended[] = [];
    let prev = this.#head.leafHash;
    for (const { type, payload, submission } of batch) {
      const name = bytesToHex(submission);
      const first = known.get(name);
      if (first !== undefined) {
        appended.push({ ...first, duplicate: true });
        continue;
      }
      const index = this.#head.size + bodies.length;
      const body = encodeEntry({ type, index, prev, payload });
      const leaf = leafHash(body, nodeSha256);
      const entry: Appended = { index, prev, leafHash: leaf, duplicate: false };
      known.set(name, entry);
      appended.push(entry);
      bodies.push(body);
      leaves.push(leaf);
      names.push(submission);
      prev = leaf;
    }
    if (bodies.length > 0) await this.#insert(bodies, leaves, names);
    return appended;
  }

  /** One statement moves the head by compare-and-swap and inserts the rows, cut out of one binary blob per column. */
  async #insert(bodies: Uint8Array[], leaves: Uint8Array[], names: Uint8Array[]): Promise<void> {
    const offsets: number[] = [];
    let offset = 1;
    for (const body of bodies) {
      offsets.push(offset);
      offset += body.length;
    }
    const head: Head = { size: this.#head.size + bodies.length, leafHash: leaves.at(-1)! };
    const { rowCount } = await this.tx.query({
      name: `append ${this.#schema}`,
      text: `with h as (
               update ${this.#schema}.head set size = $2, leaf_hash = $3
               where log = $4 and size = $1 and leaf_hash = $5 and epoch = $6 returning 1)
             insert into ${this.#schema}.entry (log, idx, leaf_hash, sub_id, body)
             select $4, $1::bigint + o.i - 1, substring($7::bytea, (o.i::int - 1) * 32 + 1, 32),
                    substring($8::bytea, (o.i::int - 1) * 32 + 1, 32), substring($9::bytea, o.off, o.len)
             from h, unnest($10::int[], $11::int[]) with ordinality o(off, len, i)`,
      values: [
        this.#head.size,
        head.size,
        Buffer.from(head.leafHash),
        this.#log,
        Buffer.from(this.#head.leafHash),
        this.#epoch,
        Buffer.concat(leaves),
        Buffer.concat(names),
        Buffer.concat(bodies),
        offsets,
        bodies.map((body) => body.length),
      ],
    });
    if (rowCount !== bodies.length) throw new Fenced(`the head moved: ${rowCount} of ${bodies.length} rows`);
    this.#head = head;
  }
}
