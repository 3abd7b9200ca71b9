import type { Ballot, BallotDelta, BallotView, PseudonymRow } from "@hanpyo/bulletin-board";
import { quoteSchema } from "@hanpyo/bulletin-board/node";
import { bytesToHex } from "@hanpyo/crypto";
import type pg from "pg";

/** What the rulebook will ask about one ballot. */
export interface BallotKeys {
  readonly pseudonym: Uint8Array;
  readonly h: Uint8Array;
  readonly firstRandomness: Uint8Array;
}

export const ballotKeys = (ballot: Ballot, h: Uint8Array): BallotKeys => ({
  pseudonym: ballot.core.pseudonym,
  h,
  firstRandomness: ballot.core.contests[0]!.ciphertexts.slice(0, 32),
});

type Queryable = Pick<pg.Pool | pg.PoolClient, "query">;
const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);

/** A `BallotView` over rows fetched beforehand; asking for what was not fetched is a defect and throws. */
export class PrefetchedBallots implements BallotView {
  readonly #pseudonyms = new Map<string, PseudonymRow | undefined>();
  readonly #ballots = new Map<string, number | undefined>();
  readonly #randomness = new Map<string, number | undefined>();

  constructor(keys: readonly BallotKeys[]) {
    for (const { pseudonym, h, firstRandomness } of keys) {
      this.#pseudonyms.set(bytesToHex(pseudonym), undefined);
      this.#ballots.set(bytesToHex(h), undefined);
      this.#randomness.set(bytesToHex(firstRandomness), undefined);
    }
  }

  pseudonym(pseudonym: Uint8Array): PseudonymRow | undefined {
    return fetched(this.#pseudonyms, pseudonym);
  }

  ballot(h: Uint8Array): number | undefined {
    return fetched(this.#ballots, h);
  }

  firstRandomness(r: Uint8Array): number | undefined {
    return fetched(this.#randomness, r);
  }

  /** Lets later ballots of the same batch see an earlier one. */
  apply(delta: BallotDelta): void {
    const key = bytesToHex(delta.pseudonym);
    const before = this.#pseudonyms.get(key);
    this.#pseudonyms.set(key, {
      class: delta.class,
      ballots: (before?.ballots ?? 0) + 1,
      latest: delta.h,
      latestEntry: delta.entry,
    });
    this.#ballots.set(bytesToHex(delta.h), delta.entry);
    this.#randomness.set(bytesToHex(delta.firstRandomness), delta.entry);
  }

  /** Used by `BallotTables` alone. */
  fill(
    pseudonyms: Iterable<[string, PseudonymRow]>,
    ballots: Iterable<[string, number]>,
    randomness: Iterable<[string, number]>,
  ): void {
    for (const [key, row] of pseudonyms) this.#pseudonyms.set(key, row);
    for (const [key, entry] of ballots) this.#ballots.set(key, entry);
    for (const [key, entry] of randomness) this.#randomness.set(key, entry);
  }
}

function fetched<T>(map: ReadonlyMap<string, T>, key: Uint8Array): T {
  const name = bytesToHex(key);
  if (!map.has(name)) throw new Error("a ballot was judged whose rows were not fetched");
  return map.get(name) as T;
}

/** The tables behind the rulebook's `BallotView`, changed only in the transaction that appends. */
export class BallotTables {
  readonly #pool: pg.Pool;
  readonly #schema: string;

  constructor(pool: pg.Pool, schema: string) {
    this.#pool = pool;
    this.#schema = quoteSchema(schema);
  }

  async prefetch(keys: readonly BallotKeys[], on: Queryable = this.#pool): Promise<PrefetchedBallots> {
    const view = new PrefetchedBallots(keys);
    if (keys.length === 0) return view;
    const [pseudonyms, ballots] = [
      await on.query<{ pseudonym: Buffer; class: number; ballots: number; latest: Buffer; latest_entry: string }>({
        name: `pseudonyms ${this.#schema}`,
        text: `select pseudonym, class, ballots, latest, latest_entry from ${this.#schema}.pseudonym
               where pseudonym = any (${sliced})`,
        values: [Buffer.concat(keys.map((key) => key.pseudonym)), keys.length],
      }),
      await on.query<{ h: Buffer; entry: string; first_randomness: Buffer }>({
        name: `ballots ${this.#schema}`,
        text: `select h, entry, first_randomness from ${this.#schema}.ballot where h = any (${sliced})
               union select h, entry, first_randomness from ${this.#schema}.ballot
               where first_randomness = any (${sliced.replace("$1", "$3")})`,
        values: [
          Buffer.concat(keys.map((key) => key.h)),
          keys.length,
          Buffer.concat(keys.map((key) => key.firstRandomness)),
        ],
      }),
    ];
    view.fill(
      pseudonyms.rows.map((row) => [
        row.pseudonym.toString("hex"),
        { class: row.class, ballots: row.ballots, latest: plain(row.latest), latestEntry: Number(row.latest_entry) },
      ]),
      ballots.rows.map((row) => [row.h.toString("hex"), Number(row.entry)]),
      ballots.rows.map((row) => [row.first_randomness.toString("hex"), Number(row.entry)]),
    );
    return view;
  }

