import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, hexToBytes } from "../bytes.ts";
import { nobleEngine } from "../group/noble-engine.ts";
import { decodePoint, encodePoint, G, hashToGroup, IDENTITY, multiplyPublic, type Point } from "../group/ristretto.ts";
import { ORDER } from "../group/scalar.ts";
import { bytesOf, mod, numberOf, P, RawKernel } from "../testing/engine-wasm/raw-kernel.ts";
import { BAD, MULTIPLES } from "../testing/rfc9496.ts";
import { untestedWasmEngine } from "./engine.ts";
import { EXTENDED_BYTES } from "./points.ts";

const TABLE_BYTES = 144;

const engine = untestedWasmEngine();
const noble = nobleEngine();
const raw = new RawKernel();
const { kernel, arena } = raw;
const I = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;

const anyPoint = fc.oneof(
  fc.constantFrom(IDENTITY, G, G.negate(), G.double()),
  fc.bigInt({ min: 0n, max: ORDER - 1n }).map((scalar) => multiplyPublic(G, scalar)),
  fc.uint8Array({ minLength: 64, maxLength: 64 }).map(hashToGroup),
);

/** What decoding says of strings, and their points encoded again (zeros for a bad one). */
function verdict(encodings: Uint8Array, hints?: Uint8Array) {
  const { points, bad, identities } = engine.decode(encodings, hints);
  const sums = engine.accumulator(points.length, points).encode();
  return { bad, identities, sums };
}

function expected(encodings: Uint8Array) {
  const { points, bad, identities } = noble.decode(encodings);
  return { bad, identities, sums: noble.accumulator(points.length, points).encode() };
}

describe("strict decoding", () => {
  it("takes the multiples of RFC 9496 and refuses its bad encodings", () => {
    const good = concatBytes(...MULTIPLES.map(hexToBytes));
    expect(verdict(good)).toEqual({ bad: [], identities: [0], sums: good });
    for (const [kind, list] of Object.entries(BAD)) {
      const { bad } = engine.decode(concatBytes(...list.map(hexToBytes)));
      expect(bad, kind).toEqual(list.map((_, i) => i));
    }
  });

  it("refuses what is not below p, and the odd, at the borders", () => {
    const values = [
      P - 2n,
      P - 1n,
      P,
      P + 1n,
      P + 2n,
      2n ** 255n - 2n,
      2n ** 255n - 1n,
      2n ** 255n,
      2n ** 256n - 2n,
      2n ** 256n - 1n,
    ];
    const strings = concatBytes(...values.map((value) => bytesOf(value)));
    expect(verdict(strings)).toEqual(expected(strings));
    expect(engine.decode(strings).bad).toEqual(values.map((_, i) => i));
  });

  it("agrees with noble on any strings", () => {
    const small = Array.from({ length: 200 }, (_, i) => bytesOf(BigInt(2 * i)));
    const strings = concatBytes(...small);
    expect(verdict(strings)).toEqual(expected(strings));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean(), (bytes, even) => {
        const string = bytes.slice();
        if (even) {
          string[0]! &= 254;
          string[31]! &= 127;
        }
        expect(verdict(string)).toEqual(expected(string));
      }),
      { numRuns: 400 },
    );
  });
});

describe("hints", () => {
  it("change nothing, right or wrong, for points and for what is none", () => {
    const strings = [
      ...MULTIPLES.map(hexToBytes),
      ...Object.values(BAD).flat().map(hexToBytes),
      ...Array.from({ length: 40 }, (_, i) => bytesOf(BigInt(2 * i))),
    ];
    const encodings = concatBytes(...strings);
    const plain = verdict(encodings);
    const right = engine.hints!(encodings);
    const changes: Record<string, (hint: bigint) => bigint> = {
      right: (hint) => hint,
      negative: (hint) => mod(-hint),
      "not reduced": (hint) => (hint + P < 2n ** 256n ? hint + P : hint),
      "times √−1": (hint) => mod(hint * I),
      "times −√−1": (hint) => mod(-hint * I),
      zero: () => 0n,
      one: () => 1n,
      "all ones": () => 2n ** 256n - 1n,
      "one more": (hint) => mod(hint + 1n),
    };
    for (const [name, change] of Object.entries(changes)) {
      const hints = concatBytes(
        ...strings.map((_, i) => bytesOf(change(numberOf(right.subarray(32 * i, 32 * i + 32))))),
      );
      expect(verdict(encodings, hints), name).toEqual(plain);
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: encodings.length, maxLength: encodings.length }), (hints) => {
        expect(verdict(encodings, hints)).toEqual(plain);
      }),
      { numRuns: 20 },
    );
  });

  it("are the two roots that the equation has", () => {
    const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
    for (const encoding of MULTIPLES.map(hexToBytes)) {
      const s = numberOf(encoding);
      const [u1, u2] = [1n - s * s, 1n + s * s];
      const w = mod((-d * u1 * u1 - u2 * u2) * u2 * u2);
      const hint = numberOf(engine.hints!(encoding));
      expect(mod(hint * hint * w)).toBe(1n);
    }
  });

  it("are as many as the strings", () => {
    expect(() => engine.decode(new Uint8Array(64), new Uint8Array(32))).toThrow(RangeError);
    expect(() => engine.hints!(new Uint8Array(33))).toThrow(RangeError);
    expect(() => engine.decode(new Uint8Array(33))).toThrow(RangeError);
  });
});

