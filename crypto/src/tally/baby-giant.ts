/**
 * Bounded discrete logarithms to the base g, by baby steps and giant steps (Shanks 1971), for opened sums only.
 *
 * Steps are compared by the affine y of [4]P on the Edwards curve: representatives of one ristretto255 element differ by
 * 4-torsion, which [4] removes, so no encoding (an inverse square root each) is needed; and P and −P have the same y, so
 * that a table of m steps covers 2m + 1 values. A match is confirmed in the group before it is believed.
 */
import { normalizeZ } from "@noble/curves/abstract/curve.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { G, multiplyPublic, type Point } from "../group/ristretto.ts";

type EdwardsPoint = InstanceType<typeof ed25519.Point>;

const MAX_TABLE = 65_536;
const MAX_CHUNK = 512;
/** A JavaScript number holds this many bits of y exactly; equal bits of different points are told apart afterwards. */
const KEY_MASK = (1n << 52n) - 1n;

function timesFour(point: Point): EdwardsPoint {
  return ed25519.Point.fromAffine(point.toAffine()).double().double();
}

/** The keys of points that are normalised together, with one shared inversion. */
function keysOf(points: EdwardsPoint[]): number[] {
  return normalizeZ(ed25519.Point, points).map((point) => Number(point.toAffine().y & KEY_MASK));
}

/** A table of baby steps, made once (0.8 s for the largest in Node 20) and used for every sum of an election. */
export class BabyGiant {
  readonly #steps = new Map<number, number>();
  /** Steps whose key was taken already: none in practice, but a lost one would be a wrong "no logarithm". */
  readonly #sharing: [key: number, step: number][] = [];
  readonly #size: number;
  readonly #stride: EdwardsPoint;

  /** `bound` is the largest logarithm expected; larger ones are found too, more slowly. */
  constructor(bound: number, size: number = Math.min(MAX_TABLE, Math.max(16, Math.ceil(Math.sqrt(bound))))) {
    if (!Number.isSafeInteger(size) || size < 1 || size > 2 ** 22) throw new RangeError("not a table size");
    this.#size = size;
    const base = timesFour(G);
    let next: EdwardsPoint = ed25519.Point.ZERO;
    for (let from = 0; from <= size; from += MAX_CHUNK) {
      const chunk: EdwardsPoint[] = [];
      for (let step = from; step <= size && step < from + MAX_CHUNK; step++) {
        chunk.push(next);
        next = next.add(base);
      }
      for (const [i, key] of keysOf(chunk).entries()) {
        if (this.#steps.has(key)) this.#sharing.push([key, from + i]);
        else this.#steps.set(key, from + i);
      }
    }
    this.#stride = base.multiplyUnsafe(BigInt(2 * size + 1)).negate();
  }

  /** v with point = g^v and 0 ≤ v ≤ bound, or null where there is none. */
  solve(point: Point, bound: number): number | null {
    if (!Number.isSafeInteger(bound) || bound < 0) throw new RangeError("not a bound");
    const width = 2 * this.#size + 1;
    const last = Math.ceil(bound / width);
    let giant = timesFour(point);
    for (let from = 0, length = 16; from <= last; from += length, length = Math.min(MAX_CHUNK, 2 * length)) {
      const chunk: EdwardsPoint[] = [];
      for (let k = from; k <= last && k < from + length; k++) {
        chunk.push(giant);
        giant = giant.add(this.#stride);
      }
      for (const [i, key] of keysOf(chunk).entries()) {
        for (const step of this.#stepsOf(key)) {
          for (const value of [(from + i) * width + step, (from + i) * width - step]) {
            if (value >= 0 && value <= bound && multiplyPublic(G, BigInt(value)).equals(point)) return value;
          }
        }
      }
    }
    return null;
  }

  #stepsOf(key: number): number[] {
    const step = this.#steps.get(key);
    if (step === undefined) return [];
    return [step, ...this.#sharing.filter(([other]) => other === key).map(([, shared]) => shared)];
  }
}
