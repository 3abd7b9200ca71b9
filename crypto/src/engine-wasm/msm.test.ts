import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../bytes.ts";
import type { Engine, Terms } from "../group/engine.ts";
import { encodePoint, G, IDENTITY, multiplyPublic } from "../group/ristretto.ts";
import { encodeScalar, ORDER } from "../group/scalar.ts";
import { bytesOf } from "../testing/engine-wasm/raw-kernel.ts";
import { stockEngine } from "../testing/stock-engine.ts";
import { untestedWasmEngine } from "./engine.ts";

/** As it is used, by buckets alone, and by Straus' method alone. */
const engines = {
  both: untestedWasmEngine(),
  buckets: untestedWasmEngine(undefined, -1),
  straus: untestedWasmEngine(undefined, 2 ** 20),
};
const engine = engines.both;
const stock = stockEngine();

/** g^1 … g^1000 and the identity, in turn with their opposites. */
const MULTIPLES = Array.from({ length: 1000 }, (_, i) => encodePoint(multiplyPublic(G, BigInt(i + 1))));
const OPPOSITES = [1n, 2n, 3n].map((i) => encodePoint(multiplyPublic(G, ORDER - i)));
const POINTS = [...OPPOSITES, encodePoint(IDENTITY), ...MULTIPLES];

const extremes = [
  0n,
  1n,
  2n,
  2n ** 64n - 1n,
  2n ** 127n,
  2n ** 128n - 1n,
  2n ** 128n,
  2n ** 128n + 1n,
  2n ** 129n,
  2n ** 130n - 1n,
  2n ** 251n - 1n,
  2n ** 251n,
  2n ** 251n + 2n ** 250n,
  ORDER / 2n - 1n,
  ORDER / 2n,
  ORDER / 2n + 1n,
  2n ** 252n - 1n,
  2n ** 252n,
  ORDER - 2n ** 128n,
  ORDER - 2n,
  ORDER - 1n,
];
/** Every digit the largest or the smallest: repeated patterns of ones and zeros of every window's width. */
const patterns = Array.from({ length: 13 }, (_, i) => {
  const width = BigInt(i + 1);
  let ones = 0n;
  for (let bit = width - 1n; bit < 252n; bit += width) ones |= 1n << bit;
  return [ones, ones - 1n, (2n ** 252n - 1n) ^ ones, ones % 2n ** 128n];
}).flat();
const scalar = fc.oneof(
  fc.constantFrom(...extremes, ...patterns.filter((each) => each < ORDER)),
  fc.bigInt({ min: 0n, max: ORDER - 1n }),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  fc.bigInt({ min: 0n, max: 2n ** 16n }),
);

const sum = (each: Engine, points: readonly Uint8Array[], scalars: readonly bigint[]) =>
  each.msm([
    { points: each.decode(concatBytes(...points)).points, scalars: concatBytes(...scalars.map((s) => bytesOf(s))) },
  ]);

