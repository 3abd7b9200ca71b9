/**
 * Schnorr proofs of knowledge of x with P = g^x (Schnorr 1991; RFC 8235 for the form), used for signatures, possession,
 * endorsements and drills. The commitment is carried, so that any number of proofs joins one batch equation.
 *
 * 64 bytes: commitment A ‖ response s. e = scalar of the caller's transcript with "key" P and "commitment" A appended;
 * s = w + e·x; the equation is g^s = A · P^e. Identity keys and identity commitments are refused.
 */
import { hedgedScalar } from "../group/hedge.ts";
import type { KeyPair } from "../group/keypair.ts";
import { decodeNonIdentity, encodePoint, G, multiply, multiplyPublic2, type Point } from "../group/ristretto.ts";
import { challengeScalar, decodeScalar, encodeScalar, modOrder } from "../group/scalar.ts";
import { err, ok, type Result } from "../result.ts";
import type { Transcript } from "../transcript.ts";

export const SCHNORR_BYTES = 64;

/** Why a Schnorr proof is refused. */
export type SchnorrFault = "length" | "key" | "commitment" | "response" | "equation";

/** One equation g^response = commitment · key^challenge, its points still encoded: what a batch takes. */
export interface SchnorrEquation {
  readonly key: Uint8Array;
  readonly commitment: Uint8Array;
  readonly challenge: bigint;
  readonly response: bigint;
}

/** 64 bytes. Appends to `transcript`, which must hold use, context and message; it cannot be used for another proof. */
export function schnorrProve(transcript: Transcript, keys: KeyPair): Uint8Array {
  const secret = keys.secret.reveal();
  transcript.append("key", keys.encoded);
  const nonce = hedgedScalar(secret, transcript);
  const commitment = encodePoint(multiply(G, nonce));
  transcript.append("commitment", commitment);
  const response = modOrder(nonce + challengeScalar(transcript) * secret);
  const proof = new Uint8Array(SCHNORR_BYTES);
  proof.set(commitment, 0);
  proof.set(encodeScalar(response), 32);
  return proof;
}

/** Splits a proof and computes its challenge without any point arithmetic; points are checked by whoever decodes them. */
export function schnorrEquation(
  transcript: Transcript,
  key: Uint8Array,
  proof: Uint8Array,
): Result<SchnorrEquation, SchnorrFault> {
  if (proof.length !== SCHNORR_BYTES) return err("length");
  const commitment = proof.subarray(0, 32);
  const response = decodeScalar(proof.subarray(32));
  if (!response.ok) return err("response");
  transcript.append("key", key).append("commitment", commitment);
  return ok({ key, commitment, challenge: challengeScalar(transcript), response: response.value });
}

/** Verifies a proof; `transcript` is what the prover gave, before the proof. */
export function schnorrVerify(transcript: Transcript, key: Point, proof: Uint8Array): Result<null, SchnorrFault> {
  if (key.is0()) return err("key");
  const equation = schnorrEquation(transcript, encodePoint(key), proof);
  if (!equation.ok) return equation;
  const commitment = decodeNonIdentity(equation.value.commitment);
  if (!commitment.ok) return err("commitment");
  const { response, challenge } = equation.value;
  // g^s · P^−e = A: one doubling chain for both terms.
  const expected = multiplyPublic2(G, response, key, modOrder(-challenge));
  return expected.equals(commitment.value) ? ok(null) : err("equation");
}
