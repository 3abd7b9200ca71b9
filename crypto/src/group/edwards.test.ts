/** Agreement with noble: on the points of RFC 9496, on random and on extreme inputs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, hexToBytes } from "../bytes.ts";
import { rootFieldSource } from "../testing/generate-root-field.ts";
import { BAD, MULTIPLES } from "../testing/rfc9496.ts";
import { stockEngine } from "../testing/stock-engine.ts";
import {
  AFFINE_ZERO,
  add,
  addAffine,
  decodeAffine,
  double,
  extend,
  subtractAffine,
  toAffine,
  toPoint,
  ZERO,
} from "./edwards.ts";
import { nobleEngine } from "./noble-engine.ts";
import { decodePoint, encodePoint, G, hashToGroup, IDENTITY, multiplyPublic, type Point } from "./ristretto.ts";
import { guessRootPower } from "./root.ts";
import { encodeScalar, ORDER, randomBytes } from "./scalar.ts";

const P = 2n ** 255n - 19n;
const point = fc.noShrink(
  fc.oneof(
    fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => hashToGroup(bytes)),
    fc.constantFrom(0n, 1n, 2n, ORDER - 1n).map((scalar) => multiplyPublic(G, scalar)),
  ),
);
const same = (p: Point, q: Point) => expect(encodePoint(p)).toEqual(encodePoint(q));

describe("formulas", () => {
  it("agree with noble, for equal, opposite and identity points too", () => {
    fc.assert(
      fc.property(point, point, (p, q) => {
        for (const [a, b] of [
          [p, q],
          [p, p],
          [p, p.negate()],
          [p, IDENTITY],
          [IDENTITY, q],
        ] as const) {
          const left = extend(toAffine(a));
          same(toPoint(addAffine(left, toAffine(b))), a.add(b));
          same(toPoint(subtractAffine(left, toAffine(b))), a.subtract(b));
          same(toPoint(add(left, extend(toAffine(b)))), a.add(b));
          same(toPoint(double(left)), a.double());
          same(toPoint(extend(toAffine(a), true)), a.negate());
        }
      }),
      { numRuns: 25 },
    );
    same(toPoint(ZERO), IDENTITY);
    same(toPoint(extend(AFFINE_ZERO)), IDENTITY);
  });

  it("stay right over long chains, where coordinates are only loosely reduced", () => {
    let mine = extend(toAffine(G));
    let noble = G;
    for (let i = 0; i < 400; i++) {
      mine = i % 3 === 0 ? double(mine) : i % 3 === 1 ? subtractAffine(mine, toAffine(G)) : add(mine, mine);
      noble = i % 3 === 0 ? noble.double() : i % 3 === 1 ? noble.subtract(G) : noble.add(noble);
    }
    same(toPoint(mine), noble);
  });
});

describe("decoding", () => {
  const agrees = (bytes: Uint8Array) => {
    const mine = decodeAffine(bytes);
    const noble = decodePoint(bytes);
    expect(mine !== null).toBe(noble.ok);
    if (mine !== null && noble.ok) same(toPoint(extend(mine)), noble.value);
    return noble.ok;
  };

  it("accepts and refuses exactly what noble does", () => {
    let accepted = 0;
    for (let i = 0; i < 600; i++) {
      const bytes = randomBytes(32);
      // Half of the strings even and below 2^255, as an encoding is.
      if (i % 2 === 0) {
        bytes[0]! &= 0xfe;
        bytes[31]! &= 0x7f;
      }
      if (agrees(bytes)) accepted++;
    }
    expect(accepted).toBeGreaterThan(10);
    fc.assert(
      fc.property(point, (p) => {
        expect(agrees(encodePoint(p))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("agrees on the vectors of RFC 9496", () => {
    for (const hex of MULTIPLES) expect(agrees(hexToBytes(hex))).toBe(true);
    for (const hex of Object.values(BAD).flat()) expect(agrees(hexToBytes(hex))).toBe(false);
  });

  it("agrees at the edges of the field", () => {
    for (const base of [0n, P, 2n ** 255n, 2n ** 256n - 1n, P / 2n, 2n ** 252n])
      for (let d = -40n; d <= 40n; d++) {
        const value = base + d;
        if (value < 0n || value >= 2n ** 256n) continue;
        agrees(Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)));
      }
  });
});

describe("the guess", () => {
  const power = (base: bigint, exponent: bigint) => {
    let result = 1n;
    for (let bit = exponent.toString(2), i = 0; i < bit.length; i++) {
      result = (result * result) % P;
      if (bit[i] === "1") result = (result * base) % P;
    }
    return result;
  };

  it("is x^((p−5)/8), also for extreme x: nothing falls back in practice", () => {
    const extremes = [
      0n,
      1n,
      2n,
      P - 1n,
      P - 2n,
      2n ** 254n,
      2n ** 255n - 20n,
      ...Array.from({ length: 12 }, (_, i) => 2n ** BigInt(Math.ceil(21.25 * i)) - 1n),
    ];
    for (const x of extremes) expect(((guessRootPower(x) % P) + P) % P).toBe(power(x, (P - 5n) / 8n));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: P - 1n }), (x) => {
        expect(((guessRootPower(x) % P) + P) % P).toBe(power(x, (P - 5n) / 8n));
      }),
      { numRuns: 60 },
    );
  });

  it("comes from the committed source as generated", async () => {
    const { readFile } = await import("node:fs/promises");
    expect(await readFile(new URL("./root-field.generated.ts", import.meta.url), "utf8")).toBe(rootFieldSource());
  });
});

describe("engines", () => {
  it("give the same bytes for the same terms", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(point, fc.bigInt({ min: 0n, max: ORDER - 1n }), fc.boolean()), {
          minLength: 1,
          maxLength: 30,
        }),
        (rows) => {
          const encodings = concatBytes(...rows.map(([p]) => encodePoint(p)));
          const scalars = concatBytes(...rows.map(([, s, short]) => encodeScalar(short ? s >> 125n : s)));
          const [mine, stock] = [nobleEngine(), stockEngine()].map((engine) => {
            const { points, bad, identities } = engine.decode(encodings);
            const sums = engine.accumulator(points.length);
            sums.add(points, 0);
            sums.add(points, 0);
            sums.subtract(points, 0);
            return { sum: engine.msm([{ points, scalars }]), bad, identities, sums: sums.encode() };
          });
          expect(mine).toEqual(stock);
        },
      ),
      { numRuns: 15 },
    );
  });
});