describe("multi-scalar multiplication of the module", () => {
  it("equals noble's own, at any small size, with extreme scalars", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), scalar), { maxLength: 60 }), (terms) => {
        const points = terms.map(([i]) => POINTS[i]!);
        const scalars = terms.map(([, s]) => s);
        const expected = sum(stock, points, scalars);
        for (const [name, each] of Object.entries(engines)) expect(sum(each, points, scalars), name).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("takes every extreme scalar alone, and beside others of both lengths", () => {
    for (const value of [...extremes, ...patterns])
      for (const others of [[], [5n], [2n ** 200n + 9n], [5n, 2n ** 200n + 9n, ORDER - 3n]]) {
        const scalars = [value, ...others];
        const expected = scalars.reduce((total, s, i) => total + s * BigInt(i + 1), 0n) % ORDER;
        for (const [name, each] of Object.entries(engines))
          expect(sum(each, MULTIPLES.slice(0, scalars.length), scalars), name).toEqual(
            encodePoint(multiplyPublic(G, expected)),
          );
      }
  });

  it("takes the scalars that are too many for 252 bits by l − 2^252, whose top digit is one more than half", () => {
    const edges: bigint[] = [];
    for (let low = 1; low <= 13; low++)
      for (let high = 1; high <= 13; high++) {
        const split = low * Math.ceil(130 / low);
        let bias = 1n << 251n;
        for (let bit = low - 1; bit < split; bit += low) bias |= 1n << BigInt(bit);
        for (let bit = split + high - 1; bit < 251; bit += high) bias |= 1n << BigInt(bit);
        // The largest that stays positive, and those above it up to where the digits fit again.
        const limit = 2n ** 252n - 1n - bias;
        edges.push(
          limit,
          limit + 1n,
          limit + 2n ** 100n,
          limit + (ORDER - 2n ** 252n),
          limit + (ORDER - 2n ** 252n) + 1n,
        );
      }
    const { buckets } = engines;
    for (const edge of new Set(edges))
      expect(sum(buckets, [MULTIPLES[1]!, MULTIPLES[4]!], [edge, 3n])).toEqual(
        encodePoint(multiplyPublic(G, (2n * edge + 15n) % ORDER)),
      );
    for (const copies of [1, 3, 12, 60]) {
      const scalars = new Array<bigint[]>(copies).fill(edges).flat();
      const points = scalars.map((_, i) => MULTIPLES[i % 1000]!);
      const total = scalars.reduce((all, each, i) => all + each * BigInt((i % 1000) + 1), 0n) % ORDER;
      expect(sum(buckets, points, scalars)).toEqual(encodePoint(multiplyPublic(G, total)));
    }
  });

  it("reduces scalars of 256 bits", () => {
    for (const value of [ORDER, ORDER + 7n, 2n ** 255n, 2n ** 256n - 1n])
      expect(sum(engine, [MULTIPLES[0]!], [value])).toEqual(encodePoint(multiplyPublic(G, value % ORDER)));
  });

  // Σ s_i · (k_i·g) is known from the exponents, at sizes that use every width of windows.
  for (const size of [1, 2, 3, 5, 9, 17, 40, 100, 250, 600, 1500, 4000, 10_000])
    it(`holds for ${size} terms, all long, all short, and mixed`, () => {
      for (const kind of ["long", "short", "mixed"]) {
        const scalars = Array.from({ length: size }, (_, i) => {
          if (i % 97 === 5) return extremes[i % extremes.length]!;
          const long = kind === "long" || (kind === "mixed" && i % 3 === 0);
          return (BigInt(i + 1) ** 41n * 0x9e3779b97f4a7c15f39cc0605cedc835n) % (long ? ORDER : 2n ** 128n);
        });
        const expected = scalars.reduce((total, s, i) => total + s * BigInt((i % 1000) + 1), 0n) % ORDER;
        const points = scalars.map((_, i) => MULTIPLES[i % 1000]!);
        for (const [name, each] of Object.entries(engines))
          if (name !== "straus" || size <= 1500)
            expect(sum(each, points, scalars), `${kind}, ${name}`).toEqual(encodePoint(multiplyPublic(G, expected)));
      }
    });

  it("splits what is longer than its memory, over sets of any sizes", () => {
    const { points } = engine.decode(concatBytes(...MULTIPLES));
    const scalars = concatBytes(...MULTIPLES.map((_, i) => encodeScalar(BigInt(i) ** 30n % ORDER)));
    const set: Terms = { points, scalars };
    const once = MULTIPLES.reduce((total, _, i) => total + (BigInt(i) ** 30n % ORDER) * BigInt(i + 1), 0n);
    const terms = [set, { points: points.slice(0, 0), scalars: new Uint8Array(0) }, ...new Array<Terms>(132).fill(set)];
    expect(engine.msm(terms)).toEqual(encodePoint(multiplyPublic(G, (133n * once) % ORDER)));
  });

  it("gives the identity for nothing", () => {
    expect(engine.msm([])).toEqual(encodePoint(IDENTITY));
    expect(sum(engine, MULTIPLES.slice(0, 2), [0n, 0n])).toEqual(encodePoint(IDENTITY));
  });

  it("refuses points of another engine, and scalars that do not match", () => {
    const { points } = engine.decode(MULTIPLES[0]!);
    expect(() => engine.msm([{ points: stock.decode(MULTIPLES[0]!).points, scalars: new Uint8Array(32) }])).toThrow(
      TypeError,
    );
    expect(() => engine.msm([{ points, scalars: new Uint8Array(31) }])).toThrow(RangeError);
    expect(() => engine.accumulator(2, points)).toThrow(RangeError);
    expect(() => engine.accumulator(1).add(points, 1)).toThrow(RangeError);
    expect(() => engine.accumulator(1).add(points, -1)).toThrow(RangeError);
  });
});