  /** Writes what admitted ballots change, in their transaction. */
  async write(tx: pg.PoolClient, deltas: readonly BallotDelta[]): Promise<void> {
    if (deltas.length === 0) return;
    await tx.query({
      name: `write ballots ${this.#schema}`,
      text: `insert into ${this.#schema}.ballot (h, entry, first_randomness)
             select substring($1::bytea, i * 32 + 1, 32), ($2::bigint[])[i + 1], substring($3::bytea, i * 32 + 1, 32)
             from generate_series(0, $4::int - 1) i`,
      values: [
        Buffer.concat(deltas.map((delta) => delta.h)),
        deltas.map((delta) => delta.entry),
        Buffer.concat(deltas.map((delta) => delta.firstRandomness)),
        deltas.length,
      ],
    });
    // Several ballots of one pseudonym in a batch: only the last may touch the row, but all of them count.
    const latest = new Map<string, { delta: BallotDelta; ballots: number }>();
    for (const delta of deltas) {
      const key = bytesToHex(delta.pseudonym);
      latest.set(key, { delta, ballots: (latest.get(key)?.ballots ?? 0) + 1 });
    }
    const rows = [...latest.values()];
    await tx.query({
      name: `write pseudonyms ${this.#schema}`,
      text: `insert into ${this.#schema}.pseudonym as p (pseudonym, class, ballots, latest, latest_entry)
             select substring($1::bytea, i * 32 + 1, 32), ($2::int[])[i + 1], ($3::int[])[i + 1],
                    substring($4::bytea, i * 32 + 1, 32), ($5::bigint[])[i + 1]
             from generate_series(0, $6::int - 1) i
             on conflict (pseudonym) do update set ballots = p.ballots + excluded.ballots,
               latest = excluded.latest, latest_entry = excluded.latest_entry`,
      values: [
        Buffer.concat(rows.map(({ delta }) => delta.pseudonym)),
        rows.map(({ delta }) => delta.class),
        rows.map(({ ballots }) => ballots),
        Buffer.concat(rows.map(({ delta }) => delta.h)),
        rows.map(({ delta }) => delta.entry),
        rows.length,
      ],
    });
  }

  /** Makes the tables anew from ballots in the order of the record, in one transaction. */
  async rebuild(
    ballots: AsyncIterable<BallotKeys & { readonly entry: number; readonly class: number }>,
  ): Promise<void> {
    const client = await this.#pool.connect();
    let broken = true;
    try {
      await client.query(`begin; truncate ${this.#schema}.ballot, ${this.#schema}.pseudonym`);
      let deltas: BallotDelta[] = [];
      for await (const { h, firstRandomness, pseudonym, entry, class: item } of ballots) {
        deltas.push({ h, firstRandomness, pseudonym, entry, class: item, replaces: null });
        if (deltas.length === 1000) {
          await this.write(client, deltas);
          deltas = [];
        }
      }
      await this.write(client, deltas);
      await client.query("commit");
      broken = false;
    } finally {
      client.release(broken);
    }
  }

  /** Ballots, pseudonyms, newest ballot's entry: what the fold over the record must find too. */
  async totals(): Promise<{ ballots: number; pseudonyms: number; last: number | null }> {
    const { rows } = await this.#pool.query<{ ballots: string; pseudonyms: string; last: string | null }>(
      `select (select count(*) from ${this.#schema}.ballot) as ballots,
              (select count(*) from ${this.#schema}.pseudonym) as pseudonyms,
              (select max(entry) from ${this.#schema}.ballot) as last`,
    );
    const row = rows[0]!;
    return {
      ballots: Number(row.ballots),
      pseudonyms: Number(row.pseudonyms),
      last: row.last === null ? null : Number(row.last),
    };
  }

  /** Entries of the ballots that count (the latest of each pseudonym) with their classes, ascending, in pages. */
  async *counted(page = 10_000): AsyncGenerator<readonly { readonly entry: number; readonly class: number }[]> {
    for (let after = -1; ; ) {
      const { rows } = await this.#pool.query<{ latest_entry: string; class: number }>(
        `select latest_entry, class from ${this.#schema}.pseudonym where latest_entry > $1 order by latest_entry limit $2`,
        [after, page],
      );
      if (rows.length === 0) return;
      yield rows.map((row) => ({ entry: Number(row.latest_entry), class: row.class }));
      after = Number(rows.at(-1)!.latest_entry);
    }
  }

  /** The pseudonyms of a bucket of the look-up index: first 8 bytes and entry of every ballot's latest. */
  async bucket(from: Uint8Array, to: Uint8Array | null): Promise<readonly { pseudonym: Uint8Array; entry: number }[]> {
    const { rows } = await this.#pool.query<{ pseudonym: Buffer; latest_entry: string }>(
      `select pseudonym, latest_entry from ${this.#schema}.pseudonym
       where pseudonym >= $1 and ($2::bytea is null or pseudonym < $2) order by pseudonym`,
      [Buffer.from(from), to === null ? null : Buffer.from(to)],
    );
    return rows.map((row) => ({ pseudonym: plain(row.pseudonym), entry: Number(row.latest_entry) }));
  }
}

/** $2 slices of 32 bytes cut out of $1: node-postgres would send an array of bytea as hex text. */
const sliced = "array(select substring($1::bytea, i * 32 + 1, 32) from generate_series(0, $2::int - 1) i)";
