/**
 * Batch verification: one multi-scalar multiplication per chunk, whose result must be the identity. A chunk that fails is
 * bisected, and the plain verifier has the last word on every item that is left alone, and gives the evidence.
 */
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { concatBytes } from "../bytes.ts";
import { type BatchRecord, type Engine, MAX_BATCH_POINTS, type PointSet } from "../group/engine.ts";
import { decodeNonIdentity, G, multiplyPublic } from "../group/ristretto.ts";
import { encodeScalar, randomBytes } from "../group/scalar.ts";
import type { SchnorrEquation } from "../proof/schnorr.ts";
import { err, ok, type Result } from "../result.ts";
import type { BallotContext, BallotCore } from "./core.ts";
import { ballotEquations, type Equations, SharedTerms, schnorrEquations } from "./equations.ts";
import type { BallotFault } from "./form.ts";
import { ballotRecord, schnorrRecord } from "./plan.ts";
import { type Casting, verifyBallot } from "./verify.ts";

export interface BallotItem {
  readonly kind: "ballot";
  readonly ballot: BallotContext;
  readonly core: BallotCore;
  readonly casting: Casting;
  /** Untrusted roots of all points in the order of `ballotEquations`, 32 bytes each: they can save time, and nothing else. */
  readonly hints?: Uint8Array | null;
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
  /**
   * Called for every item that held in the batch, with its decoded points (see `ciphertextPosition`) and, from engines that
   * know them, the hints that make decoding them again cheap.
   */
  readonly held?: (index: number, points: PointSet, hints: Uint8Array | null) => void;
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
    const part = new Chunk(engine, random, items, held);
    part.verify(from, Math.min(items.length, from + chunk));
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

/** An item whose points are acceptable. */
interface Member {
  readonly index: number;
}

interface PlainMember extends Candidate {
  readonly points: PointSet;
}

interface BatchMember extends Member {
  /** Position in the engine's batch. */
  readonly position: number;
}

interface Indexed {
  readonly index: number;
  readonly record: BatchRecord;
}

class Chunk {
  readonly failures: BatchFailure[] = [];
  readonly overruled: number[] = [];
  readonly #engine: Engine;
  readonly #random: (length: number) => Uint8Array;
  readonly #items: readonly BatchItem[];
  readonly #held: BatchOptions["held"];

  constructor(
    engine: Engine,
    random: (length: number) => Uint8Array,
    items: readonly BatchItem[],
    held: BatchOptions["held"],
  ) {
    this.#engine = engine;
    this.#random = random;
    this.#items = items;
    this.#held = held;
  }

  verify(from: number, to: number): void {
    if (this.#engine.batch === undefined) this.#verifyPlainly(from, to);
    else for (const group of this.#groups(from, to)) this.#verifyInside(this.#engine, group);
  }

  /** The engine does points; this does hashing and scalars. */
  #verifyPlainly(from: number, to: number): void {
    const candidates: Candidate[] = [];
    for (let index = from; index < to; index++) {
      const equations = equationsOf(this.#items[index]!);
      if (equations === null) this.#lastWord(index);
      else candidates.push({ index, equations });
    }
    const holds = (members: readonly PlainMember[]) => isIdentity(this.#combine(members));
    this.#bisect(this.#decode(candidates), holds, ({ index, points }) => this.#held?.(index, points, null));
  }

  /** The engine does everything. */
  #verifyInside(engine: Engine, group: readonly Indexed[]): void {
    engine.batch!(
      group.map(({ record }) => record),
      (batch) => {
        const refused = new Set(batch.refused);
        const members: BatchMember[] = [];
        for (const [position, { index }] of group.entries())
          if (refused.has(position)) this.#lastWord(index);
          else members.push({ index, position });
        this.#bisect(
          members,
          (some) => {
            const positions = some.map(({ position }) => position);
            return isIdentity(batch.combine(positions, this.#random));
          },
          ({ index, position }) => this.#held?.(index, batch.points(position), batch.hints(position)),
        );
      },
    );
  }

  /** Runs of items that one batch of the engine holds. */
  *#groups(from: number, to: number): Generator<readonly Indexed[]> {
    let group: Indexed[] = [];
    let points = 0;
    for (let index = from; index < to; index++) {
      const record = recordOf(this.#items[index]!);
      if (record === null) {
        this.#lastWord(index);
        continue;
      }
      const count = record.plan?.points ?? 2;
      if (points + count > MAX_BATCH_POINTS && group.length > 0) {
        yield group;
        group = [];
        points = 0;
      }
      group.push({ index, record });
      points += count;
    }
    if (group.length > 0) yield group;
  }

  /** Those whose points are all acceptable. */
  #decode(candidates: readonly Candidate[]): PlainMember[] {
    const decoded = this.#engine.decode(concatBytes(...candidates.map(({ equations }) => equations.points)));
    const bad = new Set(decoded.bad);
    const identities = new Set(decoded.identities);
    const members: PlainMember[] = [];
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

  #bisect<M extends Member>(
    members: readonly M[],
    holds: (members: readonly M[]) => boolean,
    held: (member: M) => void,
  ): void {
    if (members.length === 0) return;
    if (holds(members)) {
      if (this.#held !== undefined) members.forEach(held);
    } else if (members.length === 1) this.#lastWord(members[0]!.index);
    else {
      const middle = members.length >> 1;
      this.#bisect(members.slice(0, middle), holds, held);
      this.#bisect(members.slice(middle), holds, held);
    }
  }

  /** Fresh weights every time. */
  #combine(members: readonly PlainMember[]): Uint8Array {
    const shared = new SharedTerms();
    const weight = weights(this.#random);
    const terms = members.map(({ equations, points }) => ({
      points: points.slice(0, equations.weighted),
      scalars: flat(equations.exponents(weight, shared)),
    }));
    const common = shared.terms();
    terms.push({ points: this.#engine.decode(common.points).points, scalars: flat(common.exponents) });
    return this.#engine.msm(terms);
  }

  #lastWord(index: number): void {
    const verdict = verifyItem(this.#items[index]!);
    if (verdict.ok) this.overruled.push(index);
    else this.failures.push({ index, fault: verdict.error });
  }
}

/** The identity, and it alone, is encoded by zeros. */
const isIdentity = (encoding: Uint8Array) => encoding.every((byte) => byte === 0);

function recordOf(item: BatchItem): BatchRecord | null {
  if (item.kind === "schnorr") return schnorrRecord(item.equation);
  return ballotRecord(item.ballot, item.core, item.casting, item.hints ?? null);
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
