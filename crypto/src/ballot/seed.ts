/**
 * All randomness of a core comes from one fresh 32-byte seed, so that device B can rebuild a tested core byte for byte. The
 * root absorbs every choice and every public value: one seed with anything changed never repeats a nonce.
 */
import { encodePoint, G, multiply } from "../group/ristretto.ts";
import { challengeScalar } from "../group/scalar.ts";
import { Transcript } from "../transcript.ts";
import type { BallotContext } from "./core.ts";

export const SEED_BYTES = 32;

/** Values per contest, in the order of the ballot's contests; the blank, where allowed, comes last. */
export type Choices = readonly (readonly number[])[];

export type SeedPurpose = "r" | "w" | "c" | "s";

function checkSeed(seed: Uint8Array): void {
  if (seed.length !== SEED_BYTES) throw new RangeError("a seed has 32 bytes");
}

/** The checker key of a ballot that no second device accompanies; 32 bytes. */
export function checkerFromSeed(seed: Uint8Array): Uint8Array {
  checkSeed(seed);
  const secret = challengeScalar(new Transcript("seed").append("seed", seed).text("purpose", "checker"));
  return encodePoint(multiply(G, secret));
}

export interface SeedStatement {
  readonly pseudonym: Uint8Array;
  readonly previous: Uint8Array | null;
  readonly checker: Uint8Array;
  readonly choices: Choices;
}

/** 64 bytes from which every scalar of the core follows. */
export function coreRoot(seed: Uint8Array, ballot: BallotContext, statement: SeedStatement): Uint8Array {
  checkSeed(seed);
  const transcript = new Transcript("seed")
    .append("seed", seed)
    .text("purpose", "core")
    .append("context", ballot.context)
    .append("key", ballot.keyBytes)
    .number("class", ballot.class)
    .append("pseudonym", statement.pseudonym)
    .optional("previous", statement.previous)
    .append("checker", statement.checker);
  ballot.contests.forEach(({ index }, i) => {
    transcript.number("contest", index);
    for (const value of statement.choices[i]!) transcript.number("value", value);
  });
  return transcript.digest();
}

/** `option` is the number of values for the sum proof; `branch` is 0 for purpose r. */
export function seedScalar(
  root: Uint8Array,
  purpose: SeedPurpose,
  contest: number,
  option: number,
  branch: number,
): bigint {
  return challengeScalar(
    new Transcript("seed")
      .append("root", root)
      .text("purpose", purpose)
      .number("contest", contest)
      .number("option", option)
      .number("branch", branch),
  );
}
