/**
 * Encrypts and proves a ballot: a pure function of its input, so that device B can rebuild it. Secrets go only through
 * `multiply`, and every choice value takes the same sequence of operations: all candidate ciphertexts are computed and one
 * is selected, all branches of a proof are simulated and answered alike.
 */
import {
  decodeNonIdentity,
  encodePoint,
  G,
  generatorTable,
  IDENTITY,
  multiply,
  type Point,
} from "../group/ristretto.ts";
import { encodeScalar, modOrder } from "../group/scalar.ts";
import { commitDisjunction, type DisjunctionWitness, respondDisjunction } from "../proof/disjunction.ts";
import { err, ok, type Result } from "../result.ts";
import { type BallotContext, type BallotCore, ballotChallenge, type ContestBlock, type ContestSlot } from "./core.ts";
import type { ContestLayout } from "./layout.ts";
import { allows } from "./rule.ts";
import { type Choices, checkerFromSeed, coreRoot, SEED_BYTES, seedScalar } from "./seed.ts";

export interface EncryptInput {
  /** P, 32 bytes */
  readonly pseudonym: Uint8Array;
  /** h of P's latest ballot, or null */
  readonly previous: Uint8Array | null;
  /** Device B's key, or null: then it is derived from the seed. */
  readonly checker: Uint8Array | null;
  readonly choices: Choices;
  /** 32 fresh bytes; the same seed and input give the same core, byte for byte. */
  readonly seed: Uint8Array;
}

/** Which part of the input is not acceptable. */
export type EncryptFault = "choices" | "pseudonym" | "previous" | "checker" | "seed";

export function encryptBallot(ballot: BallotContext, input: EncryptInput): Result<BallotCore, EncryptFault> {
  if (input.seed.length !== SEED_BYTES) return err("seed");
  if (input.previous !== null && input.previous.length !== 32) return err("previous");
  if (!decodeNonIdentity(input.pseudonym).ok) return err("pseudonym");
  if (input.checker !== null && !decodeNonIdentity(input.checker).ok) return err("checker");
  if (input.choices.length !== ballot.contests.length) return err("choices");
  if (!ballot.contests.every(({ rule }, i) => allows(rule, input.choices[i]!))) return err("choices");
  return ok(answerBallot(ballot, prepareBallot(ballot, input)));
}

/** Reads every item, so that what is read does not depend on the index. */
function select<T>(items: readonly T[], index: number): T {
  let selected = items[0]!;
  for (let i = 1; i < items.length; i++) selected = i === index ? items[i]! : selected;
  return selected;
}

/** A ballot before its challenge: what a dishonest prover could still bend. Not exported from the package. */
export interface PreparedBallot extends Omit<BallotCore, "contests"> {
  readonly contests: readonly EncryptedContest[];
}

interface EncryptedContest {
  readonly layout: ContestLayout;
  readonly ciphertexts: Uint8Array;
  readonly commitments: Uint8Array;
  readonly witnesses: readonly DisjunctionWitness[];
}

/** Ciphertexts and commitments, of any values: `encryptBallot` checks them against the rules. */
export function prepareBallot(ballot: BallotContext, input: EncryptInput): PreparedBallot {
  const checker = input.checker ?? checkerFromSeed(input.seed);
  const header = { class: ballot.class, pseudonym: input.pseudonym, previous: input.previous, checker };
  const root = coreRoot(input.seed, ballot, { ...header, choices: input.choices });
  const keyTable = ballot.keyTable();
  return {
    ...header,
    contests: ballot.contests.map((slot, i) => encryptContest(root, keyTable, slot, input.choices[i]!)),
  };
}

/** Draws the one challenge and answers it. */
export function answerBallot(ballot: BallotContext, prepared: PreparedBallot): BallotCore {
  const challenge = ballotChallenge(ballot, prepared);
  return { ...prepared, contests: prepared.contests.map((contest) => answerContest(contest, challenge)) };
}

function encryptContest(
  root: Uint8Array,
  keyTable: Point,
  { index, layout }: ContestSlot & { readonly layout: ContestLayout },
  values: readonly number[],
): EncryptedContest {
  const ciphertexts = new Uint8Array(layout.ciphertextBytes);
  const powers: Point[] = [IDENTITY];
  while (powers.length <= layout.rule.maxValue) powers.push(powers.at(-1)!.add(G));
  const randomness: bigint[] = [];
  for (let option = 0; option < layout.values; option++) {
    const r = seedScalar(root, "r", index, option, 0);
    const mask = multiply(keyTable, r);
    const candidates = powers.slice(0, layout.proofs[option]!.branches).map((power) => mask.add(power));
    ciphertexts.set(encodePoint(multiply(generatorTable(), r)), 64 * option);
    ciphertexts.set(encodePoint(select(candidates, values[option]!)), 64 * option + 32);
    randomness.push(r);
  }
  const commitments = new Uint8Array(layout.commitmentBytes);
  const witnesses = layout.proofs.map((proof): DisjunctionWitness => {
    const option = proof.option ?? layout.values;
    const of = (purpose: "w" | "c" | "s", branch: number) => seedScalar(root, purpose, index, option, branch);
    const branches = Array.from({ length: proof.branches }, (_, j) => ({
      w: of("w", j),
      c: of("c", j),
      s: of("s", j),
    }));
    const witness = { ...opened(layout, proof.option, values, randomness), first: proof.first, branches };
    commitDisjunction(keyTable, witness).forEach(({ a, b }, j) => {
      commitments.set(encodePoint(a), proof.commitments + 64 * j);
      commitments.set(encodePoint(b), proof.commitments + 64 * j + 32);
    });
    return witness;
  });
  return { layout, ciphertexts, commitments, witnesses };
}

/** Value and randomness of one option's ciphertext, or of the sum's. */
function opened(
  layout: ContestLayout,
  option: number | null,
  values: readonly number[],
  randomness: readonly bigint[],
): { readonly value: number; readonly r: bigint } {
  if (option !== null) return { value: values[option]!, r: randomness[option]! };
  let value = 0;
  let r = 0n;
  layout.factors.forEach((factor, i) => {
    value += Number(factor) * values[i]!;
    r += factor * randomness[i]!;
  });
  return { value, r: modOrder(r) };
}

function answerContest({ layout, ciphertexts, commitments, witnesses }: EncryptedContest, c: bigint): ContestBlock {
  const responses = new Uint8Array(layout.responseBytes);
  layout.proofs.forEach((proof, i) => {
    const answer = respondDisjunction(witnesses[i]!, c);
    const scalars = [...answer.challenges.slice(0, -1), ...answer.responses];
    scalars.forEach((scalar, j) => {
      responses.set(encodeScalar(scalar), proof.challenges + 32 * j);
    });
  });
  return { ciphertexts, commitments, responses };
}
