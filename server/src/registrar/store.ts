/** A registrar's own tables. Everything it promises is committed before it answers. */
import path from "node:path";
import { migrate, quoteSchema } from "@hanpyo/bulletin-board/node";
import type pg from "pg";

export const registrarMigrations = path.join(import.meta.dirname, "migrations");

/** A pass as the registrar's copy of the log has it. */
export interface LoggedPass {
  readonly entry: number;
  readonly class: number;
  readonly request: Uint8Array;
}

export interface StoredEndorsement {
  readonly nullifier: Uint8Array;
  readonly request: Uint8Array;
  readonly class: number;
  readonly evidence: Uint8Array;
  readonly sealed: Uint8Array;
  readonly signature: Uint8Array;
}

export interface CopiedEntry {
  readonly entry: number;
  readonly leaf: Uint8Array;
  readonly body: Uint8Array;
  readonly nullifier: Uint8Array;
  readonly class: number;
  readonly request: Uint8Array;
}

const plain = (buffer: Buffer): Uint8Array => Uint8Array.from(buffer);

export class RegistrarStore {
  readonly #pool: pg.Pool;
  readonly #schema: string;

  private constructor(pool: pg.Pool, schema: string) {
    this.#pool = pool;
    this.#schema = schema;
  }

  /** Makes or updates the tables of one registrar, in a schema of its own. */
  static async open(pool: pg.Pool, schema: string): Promise<RegistrarStore> {
    await migrate(pool, schema, registrarMigrations);
    return new RegistrarStore(pool, quoteSchema(schema));
  }

  /** Times are milliseconds since 1970. */
  async addNonce(nonce: Uint8Array, holder: Uint8Array, expires: number, now: number): Promise<void> {
    await this.#pool.query(`delete from ${this.#schema}.nonce where expires <= $1`, [now]);
    await this.#pool.query(`insert into ${this.#schema}.nonce (nonce, holder, expires) values ($1, $2, $3)`, [
      nonce,
      holder,
      expires,
    ]);
  }

  /** Binds a nonce to the requests that use it first; false for one that is unknown, expired, another's or bound otherwise. */
  async bindNonce(nonce: Uint8Array, holder: Uint8Array, bound: string, now: number): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `update ${this.#schema}.nonce set bound = $3
       where nonce = $1 and holder = $2 and expires > $4 and (bound is null or bound = $3)`,
      [nonce, holder, bound, now],
    );
    return rowCount === 1;
  }

  async knowsPerson(tag: Uint8Array): Promise<boolean> {
    const { rowCount } = await this.#pool.query(`select from ${this.#schema}.person where tag = $1`, [tag]);
    return rowCount === 1;
  }

  async endorsement(nullifier: Uint8Array, request: Uint8Array): Promise<StoredEndorsement | null> {
    const { rows } = await this.#pool.query<Record<string, Buffer> & { class: number }>(
      `select class, evidence, sealed, signature from ${this.#schema}.endorsement where nullifier = $1 and request = $2`,
      [nullifier, request],
    );
    const [row] = rows;
    if (row === undefined) return null;
    return {
      nullifier,
      request,
      class: row.class,
      evidence: plain(row.evidence!),
      sealed: plain(row.sealed!),
      signature: plain(row.signature!),
    };
  }

  /** Keeps endorsements before they are given; those that are there already stay as they are. */
  async addEndorsements(tag: Uint8Array, added: readonly StoredEndorsement[], due: number): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query("begin");
      await client.query(`insert into ${this.#schema}.person (tag) values ($1) on conflict do nothing`, [tag]);
      for (const it of added)
        await client.query(
          `insert into ${this.#schema}.endorsement (nullifier, request, class, evidence, sealed, signature, due)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
          [it.nullifier, it.request, it.class, it.evidence, it.sealed, it.signature, due],
        );
      await client.query("commit");
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Endorsements that nobody has logged although it was time. */
  async overdue(now: number): Promise<readonly StoredEndorsement[]> {
    const { rows } = await this.#pool.query<{ nullifier: Buffer; request: Buffer }>(
      `select nullifier, request from ${this.#schema}.endorsement where due <= $1 order by due limit 50`,
      [now],
    );
    const found: StoredEndorsement[] = [];
    for (const { nullifier, request } of rows) found.push((await this.endorsement(plain(nullifier), plain(request)))!);
    return found;
  }

  /** When to look again; null = never. */
  async postpone({ nullifier, request }: StoredEndorsement, due: number | null): Promise<void> {
    await this.#pool.query(`update ${this.#schema}.endorsement set due = $3 where nullifier = $1 and request = $2`, [
      nullifier,
      request,
      due,
    ]);
  }

  async pass(nullifier: Uint8Array): Promise<LoggedPass | null> {
    const { rows } = await this.#pool.query<{ entry: string; class: number; request: Buffer }>(
      `select entry, class, request from ${this.#schema}.pass where nullifier = $1`,
      [nullifier],
    );
    const [row] = rows;
    return row === undefined ? null : { entry: Number(row.entry), class: row.class, request: plain(row.request) };
  }

  async passesPerClass(): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.#pool.query<{ class: number; n: string }>(
      `select class, count(*) as n from ${this.#schema}.pass group by class`,
    );
    return new Map(rows.map((row) => [row.class, Number(row.n)]));
  }

  /** The copy's last state: entries held, last leaf hash, and the checkpoint they were seen under. */
  async copyState(): Promise<{
    readonly size: number;
    readonly leaf: Uint8Array | null;
    readonly note: string | null;
  }> {
    const { rows } = await this.#pool.query<{ size: string; note: string }>(
      `select size, note from ${this.#schema}.checkpoint`,
    );
    const last = await this.#pool.query<{ entry: string; leaf: Buffer }>(
      `select entry, leaf from ${this.#schema}.pass_log order by entry desc limit 1`,
    );
    const [tail] = last.rows;
    const size = tail === undefined ? 0 : Number(tail.entry) + 1;
    if (Number(rows[0]?.size ?? 0) < size) throw new Error("the copy of the pass log holds more than its checkpoint");
    return { size, leaf: tail === undefined ? null : plain(tail.leaf), note: rows[0]?.note ?? null };
  }

  /** Adds entries with the checkpoint that covers them, in one transaction. */
  async extendCopy(entries: readonly CopiedEntry[], size: number, note: string): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query("begin");
      for (const it of entries) {
        await client.query(`insert into ${this.#schema}.pass_log (entry, leaf, body) values ($1, $2, $3)`, [
          it.entry,
          it.leaf,
          it.body,
        ]);
        await client.query(
          `insert into ${this.#schema}.pass (nullifier, entry, class, request) values ($1, $2, $3, $4)`,
          [it.nullifier, it.entry, it.class, it.request],
        );
        await client.query(`update ${this.#schema}.endorsement set due = null where nullifier = $1`, [it.nullifier]);
      }
      await client.query(
        `insert into ${this.#schema}.checkpoint (size, note) values ($1, $2)
         on conflict (one) do update set size = excluded.size, note = excluded.note`,
        [size, note],
      );
      await client.query("commit");
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Writes N → request for good before a signature is given; false if another request stands there. */
  async commitSigned(nullifier: Uint8Array, request: Uint8Array): Promise<boolean> {
    await this.#pool.query(
      `insert into ${this.#schema}.signed (nullifier, request) values ($1, $2) on conflict do nothing`,
      [nullifier, request],
    );
    const { rows } = await this.#pool.query<{ request: Buffer }>(
      `select request from ${this.#schema}.signed where nullifier = $1`,
      [nullifier],
    );
    return rows[0]?.request.equals(request) ?? false;
  }
}
