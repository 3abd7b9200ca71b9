/** Checks 11–16a of ballots in batches: proofs, signatures and passes, and the running sums of those that hold. */
import {
  type Accumulator,
  type BallotContext,
  type BallotItem,
  ballotContext,
  ciphertextPosition,
  decodeNonIdentity,
  passMessage,
  unwrap,
  verifyBallots,
} from "@hanpyo/crypto";
import { type Ballot, passesHash } from "../record/ballot-entry.ts";
import type { CheckPart } from "../record/checks.ts";
import type { Judge } from "../record/judge.ts";
import type { RefusalCode } from "../record/refusals.ts";
import type { ClassSums } from "../record/rulebook.ts";
import type { ElectionState } from "../record/state.ts";
import { EntryBitmap } from "./bitmap.ts";
import type { VerifierPlatform } from "./platform.ts";
import type { Stopwatch } from "./report.ts";

/** The contexts of all classes once an election is open; undefined before. */
export function ballotContexts(state: ElectionState): readonly BallotContext[] | undefined {
  const { definition, context } = state;
  const key = state.ceremonies[0].completed?.key;
  if (!definition || !context || !key) return undefined;
  const K = unwrap(decodeNonIdentity(key));
  return definition.classes.map((item, index) =>
    ballotContext({
      context,
      key: K,
      class: index,
      contests: item.contests.map((contest) => ({ index: contest, rule: definition.contests[contest]!.rule })),
    }),
  );
}

/** The refusal for a part that a ballot fails. */
export const ballotRefusalCodes = {
  "11a": "wrong-class",
  "11b": "malformed",
  "11c": "bad-point",
  "11d": "bad-scalar",
  "12b": "pass-invalid",
  "13a": "signature-invalid",
  "14a": "selection-invalid",
  "15a": "limits-invalid",
  "15b": "blank-invalid",
  "16a": "randomness-repeated",
} as const satisfies Partial<Record<CheckPart, RefusalCode>>;

interface Queued {
  readonly entry: number;
  readonly ballot: Ballot;
  /** First ballots carry passes, re-votes none. */
  readonly first: boolean;
}

export class BallotProofs {
  readonly #state: ElectionState;
  readonly #contexts: readonly BallotContext[];
  readonly #platform: VerifierPlatform;
  readonly #judge: Judge;
  readonly #watch: Stopwatch;
  #queue: Queued[] = [];
  /** [class][contest of the class] */
  readonly #sums: Accumulator[][];
  /** Entries that are in the sums. */
  readonly #summed = new EntryBitmap();
  /** Valid by the plain verifier, refused by the engine: the engine is broken. */
  overruled = 0;
  verified = 0;

  constructor(
    state: ElectionState,
    contexts: readonly BallotContext[],
    platform: VerifierPlatform,
    judge: Judge,
    watch: Stopwatch,
  ) {
    this.#state = state;
    this.#contexts = contexts;
    this.#platform = platform;
    this.#judge = judge;
    this.#watch = watch;
    this.#sums = contexts.map((context) =>
      context.contests.map(({ layout }) => platform.engine.accumulator(2 * layout.values)),
    );
  }

  get queued(): number {
    return this.#queue.length;
  }

  push(entry: number, ballot: Ballot, first: boolean): void {
    this.#queue.push({ entry, ballot, first });
  }

  /** Verifies all that is queued. */
  async flush(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    if (queue.length === 0) return;
    const election = this.#state.election!;
    const items = queue.map(
      ({ ballot }): BallotItem => ({
        kind: "ballot",
        ballot: this.#contexts[ballot.core.class]!,
        core: ballot.core,
        casting: { signature: ballot.signature, passesHash: passesHash(election, ballot.passes) },
      }),
    );
    const verdict = this.#watch.time("14a", () =>
      verifyBallots(this.#platform.engine, items, {
        held: (index, points) => {
          const { core } = queue[index]!.ballot;
          const context = this.#contexts[core.class]!;
          for (const [contest, sum] of this.#sums[core.class]!.entries())
            sum.add(points, ciphertextPosition(context, contest));
          this.#summed.set(queue[index]!.entry);
        },
      }),
    );
    this.overruled += verdict.overruled.length;
    for (const { index, fault } of verdict.failures) {
      const part = fault.part === "schnorr" ? "13a" : fault.part;
      this.#judge.entry = queue[index]!.entry;
      this.#judge.refuse(part, ballotRefusalCodes[part], JSON.stringify(fault));
    }
    const held = queue.length - verdict.failures.length;
    this.verified += queue.length;
    for (const part of ["11a", "11b", "11c", "11d", "13a", "14a", "15a", "15b", "16a"] as const) this.#hold(part, held);
    await this.#watch.timeAsync("12b", () => this.#passes(queue.filter(({ first }) => first)));
  }

  async #passes(first: readonly Queued[]): Promise<void> {
    const election = this.#state.election!;
    const valid = await Promise.all(
      first.map(async ({ ballot: { core, passes } }) => {
        const message = passMessage(election, core.class, core.pseudonym);
        for (const { registrar, signature } of passes) {
          const modulus = this.#state.registrarKeys.get(registrar)?.message.moduli[core.class];
          if (!modulus || !(await this.#platform.rsa.verify(modulus, message, signature))) return registrar;
        }
        return null;
      }),
    );
    valid.forEach((bad, i) => {
      this.#judge.entry = first[i]!.entry;
      this.#judge.require("12b", bad === null, "pass-invalid", () => `the pass of registrar ${bad} does not hold`);
    });
  }

  #hold(part: CheckPart, count: number): void {
    if (count > 0) this.#judge.held.set(part, (this.#judge.held.get(part) ?? 0) + count);
  }

  /** Takes a replaced ballot out of the sums again, if it got in. */
  subtract(entry: number, ballot: Ballot): void {
    if (!this.#summed.has(entry)) return;
    const context = this.#contexts[ballot.core.class]!;
    const { engine } = this.#platform;
    context.contests.forEach((_, contest) => {
      const decoded = engine.decode(ballot.core.contests[contest]!.ciphertexts);
      this.#sums[ballot.core.class]![contest]!.subtract(decoded.points, 0);
    });
  }

  /** Sums of the counted ballots, per contest of the definition and class; call after `flush`. */
  classSums(): ClassSums {
    const { definition } = this.#state;
    return definition!.contests.map((_, contest) =>
      this.#contexts.map((context, item) => {
        const position = context.contests.findIndex(({ index }) => index === contest);
        return position < 0 ? null : this.#sums[item]![position]!.encode();
      }),
    );
  }
}
