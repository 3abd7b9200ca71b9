/** A prover of ballots that may cheat, for tests: it bends a ballot before or after the challenge and signs what comes out. */
import type { BallotItem } from "../ballot/batch.ts";
import { signCast } from "../ballot/cast.ts";
import { type BallotContext, type BallotCore, ballotContext, ballotHash } from "../ballot/core.ts";
import { answerBallot, type PreparedBallot, prepareBallot } from "../ballot/encrypt.ts";
import type { ContestRule } from "../ballot/rule.ts";
import type { Choices } from "../ballot/seed.ts";
import { type KeyPair, keyPairFrom } from "../group/keypair.ts";
import { decodePoint, encodePoint, G, multiplyPublic } from "../group/ristretto.ts";
import { randomBytes } from "../group/scalar.ts";
import { unwrap } from "../result.ts";

export const ELECTION_KEYS: KeyPair = keyPairFrom(0x1234567890abcdef1234567890abcdefn);
export const VOTER: KeyPair = keyPairFrom(0xfedcba0987654321n);

/** Contest i has index 2·i: positions and indices differ, so that mixing them up shows. */
export function testContext(...rules: ContestRule[]): BallotContext {
  return ballotContext({
    context: new Uint8Array(32).fill(7),
    key: ELECTION_KEYS.publicKey,
    class: 3,
    contests: rules.map((rule, i) => ({ index: 2 * i, rule })),
  });
}

/** The point at `position` of a byte string, times g^by. */
export function shiftPoint(bytes: Uint8Array, position: number, by = 1n): void {
  const point = unwrap(decodePoint(bytes.subarray(32 * position, 32 * position + 32)));
  bytes.set(encodePoint(point.add(multiplyPublic(G, by))), 32 * position);
}

export function cast(ballot: BallotContext, core: BallotCore, keys: KeyPair = VOTER): BallotItem {
  const passesHash = new Uint8Array(32).fill(9);
  const statement = { context: ballot.context, ballot: ballotHash(ballot.context, core), passes: passesHash };
  return { kind: "ballot", ballot, core, casting: { signature: signCast(statement, keys), passesHash } };
}

export interface Bend {
  /** Changes ciphertexts and commitments before the challenge is drawn. */
  readonly before?: (prepared: PreparedBallot) => void;
  /** Changes the finished core before it is signed. */
  readonly after?: (core: BallotCore) => void;
  readonly keys?: KeyPair;
}

/** A signed ballot of any values, bent as told; without a bend and with allowed values it is an honest one. */
export function proverBallot(ballot: BallotContext, choices: Choices, bend: Bend = {}): BallotItem {
  const keys = bend.keys ?? VOTER;
  const input = { pseudonym: keys.encoded, previous: null, checker: null, choices, seed: randomBytes(32) };
  const prepared = prepareBallot(ballot, input);
  bend.before?.(prepared);
  const core = answerBallot(ballot, prepared);
  bend.after?.(core);
  return cast(ballot, core, keys);
}
