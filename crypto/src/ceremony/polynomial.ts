/** The polynomial f(z) = Σ a_m·z^m of a dealer, and its commitments A_m = g^{a_m} (Feldman 1987). */
import { multiScalarMultiply } from "../group/msm.ts";
import type { Point } from "../group/ristretto.ts";
import { modOrder } from "../group/scalar.ts";

/** f(at), by Horner's rule: the same operations whatever the coefficients. */
export function evaluatePolynomial(coefficients: readonly bigint[], at: number): bigint {
  return coefficients.reduceRight((sum, coefficient) => modOrder(sum * BigInt(at) + coefficient), 0n);
}

/** g^{f(at)} = Π A_m^{at^m}, of public commitments. */
export function evaluateCommitments(commitments: readonly Point[], at: number): Point {
  let power = 1n;
  const powers = commitments.map(() => {
    const current = power;
    power = modOrder(power * BigInt(at));
    return current;
  });
  return multiScalarMultiply(commitments, powers);
}
