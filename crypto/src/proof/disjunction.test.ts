import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyPairFrom } from "../group/keypair.ts";
import { G, multiply, multiplyPublic } from "../group/ristretto.ts";
import { modOrder, ORDER, randomScalar } from "../group/scalar.ts";
import { commitDisjunction, type DisjunctionWitness, disjunctionFault, respondDisjunction } from "./disjunction.ts";

const key = keyPairFrom(31337n).publicKey;
const scalar = fc.bigInt({ min: 1n, max: ORDER - 1n });

function witnessOf(value: number, first: number, branches: number): DisjunctionWitness {
  return {
    r: randomScalar(),
    value,
    first,
    branches: Array.from({ length: branches }, () => ({ w: randomScalar(), c: randomScalar(), s: randomScalar() })),
  };
}

const statementOf = ({ r, value, first }: DisjunctionWitness) => ({
  key,
  R: multiply(G, r),
  S: multiply(key, r).add(multiplyPublic(G, modOrder(BigInt(value)))),
  first,
});

describe("disjunction", () => {
  it("is complete for every value of every range, one branch included", () => {
    fc.assert(
      fc.property(fc.nat(5), fc.integer({ min: 1, max: 4 }), fc.nat(), scalar, (first, branches, at, challenge) => {
        const witness = witnessOf(first + (at % branches), first, branches);
        const response = respondDisjunction(witness, challenge);
        expect(response.challenges.reduce((sum, c) => modOrder(sum + c), 0n)).toBe(challenge);
        expect(disjunctionFault(statementOf(witness), commitDisjunction(key, witness), response)).toBeNull();
      }),
      { numRuns: 15 },
    );
  });

  it("does not show which branch is true: every transcript of one value fits the shape of the others", () => {
    // Special honest-verifier zero knowledge: all branches simulated with challenges that sum to c verify as well.
    const value = 1;
    const witness = witnessOf(value, 0, 3);
    const outside = { ...witness, value: 7 };
    const statement = statementOf(witness);
    const simulated = respondDisjunction(outside, 0n);
    const commitments = commitDisjunction(key, outside);
    const shifted = { ...statement, S: statement.S.add(multiplyPublic(G, 6n)) };
    expect(disjunctionFault(shifted, commitments, simulated)).toBeNull();
  });

  it("is sound: values outside the range fail, however the prover plays", () => {
    for (const [value, first, branches] of [
      [2, 0, 2],
      [-1, 0, 2],
      [0, 1, 1],
      [5, 1, 3],
    ] as const) {
      const witness = witnessOf(value, first, branches);
      const statement = statementOf(witness);
      const challenge = randomScalar();
      // All branches simulated beforehand: the challenges do not sum up, and the verifier derives the last one.
      const commitments = commitDisjunction(key, witness);
      const { challenges, responses } = respondDisjunction(witness, challenge);
      const derived = [...challenges];
      derived[branches - 1] = modOrder(challenge - challenges.slice(0, -1).reduce((sum, c) => sum + c, 0n));
      expect(disjunctionFault(statement, commitments, { challenges: derived, responses })).toMatchObject({
        branch: branches - 1,
      });
      // One branch played as if it were true: its first equation holds, its second cannot.
      for (let claimed = 0; claimed < branches; claimed++) {
        const { w } = witness.branches[claimed]!;
        const played = [...commitments];
        played[claimed] = { a: multiply(G, w), b: multiply(key, w) };
        const others = challenges.reduce((sum, c, j) => (j === claimed ? sum : sum + c), 0n);
        const c = modOrder(challenge - others);
        const answer = {
          challenges: challenges.map((each, j) => (j === claimed ? c : each)),
          responses: responses.map((each, j) => (j === claimed ? modOrder(w + c * witness.r) : each)),
        };
        expect(disjunctionFault(statement, played, answer)).toEqual({ branch: claimed, equation: "b" });
      }
    }
  });
});
