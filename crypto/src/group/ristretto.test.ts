import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes, utf8ToBytes } from "../bytes.ts";
import { unwrap } from "../result.ts";
import { BAD, MULTIPLES, ONE_WAY } from "../testing/rfc9496.ts";
import {
  decodeNonIdentity,
  decodePoint,
  encodePoint,
  G,
  generatorTable,
  hashToGroup,
  IDENTITY,
  multiply,
  multiplyPublic,
  multiplyPublic2,
  type Point,
  withTable,
} from "./ristretto.ts";
import { ORDER } from "./scalar.ts";

const scalar = fc.bigInt({ min: 0n, max: ORDER - 1n });

describe("ristretto255, RFC 9496", () => {
  it("has the multiples of the generator", () => {
    let sum: Point = IDENTITY;
    MULTIPLES.forEach((hex, n) => {
      expect(bytesToHex(encodePoint(sum))).toBe(hex);
      expect(bytesToHex(encodePoint(multiply(G, BigInt(n))))).toBe(hex);
      expect(unwrap(decodePoint(hexToBytes(hex))).equals(sum)).toBe(true);
      sum = sum.add(G);
    });
  });

  it.each(Object.entries(BAD))("refuses encodings that are %s", (_, encodings) => {
    for (const hex of encodings) expect(decodePoint(hexToBytes(hex))).toEqual({ ok: false, error: "encoding" });
  });

  it.each(ONE_WAY)("maps %s", (label, encoding) => {
    expect(bytesToHex(encodePoint(hashToGroup(sha512(utf8ToBytes(label)))))).toBe(encoding);
  });

  it("ignores the top bit of each half in the one-way map, as the RFC does", () => {
    const input = sha512(utf8ToBytes("top bits"));
    const other = input.slice();
    other[31]! ^= 0x80;
    other[63]! ^= 0x80;
    expect(encodePoint(hashToGroup(input))).toEqual(encodePoint(hashToGroup(other)));
    expect(() => hashToGroup(input.subarray(1))).toThrow(RangeError);
  });
});

describe("codec", () => {
  it("decodes and encodes identically, or refuses", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const point = decodePoint(bytes);
        if (!point.ok) return;
        accepted++;
        expect(encodePoint(point.value)).toEqual(bytes);
      }),
      { numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it("refuses other lengths, and the identity where it is asked to", () => {
    expect(decodePoint(new Uint8Array(31))).toEqual({ ok: false, error: "length" });
    expect(decodePoint(new Uint8Array(33))).toEqual({ ok: false, error: "length" });
    expect(decodePoint(new Uint8Array(32)).ok).toBe(true);
    expect(decodeNonIdentity(new Uint8Array(32))).toEqual({ ok: false, error: "identity" });
    expect(decodeNonIdentity(encodePoint(G)).ok).toBe(true);
  });
});

describe("multiplication", () => {
  const tabled = withTable(multiply(G, 3n));

  it("agrees between all its forms", () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const p = multiply(G, 3n);
        const expected = encodePoint(multiplyPublic(p, a));
        expect(encodePoint(multiply(p, a))).toEqual(expected);
        expect(encodePoint(multiply(tabled, a))).toEqual(expected);
        expect(multiply(generatorTable(), b).equals(multiply(G, b))).toBe(true);
        expect(multiplyPublic2(p, a, G, b).equals(multiply(p, a).add(multiply(G, b)))).toBe(true);
        expect(
          multiply(G, a)
            .add(multiply(G, b))
            .equals(multiply(G, (a + b) % ORDER)),
        ).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it("takes zero and the largest scalar and nothing beyond", () => {
    expect(multiply(G, 0n).is0()).toBe(true);
    expect(multiply(tabled, 0n).is0()).toBe(true);
    expect(multiply(IDENTITY, 5n).is0()).toBe(true);
    expect(multiply(G, ORDER - 1n).equals(G.negate())).toBe(true);
    expect(() => multiply(G, ORDER)).toThrow(RangeError);
    expect(() => multiply(G, -1n)).toThrow(RangeError);
  });
});
