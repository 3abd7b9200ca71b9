/**
 * Where everything lies inside the three byte strings of a contest (docs/protocol.md, section 5). Every proof of a contest,
 * one per option and then the sum's, has k branches: k pairs a ‖ b, k − 1 challenges, k responses.
 */
import { branchCount, type ContestRule, sumBranchCount, sumFactor, valueCount } from "./rule.ts";

export interface ProofLayout {
  /** The option, or null for the sum. */
  readonly option: number | null;
  /** Number of branches k. */
  readonly branches: number;
  /** The value of branch 0; branch j claims `first + j`. */
  readonly first: number;
  /** Offset of the first a in `commitments`. */
  readonly commitments: number;
  /** Offset of the first challenge in `responses`; the k responses follow the k − 1 challenges. */
  readonly challenges: number;
}

export interface ContestLayout {
  readonly rule: ContestRule;
  /** Encrypted values, the blank included. */
  readonly values: number;
  readonly proofs: readonly ProofLayout[];
  /** Per value, its factor in the sum. */
  readonly factors: readonly bigint[];
  /** Lengths in bytes. */
  readonly ciphertextBytes: number;
  readonly commitmentBytes: number;
  readonly responseBytes: number;
}

export function contestLayout(rule: ContestRule): ContestLayout {
  const values = valueCount(rule);
  const proofs: ProofLayout[] = [];
  let commitmentBytes = 0;
  let responseBytes = 0;
  const place = (option: number | null, branches: number, first: number) => {
    proofs.push({ option, branches, first, commitments: commitmentBytes, challenges: responseBytes });
    commitmentBytes += 64 * branches;
    responseBytes += 32 * (2 * branches - 1);
  };
  for (let option = 0; option < values; option++) place(option, branchCount(rule, option), 0);
  const sums = sumBranchCount(rule);
  if (sums > 0) place(null, sums, rule.min);
  return {
    rule,
    values,
    proofs,
    factors: Array.from({ length: values }, (_, option) => BigInt(sumFactor(rule, option))),
    ciphertextBytes: 64 * values,
    commitmentBytes,
    responseBytes,
  };
}

/** Bytes of ciphertexts and proofs of one contest. */
export function contestBytes(rule: ContestRule): number {
  const layout = contestLayout(rule);
  return layout.ciphertextBytes + layout.commitmentBytes + layout.responseBytes;
}
