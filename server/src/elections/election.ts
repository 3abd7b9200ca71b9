import { EventEmitter } from "node:events";
import {
  type Ballot,
  type BallotDelta,
  type BallotView,
  type ElectionState,
  EntryType,
  encodeBallot,
  encodeEntry,
  Judge,
  type Judgement,
  leafHash,
  type Refusal,
  Rulebook,
  type RuleInputs,
} from "@hanpyo/bulletin-board";
import {
  type EntryStore,
  Fenced,
  type Head,
  type LockedLog,
  NotDurable,
  nodeSha256,
  submissionOf,
} from "@hanpyo/bulletin-board/node";
import { bytesToHex, equalBytes, err, ok, type Result } from "@hanpyo/crypto";
import type { DocumentStore } from "../board/documents.ts";
import { type BallotKeys, type BallotTables, ballotKeys } from "./ballot-tables.ts";
import { ballotsOf, replay } from "./replay.ts";
import { WriteQueue } from "./write-queue.ts";

/** Where an entry stands on the record; `duplicate` if it did before. */
export interface Placed {
  readonly index: number;
  readonly prev: Uint8Array;
  readonly leaf: Uint8Array;
  readonly duplicate: boolean;
}

/** A refusal with the newest entry it was judged at. */
export interface JudgedRefusal extends Refusal {
  readonly head: number;
  readonly leaf: Uint8Array;
}

/** A ballot whose form, proofs, signature and passes hold. */
export interface VerifiedBallot {
  readonly ballot: Ballot;
  readonly h: Uint8Array;
}

/** What rules ask beside the state, filled in by whoever makes the entry. */
export interface KnownInputs {
  readonly recordRoots?: ReadonlyMap<number, Uint8Array>;
  readonly passesRoots?: ReadonlyMap<number, Uint8Array>;
  readonly classSums?: ReturnType<RuleInputs["classSums"]>;
  readonly countedBitmap?: ReturnType<RuleInputs["countedBitmap"]>;
}

export interface ElectionParts {
  readonly record: EntryStore;
  readonly tables: BallotTables;
  readonly documents: DocumentStore;
  readonly passes: { perClass(size: number): readonly number[] | undefined; total(item: number): number };
}

interface ElectionEvents {
  /** An entry was committed and applied. */
  appended: [entry: { readonly index: number; readonly type: number; readonly payload: Uint8Array }];
  /** The server must end: somebody else writes to this record. */
  fatal: [error: Error];
}

/**
 * The state of an election, and the only way to change it: judge, append, apply, one entry after the other. What is applied
 * is committed; what is committed is applied, also where the database's answer to the commit was lost.
 */
export class Election extends EventEmitter<ElectionEvents> {
  readonly queue = new WriteQueue();
  readonly #parts: ElectionParts;
  readonly #rulebook: Rulebook;
  #head: Head;

  private constructor(parts: ElectionParts, rulebook: Rulebook, head: Head) {
    super();
    this.#parts = parts;
    this.#rulebook = rulebook;
    this.#head = head;
  }

  /** Reads the whole record. Throws BrokenRecord where it breaks its rules or the tables do not follow it. */
  static async open(parts: ElectionParts): Promise<Election> {
    const head = await parts.record.head();
    const rulebook = new Rulebook(parts.record.origin);
    await replay(parts.record, head.size, rulebook, {
      recordRoot: () => undefined,
      passesRoot: () => undefined,
      document: (hash) => parts.documents.get(hash),
      passesPerClass: (size) => parts.passes.perClass(size),
      classSums: () => undefined,
      countedBitmap: () => undefined,
    });
    await followRecord(parts, rulebook.state, head.size);
    return new Election(parts, rulebook, head);
  }

  get origin(): string {
    return this.#parts.record.origin;
  }

  get state(): ElectionState {
    return this.#rulebook.state;
  }

  /** Size and last leaf hash of the record as applied. */
  get head(): Head {
    return this.#head;
  }

  get tables(): BallotTables {
    return this.#parts.tables;
  }

  get record(): EntryStore {
    return this.#parts.record;
  }

  get documents(): DocumentStore {
    return this.#parts.documents;
  }

  /** Judges, appends and applies one entry that is not a ballot. */
  append(type: number, payload: Uint8Array, known: KnownInputs = {}): Promise<Result<Placed, JudgedRefusal>> {
    return this.queue.run(() => this.appendHere(type, payload, known));
  }

