/** An engine of noble's parts alone, its `pippenger` included: what the house's engine is measured against and checked with. */
import { pippenger } from "@noble/curves/abstract/curve.js";
import { ristretto255 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import type { Decoded, Engine, PointSet } from "../group/engine.ts";
import { decodePoint, encodePoint, IDENTITY, type Point } from "../group/ristretto.ts";

class Points implements PointSet {
  readonly list: readonly Point[];

  constructor(list: readonly Point[]) {
    this.list = list;
  }

  get length(): number {
    return this.list.length;
  }

  slice(from: number, to: number): PointSet {
    return new Points(this.list.slice(from, to));
  }
}

const listOf = (points: PointSet) => (points as Points).list;

export function stockEngine(): Engine {
  return {
    name: "noble pippenger",
    decode(encodings): Decoded {
      const decoded = Array.from({ length: encodings.length / 32 }, (_, i) =>
        decodePoint(encodings.subarray(32 * i, 32 * i + 32)),
      );
      const list = decoded.map((point) => (point.ok ? point.value : IDENTITY));
      return {
        points: new Points(list),
        bad: decoded.flatMap((point, i) => (point.ok ? [] : [i])),
        identities: decoded.flatMap((point, i) => (point.ok && point.value.is0() ? [i] : [])),
      };
    },
    msm(terms) {
      const points = terms.flatMap((each) => listOf(each.points));
      const scalars = terms.flatMap(({ scalars: flat }) =>
        Array.from({ length: flat.length / 32 }, (_, i) => bytesToNumberLE(flat.subarray(32 * i, 32 * i + 32))),
      );
      return encodePoint(pippenger(ristretto255.Point, points, scalars));
    },
    accumulator(width, start) {
      const sums = start === undefined ? new Array<Point>(width).fill(IDENTITY) : [...listOf(start)];
      const apply = (points: PointSet, from: number, negative: boolean) => {
        for (let i = 0; i < width; i++) {
          const point = listOf(points)[from + i]!;
          sums[i] = negative ? sums[i]!.subtract(point) : sums[i]!.add(point);
        }
      };
      return {
        width,
        add: (points, from) => apply(points, from, false),
        subtract: (points, from) => apply(points, from, true),
        encode: () => Uint8Array.from(sums.flatMap((sum) => [...encodePoint(sum)])),
      };
    },
  };
}
