/** The engine on noble's points and the house's own Pippenger: the reference for every other engine, and their fallback. */
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { concatBytes } from "../bytes.ts";
import type { Accumulator, Decoded, Engine, PointSet, Terms } from "./engine.ts";
import { multiScalarMultiply } from "./msm.ts";
import { decodePoint, encodePoint, IDENTITY, POINT_BYTES, type Point } from "./ristretto.ts";
import { SCALAR_BYTES } from "./scalar.ts";

class NoblePoints implements PointSet {
  readonly list: readonly Point[];

  constructor(list: readonly Point[]) {
    this.list = list;
  }

  get length(): number {
    return this.list.length;
  }

  slice(from: number, to: number): PointSet {
    return new NoblePoints(this.list.slice(from, to));
  }
}

function listOf(points: PointSet): readonly Point[] {
  if (!(points instanceof NoblePoints)) throw new TypeError("points of another engine");
  return points.list;
}

function decode(encodings: Uint8Array): Decoded {
  if (encodings.length % POINT_BYTES !== 0) throw new RangeError("32 bytes per point");
  const list: Point[] = [];
  const bad: number[] = [];
  const identities: number[] = [];
  for (let i = 0; i * POINT_BYTES < encodings.length; i++) {
    const point = decodePoint(encodings.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES));
    if (!point.ok) bad.push(i);
    else if (point.value.is0()) identities.push(i);
    list.push(point.ok ? point.value : IDENTITY);
  }
  return { points: new NoblePoints(list), bad, identities };
}

class NobleAccumulator implements Accumulator {
  readonly width: number;
  readonly #sums: Point[];

  constructor(width: number, start: readonly Point[]) {
    if (start.length !== width) throw new RangeError("one point per column");
    this.width = width;
    this.#sums = [...start];
  }

  add(points: PointSet, from: number): void {
    this.#apply(points, from, (sum, point) => sum.add(point));
  }

  subtract(points: PointSet, from: number): void {
    this.#apply(points, from, (sum, point) => sum.subtract(point));
  }

  encode(): Uint8Array {
    return concatBytes(...this.#sums.map(encodePoint));
  }

  #apply(points: PointSet, from: number, operation: (sum: Point, point: Point) => Point): void {
    const list = listOf(points);
    if (from < 0 || from + this.width > list.length) throw new RangeError("points outside the set");
    for (let i = 0; i < this.width; i++) this.#sums[i] = operation(this.#sums[i]!, list[from + i]!);
  }
}

/** Sums up terms; the bench puts noble's stock `pippenger` here. */
export type PointSum = (points: readonly Point[], scalars: readonly bigint[]) => Point;

export function nobleEngine(name = "noble", sum: PointSum = multiScalarMultiply): Engine {
  return {
    name,
    decode,
    msm(terms: readonly Terms[]): Uint8Array {
      const points: Point[] = [];
      const scalars: bigint[] = [];
      for (const { points: set, scalars: flat } of terms) {
        const list = listOf(set);
        if (flat.length !== list.length * SCALAR_BYTES) throw new RangeError("32 bytes per scalar");
        list.forEach((point, i) => {
          points.push(point);
          scalars.push(bytesToNumberLE(flat.subarray(i * SCALAR_BYTES, (i + 1) * SCALAR_BYTES)));
        });
      }
      return encodePoint(sum(points, scalars));
    },
    accumulator: (width, start) =>
      new NobleAccumulator(width, start === undefined ? new Array<Point>(width).fill(IDENTITY) : listOf(start)),
  };
}
