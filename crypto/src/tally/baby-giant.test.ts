import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePoint, encodePoint, G, hashToGroup, IDENTITY, multiplyPublic } from "../group/ristretto.ts";
import { randomScalar } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { BabyGiant } from "./baby-giant.ts";

const of = (value: number) => multiplyPublic(G, BigInt(value));

describe("BabyGiant", () => {
  const solver = new BabyGiant(10_000);

  it("finds every small logarithm and the bound itself", () => {
    const small = new BabyGiant(100, 3);
    for (let value = 0; value <= 100; value++) {
      expect(small.solve(of(value), 100)).toBe(value);
      if (value > 0) expect(small.solve(of(value), value - 1)).toBeNull();
    }
    expect(solver.solve(of(10_000), 10_000)).toBe(10_000);
    expect(solver.solve(IDENTITY, 0)).toBe(0);
  });

  it("finds random logarithms, whatever representative the point has", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (value) => {
        const point = of(value);
        expect(solver.solve(point, 1_000_000)).toBe(value);
        expect(solver.solve(unwrap(decodePoint(encodePoint(point))), 1_000_000)).toBe(value);
        // A mask that decoded points carry in and out leaves another Edwards representative behind.
        const mask = unwrap(decodePoint(encodePoint(multiplyPublic(G, randomScalar()))));
        const masked = unwrap(decodePoint(encodePoint(point.add(mask))));
        expect(solver.solve(masked.subtract(mask), 1_000_000)).toBe(value);
      }),
      { numRuns: 20 },
    );
  });

  it("says that there is none: above the bound, negative, or no small power at all", () => {
    expect(solver.solve(of(10_001), 10_000)).toBeNull();
    expect(solver.solve(of(5).negate(), 10_000)).toBeNull();
    expect(solver.solve(of(9_999).negate(), 10_000)).toBeNull();
    expect(solver.solve(hashToGroup(new Uint8Array(64).fill(3)), 10_000)).toBeNull();
  });

  it("solves ten million with its own table within a second or so", () => {
    const large = new BabyGiant(10_000_000);
    for (const value of [9_999_999, 10_000_000, 1, 5_000_123]) expect(large.solve(of(value), 10_000_000)).toBe(value);
  });

  it("refuses bounds and sizes that are no numbers of steps", () => {
    expect(() => solver.solve(G, -1)).toThrow(RangeError);
    expect(() => solver.solve(G, 1.5)).toThrow(RangeError);
    expect(() => new BabyGiant(10, 0)).toThrow(RangeError);
    expect(() => new BabyGiant(10, 2 ** 23)).toThrow(RangeError);
  });
});
