/** The signature by which a resident casts: Schnorr by P over C, h and the passes, made only after "cast" was chosen. */
import type { KeyPair } from "../group/keypair.ts";
import { type SchnorrEquation, type SchnorrFault, schnorrEquation, schnorrProve } from "../proof/schnorr.ts";
import type { Result } from "../result.ts";
import { Transcript } from "../transcript.ts";

/** What is signed; all three are 32 bytes. */
export interface CastStatement {
  /** C */
  readonly context: Uint8Array;
  /** h */
  readonly ballot: Uint8Array;
  /** Hash of the passes, of the empty list too. */
  readonly passes: Uint8Array;
}

/** The transcript that a cast signature proves under. */
export function castTranscript({ context, ballot, passes }: CastStatement): Transcript {
  if (context.length !== 32 || ballot.length !== 32 || passes.length !== 32) throw new RangeError("32 bytes each");
  return new Transcript("cast").append("context", context).append("ballot", ballot).append("passes", passes);
}

/** 64 bytes. */
export function signCast(statement: CastStatement, keys: KeyPair): Uint8Array {
  return schnorrProve(castTranscript(statement), keys);
}

export function castEquation(
  statement: CastStatement,
  pseudonym: Uint8Array,
  signature: Uint8Array,
): Result<SchnorrEquation, SchnorrFault> {
  return schnorrEquation(castTranscript(statement), pseudonym, signature);
}
