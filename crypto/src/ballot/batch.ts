/**
 * Batch verification: one multi-scalar multiplication per chunk, whose result must be the identity. A chunk that fails is
 * bisected, and the plain verifier has the last word on every item that is left alone, and gives the evidence.
 */
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { concatBytes } from "../bytes.ts";
import type { Engine, PointSet } from "../group/engine.ts";
import { decodeNonIdentity, G, multiplyPublic } from "../group/ristretto.ts";
import { encodeScalar, randomBytes } from "../group/scalar.ts";
import type { SchnorrEquation } from "../proof/schnorr.ts";
import { err, ok, type Result } from "../result.ts";
import type { BallotContext, BallotCore } from "./core.ts";
import { ballotEquations, type Equations, SharedTerms, schnorrEquations } from "./equations.ts";
import type { BallotFault } from "./form.ts";
import { type Casting, verifyBallot } from "./verify.ts";

export interface BallotItem {
  readonly kind: "ballot";
  readonly ballot: BallotContext;
  readonly core: BallotCore;
  readonly casting: Casting;
}

/** A Schnorr proof that joins the batch, such as an endorsement of the pass log. */
export interface SchnorrItem {
  readonly kind: "schnorr";
  readonly equation: SchnorrEquation;
}

export type BatchItem = BallotItem | SchnorrItem;

export type BatchFault = BallotFault | { readonly part: "schnorr"; readonly what: "point" | "equation" };

export interface BatchFailure {
  /** Position of the item. */
  readonly index: number;
  readonly fault: BatchFault;
}

export interface BatchOptions {
  /** Items per multi-scalar multiplication. */
  readonly chunk?: number;
  /** Bytes for the weights. They must be unpredictable to whoever made the ballots; only tests pass their own. */
  readonly random?: (length: number) => Uint8Array;
  /** Called for every item that held in the batch, with its decoded points (see `ciphertextPosition`). */
  readonly held?: (index: number, points: PointSet) => void;
}

export interface BatchVerdict {
  /** Ascending, with the plain verifier's evidence; empty if all hold. */
  readonly failures: readonly BatchFailure[];
  /** Items that the engine refused and the plain verifier accepts: valid, and an alarm, because the engine is broken. */
  readonly overruled: readonly number[];
}

export const DEFAULT_CHUNK = 1024;
const WEIGHT_BYTES = 16;
const WEIGHTS_AT_ONCE = 256;

export function verifyBallots(
  engine: Engine,
  items: readonly BatchItem[],
  { chunk = DEFAULT_CHUNK, random = randomBytes, held }: BatchOptions = {},
): BatchVerdict {
  if (!Number.isInteger(chunk) || chunk < 1) throw new RangeError("a chunk holds at least one item");
  const failures: BatchFailure[] = [];
  const overruled: number[] = [];
  for (let from = 0; from < items.length; from += chunk) {
    const part = new Chunk(engine, random, items);
    part.verify(from, Math.min(items.length, from + chunk), held);
    failures.push(...part.failures.sort((a, b) => a.index - b.index));
    overruled.push(...part.overruled.sort((a, b) => a - b));
  }
  return { failures, overruled };
}

/** The plain verdict on one item: the last word. */
export function verifyItem(item: BatchItem): Result<null, BatchFault> {
  if (item.kind === "ballot") {
    const verdict = verifyBallot(item.ballot, item.core, item.casting);
    return verdict.ok ? ok(null) : verdict;
  }
  const { key, commitment, challenge, response } = item.equation;
  const P = decodeNonIdentity(key);
  const A = decodeNonIdentity(commitment);
  if (!P.ok || !A.ok) return err({ part: "schnorr", what: "point" });
  const holds = multiplyPublic(G, response).equals(A.value.add(multiplyPublic(P.value, challenge)));
  return holds ? ok(null) : err({ part: "schnorr", what: "equation" });
}

interface Candidate {
  readonly index: number;
  readonly equations: Equations;
}

interface Member extends Candidate {
  readonly points: PointSet;
}

class Chunk {
  readonly failures: BatchFailure[] = [];
  readonly overruled: number[] = [];
  readonly #engine: Engine;
  readonly #random: (length: number) => Uint8Array;
  readonly #items: readonly BatchItem[];

  constructor(engine: Engine, random: (length: number) => Uint8Array, items: readonly BatchItem[]) {
    this.#engine = engine;
    this.#random = random;
    this.#items = items;
  }

  verify(from: number, to: number, held: BatchOptions["held"]): void {
    const candidates: Candidate[] = [];
    for (let index = from; index < to; index++) {
      const equations = equationsOf(this.#items[index]!);
      if (equations === null) this.#lastWord(index);
      else candidates.push({ index, equations });
    }
    this.#bisect(this.#decode(candidates), held);
  }

  /** Those whose points are all acceptable. */
  #decode(candidates: readonly Candidate[]): Member[] {
    const decoded = this.#engine.decode(concatBytes(...candidates.map(({ equations }) => equations.points)));
    const bad = new Set(decoded.bad);
    const identities = new Set(decoded.identities);
    const members: Member[] = [];
    let start = 0;
    for (const { index, equations } of candidates) {
      const count = equations.points.length / 32;
      let good = true;
      for (let i = 0; i < count && good; i++)
        good = !bad.has(start + i) && (!identities.has(start + i) || equations.mayBeIdentity(i));
      if (good) members.push({ index, equations, points: decoded.points.slice(start, start + count) });
      else this.#lastWord(index);
      start += count;
    }
    return members;
  }

  #bisect(members: readonly Member[], held: BatchOptions["held"]): void {
    if (members.length === 0) return;
    if (this.#holds(members)) {
      if (held !== undefined) for (const { index, points } of members) held(index, points);
    } else if (members.length === 1) this.#lastWord(members[0]!.index);
    else {
      const middle = members.length >> 1;
      this.#bisect(members.slice(0, middle), held);
      this.#bisect(members.slice(middle), held);
    }
  }

  /** Fresh weights every time. */
  #holds(members: readonly Member[]): boolean {
    const shared = new SharedTerms();
    const weight = weights(this.#random);
    const terms = members.map(({ equations, points }) => ({
      points: points.slice(0, equations.weighted),
      scalars: flat(equations.exponents(weight, shared)),
    }));
    const common = shared.terms();
    terms.push({ points: this.#engine.decode(common.points).points, scalars: flat(common.exponents) });
    // The identity, and it alone, is encoded by zeros.
    return this.#engine.msm(terms).every((byte) => byte === 0);
  }

  #lastWord(index: number): void {
    const verdict = verifyItem(this.#items[index]!);
    if (verdict.ok) this.overruled.push(index);
    else this.failures.push({ index, fault: verdict.error });
  }
}

function equationsOf(item: BatchItem): Equations | null {
  if (item.kind === "schnorr") return schnorrEquations(item.equation);
  return ballotEquations(item.ballot, item.core, item.casting);
}

/** Independent 128-bit weights. */
function weights(random: (length: number) => Uint8Array): () => bigint {
  let bytes = new Uint8Array(0);
  let used = 0;
  return () => {
    if (used === bytes.length) {
      bytes = random(WEIGHT_BYTES * WEIGHTS_AT_ONCE).slice();
      used = 0;
    }
    used += WEIGHT_BYTES;
    return bytesToNumberLE(bytes.subarray(used - WEIGHT_BYTES, used));
  };
}

function flat(exponents: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(32 * exponents.length);
  exponents.forEach((exponent, i) => {
    bytes.set(encodeScalar(exponent), 32 * i);
  });
  return bytes;
}
