/**
 * Chaum–Pedersen proofs that log_g X = log_h Y (Chaum and Pedersen 1992), commitments carried.
 *
 * 96 bytes: a ‖ b ‖ s with a = g^w, b = h^w, s = w + c·x, and c = scalar of the caller's transcript with "base" h,
 * "key" X, "value" Y, "a" and "b" appended (docs/protocol.md, "Proofs"); the equations are g^s = a · X^c and
 * h^s = b · Y^c. The two are never merged into one: who knows log_g h could then prove anything.
 */
import { hedgedScalar } from "../group/hedge.ts";
import type { KeyPair } from "../group/keypair.ts";
import { multiScalarMultiply } from "../group/msm.ts";
import { decodeNonIdentity, encodePoint, G, multiply, multiplyPublic2, type Point } from "../group/ristretto.ts";
import { challengeScalar, decodeScalar, encodeScalar, modOrder } from "../group/scalar.ts";
import { err, ok, type Result } from "../result.ts";
import type { Transcript } from "../transcript.ts";

export const DLEQ_BYTES = 96;

/** Why a DLEQ proof is refused. */
export type DleqFault = "length" | "key" | "base" | "commitment" | "response" | "equation-key" | "equation-image";

/** Claims log_g key = log_base image. */
export interface DleqStatement {
  readonly key: Point;
  readonly base: Point;
  readonly image: Point;
}

function appendStatement(transcript: Transcript, { key, base, image }: DleqStatement): void {
  transcript.append("base", encodePoint(base)).append("key", encodePoint(key)).append("value", encodePoint(image));
}

/** The image base^x, made with the secret. */
export function dleqImage(keys: KeyPair, base: Point): Point {
  return multiply(base, keys.secret.reveal());
}

/** 96 bytes. Appends to `transcript`, which must hold use and context; it cannot be used for another proof. */
export function dleqProve(transcript: Transcript, keys: KeyPair, base: Point, image: Point): Uint8Array {
  const secret = keys.secret.reveal();
  appendStatement(transcript, { key: keys.publicKey, base, image });
  const nonce = hedgedScalar(secret, transcript);
  const a = encodePoint(multiply(G, nonce));
  const b = encodePoint(multiply(base, nonce));
  transcript.append("a", a).append("b", b);
  const proof = new Uint8Array(DLEQ_BYTES);
  proof.set(a, 0);
  proof.set(b, 32);
  proof.set(encodeScalar(modOrder(nonce + challengeScalar(transcript) * secret)), 64);
  return proof;
}

/** Verifies a proof; `transcript` is what the prover gave, before the proof. Identity keys and bases are refused. */
export function dleqVerify(
  transcript: Transcript,
  statement: DleqStatement,
  proof: Uint8Array,
): Result<null, DleqFault> {
  if (statement.key.is0()) return err("key");
  if (statement.base.is0()) return err("base");
  if (proof.length !== DLEQ_BYTES) return err("length");
  const a = decodeNonIdentity(proof.subarray(0, 32));
  const b = decodeNonIdentity(proof.subarray(32, 64));
  if (!a.ok || !b.ok) return err("commitment");
  const response = decodeScalar(proof.subarray(64));
  if (!response.ok) return err("response");
  appendStatement(transcript, statement);
  transcript.append("a", proof.subarray(0, 32)).append("b", proof.subarray(32, 64));
  const minus = modOrder(-challengeScalar(transcript));
  if (!multiplyPublic2(G, response.value, statement.key, minus).equals(a.value)) return err("equation-key");
  if (!multiplyPublic2(statement.base, response.value, statement.image, minus).equals(b.value))
    return err("equation-image");
  return ok(null);
}

/** One pair of a batched statement: every image is its base to the same secret. */
export interface DleqPair {
  readonly base: Point;
  readonly image: Point;
}

/**
 * Folds many pairs into one, (Π base_j^w_j, Π image_j^w_j). The weights must come from a hash over the key, all bases and
 * **all images** (128 bits each, `challengeWeight`): then a false image survives with probability 2^−128, and one DLEQ
 * over the folded pair proves them all. Public data on both sides; an empty list folds to identities, which are refused.
 */
export function foldPairs(pairs: readonly DleqPair[], weight: (index: number) => bigint): DleqPair {
  const weights = pairs.map((_, index) => weight(index));
  return {
    base: multiScalarMultiply(
      pairs.map((pair) => pair.base),
      weights,
    ),
    image: multiScalarMultiply(
      pairs.map((pair) => pair.image),
      weights,
    ),
  };
}
