import {
  decodeEntry,
  decodeRecord,
  type ElectionState,
  EntryType,
  Judge,
  judgePass,
  type PassEntry,
  type PassRules,
  passEntry,
  type Refusal,
} from "@hanpyo/bulletin-board";
import { type EntryStore, type LockedLog, quoteSchema, submissionOf } from "@hanpyo/bulletin-board/node";
import { equalBytes, err, nobleEngine, ok, type Result, unwrap, verifyBallots } from "@hanpyo/crypto";
import type pg from "pg";
import type { WriteQueue } from "../elections/write-queue.ts";
import { PassCounts } from "./pass-counts.ts";

/** Where a pass stands in the log; `duplicate` if it did before. */
export interface PlacedPass {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly duplicate: boolean;
}

type Queryable = Pick<pg.Pool | pg.PoolClient, "query">;

export interface PassLogParts {
  readonly pool: pg.Pool;
  readonly store: EntryStore;
  /** Schema of the election's tables. */
  readonly schema: string;
}

/** The pass log: the first entry under a nullifier that carries the quorum's endorsements. */
export class PassLog {
  readonly counts: PassCounts;
  readonly #parts: PassLogParts;
  readonly #table: string;
  readonly #engine = nobleEngine();
  #rules: PassRules | null = null;

  private constructor(parts: PassLogParts, counts: PassCounts) {
    this.#parts = parts;
    this.#table = `${quoteSchema(parts.schema)}.pass`;
    this.counts = counts;
  }

  /** Reads the classes of all passes; throws where table and log disagree. */
  static async open(parts: PassLogParts): Promise<PassLog> {
    const counts = new PassCounts();
    const log = new PassLog(parts, counts);
    const { size } = await parts.store.head();
    const { rows } = await parts.pool.query<{ n: string }>(`select count(*) as n from ${log.#table}`);
    const found = Number(rows[0]!.n);
    if (found > size) throw new Error("the table of passes is ahead of the pass log");
    // Behind it after `board recover` has replayed entries above a restored database.
    await log.#read(size, found < size);
    return log;
  }

  /** Counts the passes from those counted so far on to `size`. */
  async #read(size: number, fill: boolean): Promise<void> {
    for await (const body of this.store.read(this.counts.size, size)) {
      const { index, payload } = unwrap(decodeEntry(body));
      const pass = unwrap(decodeRecord(passEntry, payload));
      this.counts.push(pass.class);
      if (fill) await this.#insert(this.#parts.pool, pass, index);
    }
  }

  async #insert(on: Queryable, pass: PassEntry, entry: number): Promise<void> {
    await on.query(
      `insert into ${this.#table} (nullifier, entry, class, request) values ($1, $2, $3, $4) on conflict (entry) do nothing`,
      [Buffer.from(pass.nullifier), entry, pass.class, Buffer.from(pass.request)],
    );
  }

  get store(): EntryStore {
    return this.#parts.store;
  }

  /** Judges and appends in the one queue of both logs. */
  async append(state: ElectionState, queue: WriteQueue, payload: Uint8Array): Promise<Result<PlacedPass, Refusal>> {
    const judge = new Judge();
    const decoded = decodeRecord(passEntry, payload);
    if (!decoded.ok) return err(refusal(judge, "18a", "form-invalid", decoded.error));
    if (state.definition === null || state.election === null)
      return err(refusal(judge, "18a", "out-of-order", "there is no definition yet"));
    const first = await this.#find(this.#parts.pool, decoded.value.nullifier);
    if (first !== null) return this.#repeat(decoded.value, first);
    // Signatures are checked before the queue; what depends on the log, in it.
    const form = judgePass(this.#rulesOf(state), unseen, EntryType.pass, payload, judge);
    if (form === null || judge.refusals[0] !== undefined) return err(judge.refusals[0]!);
    const { failures } = verifyBallots(
      this.#engine,
      form.endorsements.map((equation) => ({ kind: "schnorr", equation })),
    );
    if (failures.length > 0)
      return err(refusal(judge, "18b", "endorsement-invalid", `endorsement ${failures[0]!.index} does not hold`));
    return queue.run(() => this.#appendHere(state, decoded.value, payload));
  }

  #rulesOf(state: ElectionState): PassRules {
    this.#rules ??= {
      election: state.election!,
      definition: state.definition!,
      endorsementKey: (registrar) => state.registrarKeys.get(registrar)?.message.endorsement,
    };
    return this.#rules;
  }

  async #appendHere(state: ElectionState, pass: PassEntry, payload: Uint8Array): Promise<Result<PlacedPass, Refusal>> {
    const judge = new Judge();
    const closed = !["setup", "open", "paused"].includes(state.phase);
    if (closed) return err(refusal(judge, "18e", "passes-frozen", `the log ends in phase ${state.phase}`));
    const work = async (log: LockedLog): Promise<Result<PlacedPass, Refusal>> => {
      // Behind where a commit's answer was lost: the counts of every prefix would be of other passes.
      await this.#read(log.head.size, false);
      const first = await this.#find(log.tx, pass.nullifier);
      if (first !== null) return this.#repeat(pass, first);
      const view = { nullifier: () => undefined, passes: (item: number) => this.counts.total(item) };
      judgePass(this.#rulesOf(state), view, EntryType.pass, payload, judge);
      if (judge.refusals[0] !== undefined) return err(judge.refusals[0]);
      const [appended] = await log.append([
        { type: EntryType.pass, payload, submission: submissionOf(EntryType.pass, payload) },
      ]);
      await this.#insert(log.tx, pass, appended!.index);
      return ok({ index: appended!.index, leaf: appended!.leafHash, duplicate: false });
    };
    const outcome = await this.store.transaction(work).catch(async (error: unknown) => {
      await this.#read((await this.store.head()).size, false);
      throw error;
    });
    if (outcome.ok && !outcome.value.duplicate) this.counts.push(pass.class);
    return outcome;
  }

  /** The same request again gets the first entry; another one under the same nullifier is refused by it. */
  async #repeat(
    pass: PassEntry,
    first: { readonly entry: number; readonly class: number; readonly request: Uint8Array },
  ): Promise<Result<PlacedPass, Refusal>> {
    if (equalBytes(first.request, pass.request) && first.class === pass.class) {
      const leaf = await this.#leafOf(first.entry);
      return ok({ index: first.entry, leaf, duplicate: true });
    }
    const judge = new Judge();
    judge.refuse("18c", "nullifier-repeated", "a pass under this nullifier is logged", first.entry);
    return err(judge.refusals[0]!);
  }

  async #leafOf(entry: number): Promise<Uint8Array> {
    for await (const { leafHash } of this.#parts.store.rows(entry, entry + 1)) return leafHash;
    throw new Error(`entry ${entry} of the pass log is missing`);
  }

  async #find(on: Queryable, nullifier: Uint8Array) {
    const { rows } = await on.query<{ entry: string; class: number; request: Buffer }>(
      `select entry, class, request from ${this.#table} where nullifier = $1`,
      [Buffer.from(nullifier)],
    );
    const row = rows[0];
    return row === undefined
      ? null
      : { entry: Number(row.entry), class: row.class, request: Uint8Array.from(row.request) };
  }
}

const unseen = { nullifier: () => undefined, passes: () => 0 };

function refusal(judge: Judge, ...[part, code, detail]: [Refusal["part"], Refusal["code"], string]): Refusal {
  judge.refuse(part, code, detail);
  return judge.refusals.at(-1)!;
}
