/**
 * The engine in plain TypeScript: noble's curve and encodings, the house's own addition formulas and Pippenger. The reference
 * for every other engine, and their fallback.
 */
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { concatBytes } from "../bytes.ts";
import {
  AFFINE_ZERO,
  type Affine,
  addAffine,
  decodeAffine,
  type Extended,
  extend,
  subtractAffine,
  toPoint,
  ZERO,
} from "./edwards.ts";
import type { Accumulator, Decoded, Engine, PointSet, Terms } from "./engine.ts";
import { sumOfMultiples } from "./msm.ts";
import { encodePoint, POINT_BYTES } from "./ristretto.ts";
import { SCALAR_BYTES } from "./scalar.ts";

class AffinePoints implements PointSet {
  readonly list: readonly Affine[];

  constructor(list: readonly Affine[]) {
    this.list = list;
  }

  get length(): number {
    return this.list.length;
  }

  slice(from: number, to: number): PointSet {
    return new AffinePoints(this.list.slice(from, to));
  }
}

function listOf(points: PointSet): readonly Affine[] {
  if (!(points instanceof AffinePoints)) throw new TypeError("points of another engine");
  return points.list;
}

function decode(encodings: Uint8Array): Decoded {
  if (encodings.length % POINT_BYTES !== 0) throw new RangeError("32 bytes per point");
  const list: Affine[] = [];
  const bad: number[] = [];
  const identities: number[] = [];
  for (let i = 0; i * POINT_BYTES < encodings.length; i++) {
    const bytes = encodings.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES);
    const point = decodeAffine(bytes);
    if (point === null) bad.push(i);
    // The identity has exactly one encoding.
    else if (bytes.every((byte) => byte === 0)) identities.push(i);
    list.push(point ?? AFFINE_ZERO);
  }
  return { points: new AffinePoints(list), bad, identities };
}

function msm(terms: readonly Terms[]): Uint8Array {
  const points: Affine[] = [];
  const scalars: bigint[] = [];
  for (const { points: set, scalars: flat } of terms) {
    const list = listOf(set);
    if (flat.length !== list.length * SCALAR_BYTES) throw new RangeError("32 bytes per scalar");
    list.forEach((point, i) => {
      points.push(point);
      scalars.push(bytesToNumberLE(flat.subarray(i * SCALAR_BYTES, (i + 1) * SCALAR_BYTES)));
    });
  }
  return encodePoint(toPoint(sumOfMultiples(points, scalars)));
}

class AffineAccumulator implements Accumulator {
  readonly width: number;
  readonly #sums: Extended[];

  constructor(width: number, start: readonly Affine[] | null) {
    if (start !== null && start.length !== width) throw new RangeError("one point per column");
    this.width = width;
    this.#sums = Array.from({ length: width }, (_, i) => (start === null ? ZERO : extend(start[i]!)));
  }

  add(points: PointSet, from: number): void {
    this.#apply(points, from, addAffine);
  }

  subtract(points: PointSet, from: number): void {
    this.#apply(points, from, subtractAffine);
  }

  encode(): Uint8Array {
    return concatBytes(...this.#sums.map((sum) => encodePoint(toPoint(sum))));
  }

  #apply(points: PointSet, from: number, operation: (sum: Extended, point: Affine) => Extended): void {
    const list = listOf(points);
    if (from < 0 || from + this.width > list.length) throw new RangeError("points outside the set");
    for (let i = 0; i < this.width; i++) this.#sums[i] = operation(this.#sums[i]!, list[from + i]!);
  }
}

/** Stateless. */
export function nobleEngine(): Engine {
  return {
    name: "noble",
    decode,
    msm,
    accumulator: (width, start) => new AffineAccumulator(width, start === undefined ? null : listOf(start)),
  };
}
