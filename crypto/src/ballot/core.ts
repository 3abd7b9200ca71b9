/** The core of a ballot, its hash h and its one strong challenge (docs/protocol.md, section 5). */
import { encodePoint, type Point, withTable } from "../group/ristretto.ts";
import { challengeScalar } from "../group/scalar.ts";
import { Transcript } from "../transcript.ts";
import { type ContestLayout, contestLayout } from "./layout.ts";
import { type ContestRule, contestRuleFault } from "./rule.ts";

/** The three byte strings of one contest; layout.ts says what lies where. */
export interface ContestBlock {
  readonly ciphertexts: Uint8Array;
  readonly commitments: Uint8Array;
  readonly responses: Uint8Array;
}

export interface BallotCore {
  readonly class: number;
  /** P, 32 bytes */
  readonly pseudonym: Uint8Array;
  /** h of the ballot of P that this one replaces, or null for the first. */
  readonly previous: Uint8Array | null;
  /** The key of device B, or one derived from the core's seed; 32 bytes. */
  readonly checker: Uint8Array;
  /** The contests of the class, ascending by index. */
  readonly contests: readonly ContestBlock[];
}

export interface ContestSlot {
  /** The contest's index in the definition. */
  readonly index: number;
  readonly rule: ContestRule;
}

/** What a ballot of one class is encrypted and verified under. */
export interface BallotContext {
  /** C, leaf hash of the open entry, 32 bytes. */
  readonly context: Uint8Array;
  /** The election key K. */
  readonly key: Point;
  readonly keyBytes: Uint8Array;
  /** K with a table; made at the first encryption. */
  keyTable(): Point;
  readonly class: number;
  readonly contests: readonly (ContestSlot & { readonly layout: ContestLayout })[];
}

export interface BallotContextInput {
  readonly context: Uint8Array;
  readonly key: Point;
  readonly class: number;
  readonly contests: readonly ContestSlot[];
}

/**
 * Throws for what check 4 of the definition and check 6 of the ceremony refuse before any ballot is looked at: a broken
 * rule, contests that do not ascend, an identity key.
 */
export function ballotContext(input: BallotContextInput): BallotContext {
  if (input.context.length !== 32) throw new RangeError("C has 32 bytes");
  if (input.key.is0()) throw new RangeError("the election key is the identity");
  if (input.contests.length === 0) throw new RangeError("a ballot has at least one contest");
  input.contests.forEach(({ index, rule }, i) => {
    const fault = contestRuleFault(rule);
    if (fault !== null) throw new RangeError(`contest ${index}: bad ${fault}`);
    if (i > 0 && index <= input.contests[i - 1]!.index) throw new RangeError("contests ascend");
  });
  let table: Point | undefined;
  return {
    context: input.context,
    key: input.key,
    keyBytes: encodePoint(input.key),
    keyTable() {
      table ??= withTable(input.key);
      return table;
    },
    class: input.class,
    contests: input.contests.map((slot) => ({ ...slot, layout: contestLayout(slot.rule) })),
  };
}

/** h, 32 bytes: known before casting, named by `previous`, receipts and refusals. Needs a core of the right form only. */
export function ballotHash(context: Uint8Array, core: BallotCore): Uint8Array {
  const transcript = new Transcript("ballot")
    .append("context", context)
    .number("class", core.class)
    .append("pseudonym", core.pseudonym)
    .optional("previous", core.previous)
    .append("checker", core.checker)
    .number("contests", core.contests.length);
  for (const { ciphertexts, commitments, responses } of core.contests)
    transcript.append("ciphertexts", ciphertexts).append("commitments", commitments).append("responses", responses);
  return transcript.hash();
}

/** What the challenge needs of a core: everything but the responses. */
export interface ProvedCore extends Omit<BallotCore, "contests"> {
  readonly contests: readonly Omit<ContestBlock, "responses">[];
}

/** c, the one challenge of all proofs of a ballot; binds the whole statement and all commitments. */
export function ballotChallenge(ballot: BallotContext, core: ProvedCore): bigint {
  const transcript = new Transcript("proof")
    .append("context", ballot.context)
    .append("key", ballot.keyBytes)
    .number("class", core.class)
    .append("pseudonym", core.pseudonym)
    .optional("previous", core.previous)
    .append("checker", core.checker)
    .number("contests", core.contests.length);
  core.contests.forEach(({ ciphertexts, commitments }, i) => {
    transcript
      .number("contest", ballot.contests[i]!.index)
      .append("ciphertexts", ciphertexts)
      .append("commitments", commitments);
  });
  return challengeScalar(transcript);
}
