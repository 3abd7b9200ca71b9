/**
 * ristretto255 (RFC 9496) with strict codecs: a group of prime order l, so that no equation of the protocol needs
 * cofactor reasoning. Only canonical 32-byte encodings are accepted.
 *
 * `multiply` is for secrets: noble's `multiply` does the same sequence of point operations for every scalar. BigInt
 * arithmetic itself is not constant time, so this is algorithmic constant time at best (docs/threat-model.md).
 * `multiplyPublic` and everything in msm.ts is for public data only.
 */
import { mulAddUnsafe } from "@noble/curves/abstract/curve.js";
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { err, ok, type Result } from "../result.ts";
import { ORDER } from "./scalar.ts";

export type Point = InstanceType<typeof ristretto255.Point>;

export const POINT_BYTES = 32;

/** The generator of RFC 9496; noble blinds scalars multiplied with this very object, at twice the cost. */
export const G: Point = ristretto255.Point.BASE;
export const IDENTITY: Point = ristretto255.Point.ZERO;

/** Why 32 bytes are not an acceptable point. */
export type PointFault = "length" | "encoding" | "identity";

export function decodePoint(bytes: Uint8Array): Result<Point, PointFault> {
  if (bytes.length !== POINT_BYTES) return err("length");
  try {
    return ok(ristretto255.Point.fromBytes(bytes));
  } catch {
    // noble throws for exactly one reason once the length is right: not a canonical encoding.
    return err("encoding");
  }
}

/** For keys, first components of ciphertexts, coefficients and nonce commitments. */
export function decodeNonIdentity(bytes: Uint8Array): Result<Point, PointFault> {
  const point = decodePoint(bytes);
  return point.ok && point.value.is0() ? err("identity") : point;
}

export function encodePoint(point: Point): Uint8Array {
  return point.toBytes();
}

/** P^s for a secret 0 ≤ s < l; zero costs the same multiplication as every other scalar. */
export function multiply(point: Point, scalar: bigint): Point {
  if (scalar < 0n || scalar >= ORDER) throw new RangeError("scalar out of range");
  const zero = scalar === 0n;
  const product = point.multiply(zero ? 1n : scalar);
  return zero ? IDENTITY : product;
}

/** P^s for public values, 0 ≤ s < l; variable time. */
export function multiplyPublic(point: Point, scalar: bigint): Point {
  return point.multiplyUnsafe(scalar);
}

/** P^a · Q^b for public values (Straus); variable time. */
export function multiplyPublic2(p: Point, a: bigint, q: Point, b: bigint): Point {
  return mulAddUnsafe(ristretto255.Point, [p, q], [a, b]);
}

/** The same element with a table of 8-bit windows (25 ms once, about 1 MB), which makes `multiply` about 7 times faster. */
export function withTable(point: Point): Point {
  // A fresh object: noble keys tables by identity, and the caller's point stays as it was.
  return ristretto255.Point.fromBytes(point.toBytes()).precompute(8, false);
}

let tabledGenerator: Point | undefined;

/** g with a table and without noble's scalar blinding: for scalars that are used once, which blinding cannot help. */
export function generatorTable(): Point {
  tabledGenerator ??= withTable(G);
  return tabledGenerator;
}

/** The one-way map of RFC 9496 section 4.3.4 on 64 uniform bytes. */
export function hashToGroup(bytes: Uint8Array): Point {
  if (bytes.length !== 64) throw new RangeError("the one-way map takes 64 bytes");
  return ristretto255_hasher.deriveToCurve!(bytes);
}