  /** The same for a caller that already runs in the queue. */
  async appendHere(type: number, payload: Uint8Array, known: KnownInputs = {}): Promise<Result<Placed, JudgedRefusal>> {
    const submission = submissionOf(type, payload);
    const outcome = await this.#commit<Result<Placed, JudgedRefusal>>(async (log) => {
      const first = (await log.find([submission])).get(bytesToHex(submission));
      if (first !== undefined) return { value: ok({ ...first, leaf: first.leafHash, duplicate: true }), entries: [] };
      const index = log.head.size;
      const leaf = leafOf(type, index, log.head.leafHash, payload);
      const judged = this.#judge({ index, type, payload, leafHash: leaf }, noBallots, known);
      if (!judged.ok) return { value: judged, entries: [] };
      await log.append([{ type, payload, submission }]);
      return {
        value: ok({ index, prev: this.#head.leafHash, leaf, duplicate: false }),
        entries: [{ index, type, payload, judgement: judged.value }],
      };
    });
    return outcome;
  }

  /** Where an entry of this type and payload stands already, or null. */
  async find(type: number, payload: Uint8Array): Promise<Placed | null> {
    const first = await this.#parts.record.bySubmission(submissionOf(type, payload));
    return first === null ? null : { ...first, leaf: first.leafHash, duplicate: true };
  }

  /** What the rulebook says to an entry now, without appending it. */
  dryRun(type: number, payload: Uint8Array): readonly Refusal[] {
    const judge = new Judge();
    const { size, leafHash: prev } = this.#head;
    const leaf = leafOf(type, size, prev, payload);
    this.#rulebook.judge({ index: size, type, payload, leafHash: leaf }, this.#inputs(noBallots, {}), judge);
    return judge.refusals;
  }

  /** What the rulebook says to a ballot now; `null` = nothing against it. */
  async judgeBallot(ballot: Ballot, h: Uint8Array): Promise<JudgedRefusal | null> {
    const view = await this.#parts.tables.prefetch([ballotKeys(ballot, h)]);
    const judged = this.#judgeBallot(ballot, encodeBallot(ballot), this.#head, view, []);
    return judged.ok ? null : judged.error;
  }

