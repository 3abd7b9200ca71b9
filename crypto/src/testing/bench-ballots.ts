/** Figures of encryption and verification, for the bench command; and ballots for tests that need many. */
import { type BallotItem, verifyBallots, verifyItem } from "../ballot/batch.ts";
import { signCast } from "../ballot/cast.ts";
import { type BallotContext, ballotContext, ballotHash } from "../ballot/core.ts";
import { encryptBallot } from "../ballot/encrypt.ts";
import { type ContestRule, chooseOne } from "../ballot/rule.ts";
import type { Choices } from "../ballot/seed.ts";
import { type KeyPair, randomKeyPair } from "../group/keypair.ts";
import { nobleEngine } from "../group/noble-engine.ts";
import { randomBytes } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { stockEngine } from "./stock-engine.ts";

/** A class with the given contests, under a fresh key that nobody shares. */
export function benchContext(rules: readonly ContestRule[] = [chooseOne(5)]): BallotContext {
  return ballotContext({
    context: randomBytes(32),
    key: randomKeyPair().publicKey,
    class: 0,
    contests: rules.map((rule, index) => ({ index, rule })),
  });
}

export interface CastBallotInput {
  readonly choices: Choices;
  readonly keys?: KeyPair;
  readonly previous?: Uint8Array | null;
  readonly checker?: Uint8Array | null;
  readonly seed?: Uint8Array;
}

/** Encrypts and casts one ballot, without passes: the hash of the passes is 32 zero bytes. */
export function castBallot(ballot: BallotContext, input: CastBallotInput): BallotItem {
  const { choices, keys = randomKeyPair(), previous = null, checker = null, seed = randomBytes(32) } = input;
  const core = unwrap(encryptBallot(ballot, { pseudonym: keys.encoded, previous, checker, choices, seed }));
  const passesHash = new Uint8Array(32);
  const statement = { context: ballot.context, ballot: ballotHash(ballot.context, core), passes: passesHash };
  return { kind: "ballot", ballot, core, casting: { signature: signCast(statement, keys), passesHash } };
}

/** `count` choose-one-of-5 ballots, the choices in turn. */
export function makeBallots(count: number, ballot: BallotContext = benchContext()): BallotItem[] {
  return Array.from({ length: count }, (_, i) =>
    castBallot(ballot, { choices: [Array.from({ length: 5 }, (_, option) => (option === i % 5 ? 1 : 0))] }),
  );
}

export interface VerificationFigure {
  readonly engine: "plain" | "noble pippenger" | "noble";
  /** Ballots per multi-scalar multiplication; 1 for the plain verifier. */
  readonly batch: number;
  readonly ballots: number;
  readonly ballotsPerSecond: number;
}

const now = () => performance.now();

declare const performance: { now(): number };

/** Milliseconds per ballot, encryption and proofs without the signature, tables made before. */
export function timeEncryption(count: number): number {
  const ballot = benchContext();
  const keys = randomKeyPair();
  const encrypt = () =>
    unwrap(
      encryptBallot(ballot, {
        pseudonym: keys.encoded,
        previous: null,
        checker: null,
        choices: [[0, 0, 1, 0, 0]],
        seed: randomBytes(32),
      }),
    );
  for (let i = 0; i < 5; i++) encrypt();
  const start = now();
  for (let i = 0; i < count; i++) encrypt();
  return (now() - start) / count;
}

/** Verifies the same ballots with the plain verifier, noble's stock `pippenger` and the house's own, single-threaded. */
export function timeVerification(
  items: readonly BallotItem[],
  batches: readonly number[] = [1, 16, 64, 256, 1024],
  plain = 10,
): VerificationFigure[] {
  const figures: VerificationFigure[] = [];
  const measure = (engine: VerificationFigure["engine"], batch: number, ballots: number, run: () => boolean) => {
    const start = now();
    if (!run()) throw new Error(`${engine} refuses valid ballots`);
    figures.push({ engine, batch, ballots, ballotsPerSecond: ballots / ((now() - start) / 1000) });
  };
  const some = items.slice(0, plain);
  measure("plain", 1, some.length, () => some.every((item) => verifyItem(item).ok));
  const engines = [stockEngine(), nobleEngine()];
  for (const batch of batches) {
    // Small batches cost more per ballot: a few of them suffice.
    const part = items.slice(0, Math.max(batch, Math.min(items.length, 64)));
    for (const engine of engines)
      measure(engine.name as VerificationFigure["engine"], batch, part.length, () => {
        const { failures, overruled } = verifyBallots(engine, part, { chunk: batch });
        return failures.length + overruled.length === 0;
      });
  }
  return figures;
}