describe("point arithmetic, against noble", () => {
  const same = (p: number, expectedPoint: Point) => expect(raw.encode(p)).toEqual(encodePoint(expectedPoint));

  it("adds, subtracts, doubles and negates, the same and opposite points and the identity too", () => {
    const check = (a: Point, b: Point) =>
      arena.scope(() => {
        const [x, y] = [encodePoint(a), encodePoint(b)];
        const p = raw.extended(x);
        same(p, a);
        kernel.addCached(p, raw.cached(y));
        same(p, a.add(b));
        kernel.subtractCached(p, raw.cached(x));
        kernel.subtractCached(p, raw.cached(x));
        same(p, b.subtract(a));
        kernel.doubleExtended(p, 1);
        same(p, b.subtract(a).double());
        kernel.addExtended(p, raw.extended(x));
        same(p, b.double().subtract(a));
        const table = arena.take(TABLE_BYTES);
        kernel.toTable(table, p);
        kernel.addTable(p, table);
        same(p, b.double().subtract(a).double());
        kernel.subtractTable(p, table);
        same(p, b.double().subtract(a));
        kernel.addExtended(p, p);
        same(p, b.double().subtract(a).double());
        kernel.setCached(p, raw.cached(y), 1);
        same(p, b.negate());
        kernel.addExtended(p, raw.extended(y));
        same(p, IDENTITY);
        kernel.setIdentity(p);
        same(p, IDENTITY);
      });
    for (const a of [IDENTITY, G, G.negate()]) for (const b of [IDENTITY, G, G.negate()]) check(a, b);
    fc.assert(fc.property(anyPoint, anyPoint, check), { numRuns: 60 });
  });

  it("stays right over long chains, where limbs never come back to canonical", () => {
    arena.scope(() => {
      const p = arena.take(EXTENDED_BYTES);
      kernel.setIdentity(p);
      const g = raw.cached(encodePoint(G));
      let exponent = 0n;
      for (let i = 0; i < 3000; i++)
        if (i % 7 === 3) {
          kernel.doubleExtended(p, 1);
          exponent = (2n * exponent) % ORDER;
        } else if (i % 5 === 1) {
          kernel.subtractCached(p, g);
          exponent = mod(exponent - 1n, ORDER);
        } else {
          kernel.addCached(p, g);
          exponent = (exponent + 1n) % ORDER;
        }
      same(p, multiplyPublic(G, exponent));
    });
  });

  it("encodes every representative of a coset alike", () => {
    // Points that differ by the curve's 4-torsion are one element of the group.
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: ORDER - 1n }), (scalar) =>
        arena.scope(() => {
          const point = multiplyPublic(G, scalar);
          const p = raw.extended(encodePoint(point));
          for (const [x, y] of torsionShifts(raw, p)) {
            const q = arena.take(EXTENDED_BYTES);
            kernel.setIdentity(q);
            put(raw, q, [x, y, 1n, mod(x * y)]);
            expect(raw.encode(q)).toEqual(encodePoint(point));
          }
        }),
      ),
      { numRuns: 30 },
    );
  });
});

/** The affine point p plus each of the four points (0, ±1), (±√−1, 0) of the curve's 4-torsion. */
function torsionShifts(kit: RawKernel, p: number): readonly (readonly [bigint, bigint])[] {
  const [x, y] = [kit.value(p), kit.value(p + 36)];
  // Adding (i, 0): (x, y) ↦ (i·y, i·x); adding (0, −1): (−x, −y).
  return [
    [x, y],
    [mod(-x), mod(-y)],
    [mod(I * y), mod(I * x)],
    [mod(-I * y), mod(-I * x)],
  ];
}

function put(kit: RawKernel, q: number, coordinates: readonly bigint[]): void {
  coordinates.forEach((coordinate, i) => {
    const at = kit.element(coordinate);
    kit.arena.bytes.copyWithin(q + 36 * i, at, at + 36);
  });
}

it("decodes what noble encodes", () => {
  fc.assert(
    fc.property(anyPoint, (point) => {
      const encoding = encodePoint(point);
      expect(decodePoint(encoding).ok).toBe(true);
      expect(verdict(encoding).sums).toEqual(encoding);
    }),
    { numRuns: 100 },
  );
});