  /** Judges, appends and applies ballots in this order, in one transaction with their tables. */
  appendBallots(batch: readonly VerifiedBallot[]): Promise<Result<Placed, JudgedRefusal>[]> {
    return this.queue.run(() => this.#appendBallots(batch));
  }

  #appendBallots(batch: readonly VerifiedBallot[]): Promise<Result<Placed, JudgedRefusal>[]> {
    const keys = batch.map(({ ballot, h }): BallotKeys => ballotKeys(ballot, h));
    return this.#commit(async (log) => {
      const found = await log.find(batch.map(({ h }) => h));
      const view = await this.#parts.tables.prefetch(keys, log.tx);
      const values: Result<Placed, JudgedRefusal>[] = [];
      const entries: Applied[] = [];
      const deltas: BallotDelta[] = [];
      let head = log.head;
      for (const { ballot, h } of batch) {
        const first = found.get(bytesToHex(h));
        if (first !== undefined) {
          values.push(ok({ ...first, leaf: first.leafHash, duplicate: true }));
          continue;
        }
        const payload = encodeBallot(ballot);
        const judged = this.#judgeBallot(ballot, payload, head, view, deltas);
        if (!judged.ok) {
          values.push(judged);
          continue;
        }
        const { judgement, delta, leaf } = judged.value;
        view.apply(delta);
        deltas.push(delta);
        entries.push({ index: head.size, type: EntryType.ballot, payload, judgement, submission: h });
        const placed = { index: head.size, prev: head.leafHash, leaf, duplicate: false };
        values.push(ok(placed));
        found.set(bytesToHex(h), { ...placed, leafHash: leaf });
        head = { size: head.size + 1, leafHash: leaf };
      }
      await log.append(
        entries.map(({ payload, submission }) => ({ type: EntryType.ballot, payload, submission: submission! })),
      );
      await this.#parts.tables.write(log.tx, deltas);
      return { value: values, entries };
    });
  }

  #judgeBallot(
    ballot: Ballot,
    payload: Uint8Array,
    head: Head,
    view: BallotView,
    before: readonly BallotDelta[],
  ): Result<{ judgement: Judgement; delta: BallotDelta; leaf: Uint8Array }, JudgedRefusal> {
    const leaf = leafOf(EntryType.ballot, head.size, head.leafHash, payload);
    const judged = this.#judge({ index: head.size, type: EntryType.ballot, payload, leafHash: leaf }, view, {}, head);
    if (!judged.ok) return judged;
    const delta = judged.value.ballot;
    if (delta === undefined) throw new Error("the rulebook admitted a ballot without saying what it changes");
    // Check 18d would refuse every later anchor: a ballot without a logged pass must not stop the whole election.
    const item = ballot.core.class;
    const firsts =
      (this.state.firstBallots[item] ?? 0) + before.filter((it) => it.replaces === null && it.class === item).length;
    if (delta.replaces === null && firsts >= this.#parts.passes.total(item))
      return this.#refuse({ part: "18d", code: "no-passes-left", detail: `class ${item}`, entry: head.size }, head);
    return ok({ judgement: judged.value, delta, leaf });
  }

  #judge(
    entry: { index: number; type: number; payload: Uint8Array; leafHash: Uint8Array },
    ballots: BallotView,
    known: KnownInputs,
    head: Head = this.#head,
  ): Result<Judgement, JudgedRefusal> {
    const judge = new Judge();
    const judgement = this.#rulebook.judge(entry, this.#inputs(ballots, known), judge);
    const [refusal] = judge.refusals;
    return refusal === undefined ? ok(judgement) : this.#refuse(refusal, head);
  }

  #refuse(refusal: Refusal, head: Head): Result<never, JudgedRefusal> {
    return err({ ...refusal, head: Math.max(0, head.size - 1), leaf: head.leafHash });
  }

  #inputs(ballots: BallotView, known: KnownInputs): RuleInputs {
    return {
      ballots,
      recordRoot: (size) => known.recordRoots?.get(size),
      passesRoot: (size) => known.passesRoots?.get(size),
      document: (hash) => this.#parts.documents.get(hash),
      passesPerClass: (size) => this.#parts.passes.perClass(size),
      classSums: () => known.classSums,
      countedBitmap: () => known.countedBitmap,
    };
  }

  /** Commits what `work` planned and applies it. Runs in the queue only. */
  async #commit<T>(work: (log: LockedLog) => Promise<Plan<T>>): Promise<T> {
    let planned: { plan: Plan<T>; after: Head } | null = null;
    let notDurable: NotDurable | null = null;
    try {
      await this.#parts.record.transaction(async (log) => {
        if (!sameHead(log.head, this.#head)) throw new Fenced("somebody else wrote to this record");
        const plan = await work(log);
        planned = { plan, after: log.head };
      });
    } catch (error) {
      if (error instanceof Fenced) this.emit("fatal", error);
      if (planned === null || error instanceof Fenced) throw error;
      const { after } = planned as { after: Head };
      // The commit's answer was lost or qualified: only the database knows whether it happened.
      if (!sameHead(await this.#storedHead(), after) || sameHead(after, this.#head)) throw error;
      if (error instanceof NotDurable) notDurable = error;
    }
    const { plan, after } = planned as unknown as { plan: Plan<T>; after: Head };
    this.#head = after;
    for (const entry of plan.entries) entry.judgement.apply();
    for (const { index, type, payload } of plan.entries) this.emit("appended", { index, type, payload });
    if (notDurable !== null) throw notDurable; // on the record, but nobody may be told yet
    return plan.value;
  }

  /** The head as the database has it, however long it takes to come back. */
  async #storedHead(): Promise<Head> {
    for (let wait = 50; ; wait = Math.min(2_000, 2 * wait)) {
      try {
        return await this.#parts.record.head();
      } catch {
        // Not back yet. Nothing else can be appended meanwhile, so that asking again is all there is to do.
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}

/**
 * The tables follow the record. After `board recover` has replayed entries above a restored database they are behind it, and
 * are made anew; ahead of it they can only be somebody else's.
 */
async function followRecord({ record, tables }: ElectionParts, state: ElectionState, size: number): Promise<void> {
  const { ballots, firstBallots, lastBallot, context, openEntry } = state;
  const pseudonyms = firstBallots.reduce((sum, n) => sum + n, 0);
  const fits = async (): Promise<boolean> => {
    const found = await tables.totals();
    if (found.ballots > ballots) throw new Error("the ballot tables are ahead of the record");
    return found.ballots === ballots && found.pseudonyms === pseudonyms && found.last === lastBallot;
  };
  if (await fits()) return;
  if (context !== null && openEntry !== null) await tables.rebuild(ballotsOf(record, openEntry + 1, size, context));
  if (!(await fits())) throw new Error("the ballot tables do not follow the record");
}

interface Applied {
  readonly index: number;
  readonly type: number;
  readonly payload: Uint8Array;
  readonly judgement: Judgement;
  readonly submission?: Uint8Array;
}

interface Plan<T> {
  readonly value: T;
  readonly entries: readonly Applied[];
}

const sameHead = (a: Head, b: Head): boolean => a.size === b.size && equalBytes(a.leafHash, b.leafHash);

const leafOf = (type: number, index: number, prev: Uint8Array, payload: Uint8Array): Uint8Array =>
  leafHash(encodeEntry({ type, index, prev, payload }), nodeSha256);

const noBallots: BallotView = {
  pseudonym: () => undefined,
  ballot: () => undefined,
  firstRandomness: () => undefined,
};
