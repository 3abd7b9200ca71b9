/** Integers modulo the group order l = 2^252 + 27742317777372353535851937790883648493; 32 bytes little-endian, below l. */
import { ristretto255 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import { randomBytes as webCryptoBytes } from "@noble/hashes/utils.js";
import { err, ok, type Result } from "../result.ts";
import type { Transcript } from "../transcript.ts";

export const SCALAR_BYTES = 32;
export const ORDER: bigint = ristretto255.Point.Fn.ORDER;

/** Why 32 bytes are not an acceptable scalar. */
export type ScalarFault = "length" | "range";

export function decodeScalar(bytes: Uint8Array): Result<bigint, ScalarFault> {
  if (bytes.length !== SCALAR_BYTES) return err("length");
  const value = bytesToNumberLE(bytes);
  return value < ORDER ? ok(value) : err("range");
}

export function encodeScalar(value: bigint): Uint8Array {
  if (value < 0n || value >= ORDER) throw new RangeError("scalar out of range");
  return numberToBytesLE(value, SCALAR_BYTES);
}

/** The representative in 0..l−1, also of negative values. */
export function modOrder(value: bigint): bigint {
  const rest = value % ORDER;
  return rest < 0n ? rest + ORDER : rest;
}

/** x^−1 mod l of a public value; throws for zero. */
export function invertScalar(value: bigint): bigint {
  return ristretto255.Point.Fn.inv(value);
}

/** 64 bytes little-endian mod l: statistically uniform if the bytes are. */
export function reduceWide(bytes: Uint8Array): bigint {
  if (bytes.length !== 64) throw new RangeError("a wide scalar has 64 bytes");
  return bytesToNumberLE(bytes) % ORDER;
}

/** The transcript's digest as a scalar; the transcript can go on afterwards. */
export function challengeScalar(transcript: Transcript): bigint {
  return reduceWide(transcript.digest());
}

/** The first 16 bytes of the transcript's digest, little-endian: weight of a hashed batch. */
export function challengeWeight(transcript: Transcript): bigint {
  return bytesToNumberLE(transcript.digest().subarray(0, 16));
}

/** Bytes of `crypto.getRandomValues`; throws where there is none. */
export function randomBytes(length: number): Uint8Array {
  return webCryptoBytes(length);
}

/** Uniform in 1..l−1. */
export function randomScalar(): bigint {
  for (;;) {
    const value = reduceWide(randomBytes(64));
    if (value !== 0n) return value;
  }
}
