/**
 * Multi-scalar multiplication of public data: Pippenger's bucket method with signed digits, bounded by the bit length of
 * each scalar (128-bit weights cost half of a full scalar) and skipping zero digits. Noble's own `pippenger` walks all 252
 * bits of every scalar. Variable time by design: never for secrets.
 */
import {
  type Affine,
  add,
  addAffine,
  double,
  type Extended,
  extend,
  subtractAffine,
  toAffine,
  toPoint,
  ZERO,
} from "./edwards.ts";
import type { Point } from "./ristretto.ts";

const MAX_WINDOW = 14;

function bitLength(scalar: bigint): number {
  return scalar === 0n ? 0 : scalar.toString(2).length;
}

/** Expected point operations with windows of `width` bits: what decides the width. */
function cost(lengths: Uint16Array, longest: number, width: number): number {
  let additions = 0;
  for (const length of lengths) additions += Math.ceil((length + 1) / width);
  return additions * (1 - 2 ** -width) + Math.ceil((longest + 1) / width) * 2 ** width + longest;
}

function bestWidth(lengths: Uint16Array, longest: number): number {
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let width = 1; width <= MAX_WINDOW; width++) {
    const operations = cost(lengths, longest, width);
    if (operations < least) [best, least] = [width, operations];
  }
  return best;
}

/** Digits in −2^(w−1) < d ≤ 2^(w−1), least significant first, with Σ d_i · 2^(w·i) = scalar. */
export function signedDigits(scalar: bigint, width: number, count: number): Int16Array {
  const digits = new Int16Array(count);
  const half = 2 ** (width - 1);
  const base = 2 * half;
  const shift = BigInt(width);
  const mask = BigInt(base - 1);
  let rest = scalar;
  let carry = 0;
  for (let i = 0; i < count; i++) {
    let digit = Number(rest & mask) + carry;
    rest >>= shift;
    carry = digit > half ? 1 : 0;
    if (carry === 1) digit -= base;
    digits[i] = digit;
  }
  if (carry !== 0 || rest !== 0n) throw new RangeError("scalar longer than its digits");
  return digits;
}

/** Σ_k k · bucket_k by running sums, from the highest bucket that holds anything. */
function sumBuckets(buckets: readonly (Extended | undefined)[]): Extended | undefined {
  let running: Extended | undefined;
  let total: Extended | undefined;
  for (let i = buckets.length - 1; i >= 0; i--) {
    const bucket = buckets[i];
    if (bucket !== undefined) running = running === undefined ? bucket : add(running, bucket);
    if (running !== undefined) total = total === undefined ? running : add(total, running);
  }
  return total;
}

/** Π points[i]^scalars[i] for scalars ≥ 0 of any size below 2^256; the identity for no terms. */
export function multiScalarMultiply(points: readonly Point[], scalars: readonly bigint[]): Point {
  return toPoint(sumOfMultiples(points.map(toAffine), scalars));
}

/** The same inside an engine, on points that are ready for addition. */
export function sumOfMultiples(points: readonly Affine[], scalars: readonly bigint[]): Extended {
  if (points.length !== scalars.length) throw new RangeError("as many scalars as points");
  for (const scalar of scalars) if (scalar < 0n) throw new RangeError("scalars are not negative");
  // Longest first: the windows above 128 bits then loop over the long scalars only.
  const lengths = Uint16Array.from(scalars, bitLength);
  const order = Array.from(lengths.keys())
    .filter((i) => lengths[i]! > 0)
    .sort((a, b) => lengths[b]! - lengths[a]!);
  if (order.length === 0) return ZERO;
  const longest = lengths[order[0]!]!;
  const width = bestWidth(lengths, longest);
  const terms = order.map((i) => ({
    point: points[i]!,
    digits: signedDigits(scalars[i]!, width, Math.ceil((lengths[i]! + 1) / width)),
  }));
  let result: Extended | undefined;
  const buckets: (Extended | undefined)[] = new Array(2 ** (width - 1)).fill(undefined);
  for (let window = terms[0]!.digits.length - 1; window >= 0; window--) {
    if (result !== undefined) for (let i = 0; i < width; i++) result = double(result);
    buckets.fill(undefined);
    for (const { point, digits } of terms) {
      if (window >= digits.length) break;
      const digit = digits[window]!;
      if (digit === 0) continue;
      const slot = Math.abs(digit) - 1;
      const held = buckets[slot];
      if (held === undefined) buckets[slot] = extend(point, digit < 0);
      else buckets[slot] = digit < 0 ? subtractAffine(held, point) : addAffine(held, point);
    }
    const sum = sumBuckets(buckets);
    if (sum !== undefined) result = result === undefined ? sum : add(result, sum);
  }
  return result ?? ZERO;
}
