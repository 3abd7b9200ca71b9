/**
 * Disjunctive Chaum–Pedersen proofs (Cramer, Damgård, Schoenmakers 1994) that a ciphertext (R, S) under K encrypts one of
 * first, first + 1, …, first + k − 1, commitments carried, challenge given from outside (one for many proofs).
 *
 * Branch j claims v = first + j: log_g R = log_K (S/g^v). Equations g^s_j = a_j · R^c_j and K^s_j = b_j · (S/g^v)^c_j, with
 * Σ c_j = c. One branch alone is a plain DLEQ.
 */
import { G, generatorTable, multiply, multiplyPublic, multiplyPublic2, type Point } from "../group/ristretto.ts";
import { modOrder } from "../group/scalar.ts";

/** The prover's randomness for one branch: w is used if the branch is true, c and s if it is not. */
export interface BranchRandomness {
  readonly w: bigint;
  readonly c: bigint;
  readonly s: bigint;
}

export interface DisjunctionWitness {
  /** Randomness of the ciphertext. */
  readonly r: bigint;
  /** What it encrypts, in first..first + branches.length − 1. */
  readonly value: number;
  readonly first: number;
  readonly branches: readonly BranchRandomness[];
}

export interface BranchCommitment {
  readonly a: Point;
  readonly b: Point;
}

/**
 * The same operations for every branch and value: with t = w where the branch is true and t = s − c·r where it is not,
 * a = g^t and b = K^t · g^(−c·(value − v)), whose last exponent is zero exactly on the true branch. `keyTable` is K.
 */
export function commitDisjunction(keyTable: Point, witness: DisjunctionWitness): BranchCommitment[] {
  const generator = generatorTable();
  return witness.branches.map(({ w, c, s }, j) => {
    const distance = witness.value - (witness.first + j);
    const simulated = modOrder(s - c * witness.r);
    const t = distance === 0 ? w : simulated;
    const offset = modOrder(-c * BigInt(distance));
    return { a: multiply(generator, t), b: multiply(keyTable, t).add(multiply(generator, offset)) };
  });
}

export interface DisjunctionResponse {
  /** c_0 … c_{k−1}; the last is not sent. */
  readonly challenges: readonly bigint[];
  /** s_0 … s_{k−1} */
  readonly responses: readonly bigint[];
}

/** Answers the challenge; every branch goes through both computations. */
export function respondDisjunction(witness: DisjunctionWitness, challenge: bigint): DisjunctionResponse {
  let simulated = 0n;
  for (const [j, { c }] of witness.branches.entries()) simulated += witness.first + j === witness.value ? 0n : c;
  const real = modOrder(challenge - simulated);
  const challenges: bigint[] = [];
  const responses: bigint[] = [];
  for (const [j, { w, c, s }] of witness.branches.entries()) {
    const honest = modOrder(w + real * witness.r);
    const isTrue = witness.first + j === witness.value;
    challenges.push(isTrue ? real : c);
    responses.push(isTrue ? honest : s);
  }
  return { challenges, responses };
}

export interface DisjunctionStatement {
  readonly key: Point;
  readonly R: Point;
  readonly S: Point;
  readonly first: number;
}

/** The first branch whose equation fails and which of the two it is, or null: public data, plain formulas. */
export function disjunctionFault(
  { key, R, S, first }: DisjunctionStatement,
  commitments: readonly BranchCommitment[],
  { challenges, responses }: DisjunctionResponse,
): { readonly branch: number; readonly equation: "a" | "b" } | null {
  for (const [branch, { a, b }] of commitments.entries()) {
    const minus = modOrder(-challenges[branch]!);
    const s = responses[branch]!;
    if (!multiplyPublic2(G, s, R, minus).equals(a)) return { branch, equation: "a" };
    const claimed = S.subtract(multiplyPublic(G, BigInt(first + branch)));
    if (!multiplyPublic2(key, s, claimed, minus).equals(b)) return { branch, equation: "b" };
  }
  return null;
}
