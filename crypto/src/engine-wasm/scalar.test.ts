import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORDER } from "../group/scalar.ts";
import { bytesOf, mod, numberOf, RawKernel } from "../testing/engine-wasm/raw-kernel.ts";

const raw = new RawKernel();
const { kernel, arena } = raw;
const wide = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 512n - 1n }),
  // Around multiples of the order, where the last subtractions decide.
  fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 259n }), fc.integer({ min: -2, max: 2 })).map(([k, d]) => {
    const value = k * ORDER + BigInt(d);
    return value < 0n ? 0n : value;
  }),
  fc.integer({ min: 0, max: 511 }).map((bit) => 2n ** BigInt(bit)),
  fc.integer({ min: 1, max: 512 }).map((bits) => 2n ** BigInt(bits) - 1n),
);

describe("scalars of the module, against BigInt", () => {
  it("reduces 512 bits modulo the order, and negates", () => {
    const check = (value: bigint) =>
      arena.scope(() => {
        const a = arena.put(bytesOf(value, 64));
        const o = arena.take(32);
        kernel.reduceWide(o, a);
        expect(numberOf(arena.copy(o, 32))).toBe(value % ORDER);
        kernel.reduceNegated(o, a);
        expect(numberOf(arena.copy(o, 32))).toBe(mod(-value, ORDER));
        expect(numberOf(arena.copy(a, 64))).toBe(value);
      });
    for (const value of [0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 252n, 2n ** 256n - 1n, 2n ** 512n - 1n])
      check(value);
    fc.assert(fc.property(wide, check), { numRuns: 2000 });
  });

  it("reduces scalars of 256 bits in place", () => {
    const values = [0n, ORDER - 1n, ORDER, ORDER + 1n, 2n * ORDER, 15n * ORDER + 3n, 2n ** 256n - 1n];
    arena.scope(() => {
      const at = arena.take(32 * values.length);
      values.forEach((value, i) => {
        arena.bytes.set(bytesOf(value), at + 32 * i);
      });
      kernel.reduceScalars(at, values.length);
      values.forEach((value, i) => {
        expect(numberOf(arena.copy(at + 32 * i, 32))).toBe(value % ORDER);
      });
    });
  });
});

describe("SHA-512 of the module, against noble", () => {
  it("agrees at every length around the padding, and at long ones", () => {
    for (const length of [...Array.from({ length: 400 }, (_, i) => i), 4095, 4096, 60_000])
      arena.scope(() => {
        const message = Uint8Array.from({ length }, (_, i) => (i * 131 + length) & 255);
        const out = arena.take(64);
        kernel.sha512(out, arena.put(message), length);
        expect(arena.copy(out, 64)).toEqual(sha512(message));
      });
  });
});
