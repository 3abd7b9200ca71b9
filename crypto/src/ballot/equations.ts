/**
 * One ballot, or one Schnorr proof, as terms of a random linear combination: every equation is brought to one side, taken to
 * its own 128-bit weight, and all are multiplied. In a group of prime order a false equation survives with probability
 * 2^-128 (Bellare, Garay, Rabin 1998: small exponents). Weights are independent: powers of one value would not be short.
 */
import { bytesToHex, concatBytes } from "../bytes.ts";
import { encodePoint, G } from "../group/ristretto.ts";
import { modOrder } from "../group/scalar.ts";
import type { SchnorrEquation } from "../proof/schnorr.ts";
import { castEquation } from "./cast.ts";
import { type BallotContext, type BallotCore, ballotChallenge, ballotHash } from "./core.ts";
import { type BallotScalars, checkBallotForm, repeatedRandomness } from "./form.ts";
import { type Casting, proofResponse } from "./verify.ts";

/** What the terms of many items share: one term for g, one for each key. */
export class SharedTerms {
  #generator = 0n;
  readonly #keys = new Map<string, { readonly bytes: Uint8Array; exponent: bigint }>();

  generator(exponent: bigint): void {
    this.#generator += exponent;
  }

  key(bytes: Uint8Array, exponent: bigint): void {
    const name = bytesToHex(bytes);
    const held = this.#keys.get(name);
    if (held === undefined) this.#keys.set(name, { bytes, exponent });
    else held.exponent += exponent;
  }

  /** Encoded points and their exponents, g first. */
  terms(): { readonly points: Uint8Array; readonly exponents: readonly bigint[] } {
    const keys = [...this.#keys.values()];
    return {
      points: concatBytes(encodePoint(G), ...keys.map(({ bytes }) => bytes)),
      exponents: [this.#generator, ...keys.map(({ exponent }) => exponent)].map(modOrder),
    };
  }
}

/** An item of a batch whose form is right; its points are not decoded yet. */
export interface Equations {
  /** Encoded points, 32 bytes each. */
  readonly points: Uint8Array;
  /** Whether the point at this position may be the identity. */
  mayBeIdentity(position: number): boolean;
  /** How many of the points carry terms; the rest are only decoded. */
  readonly weighted: number;
  /** Exponents of the first `weighted` points, drawing one weight per equation; the rest goes to `shared`. */
  exponents(weight: () => bigint, shared: SharedTerms): bigint[];
}

/** g^s = A · P^e as A^ρ · P^(ρe) · g^(−ρs); null where the key or the commitment does not have 32 bytes. */
export function schnorrEquations(equation: SchnorrEquation): Equations | null {
  if (equation.commitment.length !== 32 || equation.key.length !== 32) return null;
  return {
    points: concatBytes(equation.commitment, equation.key),
    weighted: 2,
    mayBeIdentity: () => false,
    exponents(weight, shared) {
      const rho = weight();
      shared.generator(-rho * equation.response);
      return [rho, modOrder(rho * equation.challenge)];
    },
  };
}

/**
 * Points in order: per contest its ciphertexts (R ‖ S per value) and commitments; then signature commitment, pseudonym,
 * checker. Null where the form is wrong: then `verifyBallot` says how.
 */
export function ballotEquations(ballot: BallotContext, core: BallotCore, casting: Casting): Equations | null {
  const form = checkBallotForm(ballot, core, casting.signature);
  if (!form.ok || repeatedRandomness(core) !== null) return null;
  const h = ballotHash(ballot.context, core);
  const statement = { context: ballot.context, ballot: h, passes: casting.passesHash };
  const signature = castEquation(statement, core.pseudonym, casting.signature);
  if (!signature.ok) return null;
  const cast = schnorrEquations(signature.value);
  if (cast === null) return null;
  const blocks = core.contests.flatMap(({ ciphertexts, commitments }) => [ciphertexts, commitments]);
  const points = concatBytes(...blocks, cast.points, core.checker);
  const free = freePositions(ballot);
  return {
    points,
    weighted: points.length / 32 - 1,
    mayBeIdentity: (position) => free.has(position),
    exponents(weight, shared) {
      const challenge = ballotChallenge(ballot, core);
      const proofs = ballot.contests.flatMap((_, contest) =>
        contestExponents(ballot, contest, form.value, challenge, weight, shared),
      );
      return [...proofs, ...cast.exponents(weight, shared)];
    },
  };
}

/** Where the ciphertexts of contest `contest` start among the points of `ballotEquations`. */
export function ciphertextPosition(ballot: BallotContext, contest: number): number {
  let position = 0;
  for (const { layout } of ballot.contests.slice(0, contest))
    position += (layout.ciphertextBytes + layout.commitmentBytes) / 32;
  return position;
}

/** Only S, the second component of a ciphertext, may be the identity. */
export function freePositions(ballot: BallotContext): ReadonlySet<number> {
  const free = new Set<number>();
  ballot.contests.forEach(({ layout }, contest) => {
    const from = ciphertextPosition(ballot, contest);
    for (let value = 0; value < layout.values; value++) free.add(from + 2 * value + 1);
  });
  return free;
}

/**
 * Per branch, with its own two weights: a^ρ · R^(ρc) · g^(−ρs) and b^σ · (S/g^v)^(σc) · K^(−σs). A sum proof speaks of the
 * product of the contest's ciphertexts, so that its exponents fall on their R and S, times the factor: no further terms.
 */
function contestExponents(
  ballot: BallotContext,
  contest: number,
  scalars: BallotScalars,
  challenge: bigint,
  weight: () => bigint,
  shared: SharedTerms,
): bigint[] {
  const { layout } = ballot.contests[contest]!;
  const onR = new Array<bigint>(layout.values).fill(0n);
  const onS = new Array<bigint>(layout.values).fill(0n);
  const onCommitments: bigint[] = [];
  let onGenerator = 0n;
  let onKey = 0n;
  for (const proof of layout.proofs) {
    const { challenges, responses } = proofResponse(proof, scalars[contest]!, challenge);
    let sumR = 0n;
    let sumS = 0n;
    for (let j = 0; j < proof.branches; j++) {
      const rho = weight();
      const sigma = weight();
      const sigmaC = sigma * challenges[j]!;
      onCommitments.push(rho, sigma);
      sumR += rho * challenges[j]!;
      sumS += sigmaC;
      onGenerator -= rho * responses[j]! + sigmaC * BigInt(proof.first + j);
      onKey -= sigma * responses[j]!;
    }
    if (proof.option === null)
      layout.factors.forEach((factor, value) => {
        onR[value]! += factor * sumR;
        onS[value]! += factor * sumS;
      });
    else {
      onR[proof.option]! += sumR;
      onS[proof.option]! += sumS;
    }
  }
  shared.generator(onGenerator);
  shared.key(ballot.keyBytes, onKey);
  return [...onR.flatMap((R, value) => [modOrder(R), modOrder(onS[value]!)]), ...onCommitments];
}
