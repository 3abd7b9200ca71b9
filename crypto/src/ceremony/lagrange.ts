/** Lagrange interpolation at zero over the scalars, for parties whose indices count from 1. */
import { multiScalarMultiply } from "../group/msm.ts";
import type { Point } from "../group/ristretto.ts";
import { invertScalar, modOrder } from "../group/scalar.ts";

/**
 * λ_i = Π_{k≠i} k / (k − i) in the order of `indices`: Σ λ_i·f(i) = f(0) for every polynomial of lower degree than there
 * are indices. Throws for a repeated index or one that is not a positive integer.
 */
export function lagrangeAtZero(indices: readonly number[]): bigint[] {
  if (new Set(indices).size !== indices.length) throw new RangeError("an index occurs twice");
  for (const index of indices) if (!Number.isSafeInteger(index) || index < 1) throw new RangeError("not an index");
  return indices.map((i) => {
    let above = 1n;
    let below = 1n;
    for (const k of indices) {
      if (k === i) continue;
      above = modOrder(above * BigInt(k));
      below = modOrder(below * BigInt(k - i));
    }
    return modOrder(above * invertScalar(below));
  });
}

/** A share of a point, g^{f(i)} or h^{f(i)}. */
export interface PointShare {
  readonly index: number;
  readonly point: Point;
}

/** Π point_i^{λ_i}; the coefficients are public, so this is variable time in them alone. */
export function combinePointShares(shares: readonly PointShare[]): Point {
  return multiScalarMultiply(
    shares.map((share) => share.point),
    lagrangeAtZero(shares.map((share) => share.index)),
  );
}
