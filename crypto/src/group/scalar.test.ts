import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Transcript } from "../transcript.ts";
import { hedgedScalar } from "./hedge.ts";
import { keyPairFrom } from "./keypair.ts";
import {
  challengeScalar,
  challengeWeight,
  decodeScalar,
  encodeScalar,
  invertScalar,
  modOrder,
  ORDER,
  randomScalar,
  reduceWide,
} from "./scalar.ts";

const littleEndian = (value: bigint, length: number) =>
  Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));

describe("scalars", () => {
  it("decode and encode identically", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: ORDER - 1n }), (value) => {
        expect(encodeScalar(value)).toEqual(littleEndian(value, 32));
        expect(decodeScalar(encodeScalar(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it("are refused from the order upwards and in other lengths", () => {
    expect(decodeScalar(littleEndian(ORDER - 1n, 32)).ok).toBe(true);
    for (const value of [ORDER, ORDER + 1n, 2n ** 255n, 2n ** 256n - 1n])
      expect(decodeScalar(littleEndian(value, 32))).toEqual({ ok: false, error: "range" });
    expect(decodeScalar(new Uint8Array(31))).toEqual({ ok: false, error: "length" });
    expect(decodeScalar(new Uint8Array(33))).toEqual({ ok: false, error: "length" });
    expect(() => encodeScalar(ORDER)).toThrow(RangeError);
    expect(() => encodeScalar(-1n)).toThrow(RangeError);
  });

  it("reduce 64 bytes little-endian", () => {
    const wide = 2n ** 511n + 12345n;
    expect(reduceWide(littleEndian(wide, 64))).toBe(wide % ORDER);
    expect(() => reduceWide(new Uint8Array(32))).toThrow(RangeError);
    const transcript = new Transcript("test").text("label", "value");
    expect(challengeScalar(transcript)).toBe(reduceWide(transcript.digest()));
    expect(challengeWeight(transcript)).toBe(
      BigInt(
        `0x${[...transcript.digest().slice(0, 16)]
          .reverse()
          .map((b) => b.toString(16).padStart(2, "0"))
          .join("")}`,
      ),
    );
  });

  it("have representatives and inverses", () => {
    expect(modOrder(-1n)).toBe(ORDER - 1n);
    expect(modOrder(ORDER)).toBe(0n);
    expect(modOrder(invertScalar(7n) * 7n)).toBe(1n);
    expect(() => invertScalar(0n)).toThrow();
  });

  it("are random in range", () => {
    const drawn = new Set(Array.from({ length: 50 }, randomScalar));
    expect(drawn.size).toBe(50);
    for (const value of drawn) expect(value > 0n && value < ORDER).toBe(true);
  });

  it("make key pairs only in range, and never print the secret", () => {
    expect(() => keyPairFrom(0n)).toThrow(RangeError);
    expect(() => keyPairFrom(ORDER)).toThrow(RangeError);
    expect(JSON.stringify({ secret: keyPairFrom(424242n).secret })).not.toContain("424242");
  });
});

describe("hedged nonces", () => {
  const message = (text: string) => new Transcript("test").text("m", text);
  const fixed = new Uint8Array(32);

  it("differ with the randomness, the secret and the message, and repeat with all three", () => {
    const nonce = hedgedScalar(1n, message("a"), fixed);
    expect(hedgedScalar(1n, message("a"), fixed)).toBe(nonce);
    expect(hedgedScalar(2n, message("a"), fixed)).not.toBe(nonce);
    expect(hedgedScalar(1n, message("b"), fixed)).not.toBe(nonce);
    expect(hedgedScalar(1n, message("a"), fixed.slice().fill(1))).not.toBe(nonce);
    expect(hedgedScalar(1n, message("a"))).not.toBe(hedgedScalar(1n, message("a")));
  });

  it("leave the message as it was", () => {
    const transcript = message("a");
    const before = transcript.digest();
    hedgedScalar(1n, transcript);
    expect(transcript.digest()).toEqual(before);
  });
});
