/** Opening of sums with the shares of t trustees, and the totals that follow. */
import { combinePointShares } from "../ceremony/lagrange.ts";
import type { Point } from "../group/ristretto.ts";
import type { SplitSums } from "./aggregate.ts";

/** The verified decryptions of one trustee. */
export interface TrusteeDecryptions {
  readonly trustee: number;
  /** D_{i,1} … D_{i,J}. */
  readonly decryptions: readonly Point[];
}

/** M_j = S_j / Π_i D_{i,j}^{λ_i}, of exactly `threshold` trustees; throws otherwise. */
export function openSums(sums: SplitSums, shares: readonly TrusteeDecryptions[], threshold: number): Point[] {
  if (shares.length !== threshold) throw new RangeError("as many shares as the threshold");
  if (shares.some((share) => share.decryptions.length !== sums.first.length)) throw new RangeError("incomplete share");
  return sums.second.map((second, j) => {
    const mask = combinePointShares(shares.map((share) => ({ index: share.trustee, point: share.decryptions[j]! })));
    return second.subtract(mask);
  });
}

/** Counts per option of one opened set. */
export interface OpenedCounts {
  readonly weight: number;
  readonly counts: readonly number[];
}

/** Σ weight · v per option over the opened sets; throws where a total would not be exact (2^53). */
export function weightedTotals(options: number, opened: readonly OpenedCounts[]): number[] {
  const totals = new Array<number>(options).fill(0);
  for (const { weight, counts } of opened) {
    if (counts.length !== options) throw new RangeError("a count for every option");
    for (const [option, count] of counts.entries()) totals[option]! += weight * count;
  }
  for (const total of totals) if (!Number.isSafeInteger(total)) throw new RangeError("a total beyond 2^53");
  return totals;
}
