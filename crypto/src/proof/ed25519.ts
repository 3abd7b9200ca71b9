/**
 * Ed25519 (RFC 8032) as the protocol verifies it: canonical encodings, no key of small order, and the equation without
 * cofactor, g^s = R · A^k compared on the encoded R. noble's own `verify` multiplies by the cofactor even in its strict mode
 * and so accepts signatures (with a torsion component in R or A) that OpenSSL and every other cofactorless verifier refuse;
 * a signer could split those who read the record with one.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes } from "../bytes.ts";
import { ORDER } from "../group/scalar.ts";

type EdwardsPoint = InstanceType<typeof ed25519.Point>;

function decodeKey(publicKey: Uint8Array): EdwardsPoint | null {
  try {
    return ed25519.Point.fromBytes(publicKey, false);
  } catch {
    // With 32 bytes, noble throws for exactly one reason: not a canonical encoding.
    return null;
  }
}

/** Whether the signature (64 bytes) by the key (32 bytes) holds; false for anything malformed. Public data only. */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const key = decodeKey(publicKey);
  if (key === null || key.isSmallOrder()) return false;
  const commitment = signature.subarray(0, 32);
  const response = bytesToNumberLE(signature.subarray(32));
  if (response >= ORDER) return false;
  const challenge = bytesToNumberLE(sha512(concatBytes(commitment, publicKey, message))) % ORDER;
  const expected = ed25519.Point.BASE.multiplyUnsafe(response).subtract(key.multiplyUnsafe(challenge));
  return equalBytes(expected.toBytes(), commitment);
}
