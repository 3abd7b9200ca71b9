/**
 * Exact BigInt arithmetic on the Edwards curve behind ristretto255, for **public** data: the formulas of noble with fewer
 * multiplications (a decoded point has Z = 1 and is kept ready for addition) and with reduction by folding 2^255 ≡ 19.
 * Variable time. Extended coordinates and formulas: Hisil, Wong, Carter, Dawson 2008 (a = −1).
 */
import { ristretto255 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { decodePoint, type Point } from "./ristretto.ts";
import { guessRootPower } from "./root.ts";

const P = 2n ** 255n - 19n;
const LOW = 2n ** 255n - 1n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const D2 = 2n * D;
const SQRT_M1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;

/**
 * Congruent, in −2^30 < r < 2^255 + 2^30 for |z| < 2^531; negative values fold like positive ones. BigInt cannot overflow: the
 * bounds here matter for speed and never for the result.
 */
function reduce(z: bigint): bigint {
  const once = (z & LOW) + 19n * (z >> 255n);
  return (once & LOW) + 19n * (once >> 255n);
}

/** Congruent, below 2^264 in magnitude, for |z| < 2^514: enough for a factor of a product that is reduced. */
function half(z: bigint): bigint {
  return (z & LOW) + 19n * (z >> 255n);
}

function canonical(z: bigint): bigint {
  const rest = z % P;
  return rest < 0n ? rest + P : rest;
}

/** A decoded point: x, y, t = xy, and what an addition needs of it. */
export interface Affine {
  readonly x: bigint;
  readonly y: bigint;
  readonly t: bigint;
  /** y − x */
  readonly minus: bigint;
  /** y + x */
  readonly plus: bigint;
  /** 2·d·t */
  readonly dt: bigint;
}

/** x = X/Z, y = Y/Z, T = XY/Z; coordinates loosely reduced. */
export interface Extended {
  readonly X: bigint;
  readonly Y: bigint;
  readonly Z: bigint;
  readonly T: bigint;
}

export const ZERO: Extended = { X: 0n, Y: 1n, Z: 1n, T: 0n };

function affine(x: bigint, y: bigint, t: bigint): Affine {
  return { x, y, t, minus: y - x, plus: y + x, dt: reduce(D2 * t) };
}

export const AFFINE_ZERO: Affine = affine(0n, 1n, 0n);

/** From a point of noble. */
export function toAffine(point: Point): Affine {
  const { x, y } = point.toAffine();
  return affine(x, y, reduce(x * y));
}

/** To a point of noble, which encodes and compares. */
export function toPoint({ X, Y, Z }: Extended): Point {
  const inverse = ristretto255.Point.Fp.inv(canonical(Z));
  return ristretto255.Point.fromAffine({ x: canonical(X * inverse), y: canonical(Y * inverse) });
}

export function extend({ x, y, t }: Affine, negative = false): Extended {
  return negative ? { X: -x, Y: y, Z: 1n, T: -t } : { X: x, Y: y, Z: 1n, T: t };
}

function finish(E: bigint, F: bigint, G: bigint, H: bigint): Extended {
  return { X: reduce(E * F), Y: reduce(G * H), Z: reduce(F * G), T: reduce(E * H) };
}

/** p + q, 7 multiplications; complete. */
export function addAffine(p: Extended, q: Affine): Extended {
  const A = half((p.Y - p.X) * q.minus);
  const B = half((p.Y + p.X) * q.plus);
  const C = half(p.T * q.dt);
  const D = p.Z + p.Z;
  return finish(B - A, D - C, D + C, B + A);
}

/** p − q */
export function subtractAffine(p: Extended, q: Affine): Extended {
  const A = half((p.Y - p.X) * q.plus);
  const B = half((p.Y + p.X) * q.minus);
  const C = half(p.T * q.dt);
  const D = p.Z + p.Z;
  return finish(B - A, D + C, D - C, B + A);
}

/** p + q, 9 multiplications; complete. */
export function add(p: Extended, q: Extended): Extended {
  const A = half((p.Y - p.X) * (q.Y - q.X));
  const B = half((p.Y + p.X) * (q.Y + q.X));
  const C = half(reduce(D2 * p.T) * q.T);
  const D = half(2n * p.Z * q.Z);
  return finish(B - A, D - C, D + C, B + A);
}

export function double(p: Extended): Extended {
  const A = half(p.X * p.X);
  const B = half(p.Y * p.Y);
  const C = half(2n * p.Z * p.Z);
  const sum = p.X + p.Y;
  const H = A + B;
  const E = H - half(sum * sum);
  const G = A - B;
  return finish(E, C + G, G, H);
}

const isOdd = (value: bigint) => (value & 1n) === 1n;

/** RFC 9496 section 4.3.1, exact: null for what is not a canonical encoding. `bytes` has length 32. */
export function decodeAffine(bytes: Uint8Array): Affine | null {
  const s = bytesToNumberLE(bytes);
  if (s >= P || isOdd(s)) return null;
  const ss = reduce(s * s);
  const u1 = 1n - ss;
  const u2 = 1n + ss;
  const u2Squared = reduce(u2 * u2);
  const v = -reduce(D * reduce(u1 * u1)) - u2Squared;
  const w = canonical(v * u2Squared);
  const root = inverseRoot(w);
  // No root by the guess: noble decides, and says no unless the guess was wrong.
  if (root === null) {
    const point = decodePoint(bytes);
    return point.ok ? toAffine(point.value) : null;
  }
  const denX = reduce(root * u2);
  const denY = reduce(reduce(root * denX) * v);
  let x = canonical(2n * s * denX);
  if (isOdd(x)) x = P - x;
  const y = canonical(u1 * denY);
  const t = canonical(x * y);
  return isOdd(t) || y === 0n ? null : affine(x, y, t);
}

/**
 * r with r²·w = 1 mod p, of any sign, or null if the guess leads to none. Whatever the guess, a returned r is right: that is
 * checked. Either sign gives the same point, because x is made non-negative.
 */
function inverseRoot(w: bigint): bigint | null {
  const cube = reduce(reduce(w * w) * w);
  const seventh = canonical(reduce(cube * cube) * w);
  const guess = canonical(cube * guessRootPower(seventh));
  const check = canonical(reduce(guess * guess) * w);
  if (check === 1n) return guess;
  return check === P - 1n ? reduce(guess * SQRT_M1) : null;
}
