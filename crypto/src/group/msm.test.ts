import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { multiScalarMultiply, signedDigits } from "./msm.ts";
import { G, IDENTITY, multiplyPublic, type Point } from "./ristretto.ts";
import { ORDER } from "./scalar.ts";

const anyScalar = fc.oneof(
  fc.bigInt({ min: 0n, max: ORDER - 1n }),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  fc.constantFrom(0n, 1n, 2n, ORDER - 1n, 2n ** 127n, 2n ** 128n - 1n, 2n ** 252n),
);
const naive = (points: readonly Point[], scalars: readonly bigint[]) =>
  points.reduce((sum, point, i) => sum.add(multiplyPublic(point, scalars[i]!)), IDENTITY);

describe("multi-scalar multiplication", () => {
  it("equals the sum of single multiplications", () => {
    fc.assert(
      fc.property(fc.array(anyScalar, { maxLength: 40 }), (scalars) => {
        const points = scalars.map((_, i) => multiplyPublic(G, BigInt(i * i + 1)));
        expect(multiScalarMultiply(points, scalars).equals(naive(points, scalars))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("holds at a size where windows are wide", () => {
    // Points i·g and scalars s_i: the sum is (Σ i·s_i)·g.
    const scalars = Array.from({ length: 1200 }, (_, i) => (BigInt(i) ** 20n * 0x9e3779b97f4a7c15n) % ORDER);
    const points: Point[] = [];
    for (let i = 0, point: Point = IDENTITY; i < scalars.length; i++, point = point.add(G)) points.push(point);
    const sum = scalars.reduce((total, s, i) => (total + BigInt(i) * s) % ORDER, 0n);
    expect(multiScalarMultiply(points, scalars).equals(multiplyPublic(G, sum))).toBe(true);
  });

  it("takes repeated, opposite and identity points", () => {
    expect(multiScalarMultiply([G, G, G.negate(), IDENTITY], [5n, 6n, 11n, 9n]).is0()).toBe(true);
    expect(multiScalarMultiply([], []).is0()).toBe(true);
    expect(multiScalarMultiply([G, G], [0n, 0n]).is0()).toBe(true);
  });

  it("refuses negative scalars and lists of different lengths", () => {
    expect(() => multiScalarMultiply([G], [-1n])).toThrow(RangeError);
    expect(() => multiScalarMultiply([G], [])).toThrow(RangeError);
  });
});

describe("signed digits", () => {
  it("recompose and stay within half a window", () => {
    fc.assert(
      fc.property(anyScalar, fc.integer({ min: 1, max: 14 }), (scalar, width) => {
        const digits = signedDigits(scalar, width, Math.ceil((scalar.toString(2).length + 1) / width));
        const back = digits.reduceRight((sum, digit) => sum * 2n ** BigInt(width) + BigInt(digit), 0n);
        expect(back).toBe(scalar);
        for (const digit of digits) expect(Math.abs(digit)).toBeLessThanOrEqual(2 ** (width - 1));
      }),
    );
  });

  it("refuse a scalar that does not fit", () => {
    expect(() => signedDigits(256n, 4, 2)).toThrow(RangeError);
  });
});
