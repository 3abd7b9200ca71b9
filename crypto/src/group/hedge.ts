/**
 * Hedged nonces: secret, message and fresh randomness together. A broken random generator then degrades to a
 * deterministic nonce instead of giving the key away; a fault in the hash of the message alone does not repeat one.
 */
import { Transcript } from "../transcript.ts";
import { challengeScalar, encodeScalar, randomBytes } from "./scalar.ts";

/**
 * A nonce in 1..l−1 for `secret`, bound to everything `message` has absorbed (which is not changed).
 * `randomness` is 32 fresh bytes; only tests pass their own.
 */
export function hedgedScalar(secret: bigint, message: Transcript, randomness: Uint8Array = randomBytes(32)): bigint {
  const hedge = new Transcript("hedge")
    .append("random", randomness)
    .append("secret", encodeScalar(secret))
    .append("message", message.digest());
  const nonce = challengeScalar(hedge);
  if (nonce === 0n) throw new Error("a zero nonce has probability 2^-252: the hash is broken");
  return nonce;
}
