import { bytesToHex, u32be } from "@hanpyo/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FingerprintTable } from "./fingerprint-table.ts";

/** Few first words, so that slots collide. */
const key = fc
  .tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3))
  .map((words) => Uint8Array.from(words.flatMap((word) => [...u32be(word)])));

describe("a table of fingerprints", () => {
  it("agrees with a map", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(2 ** 32 - 1), fc.boolean()), { maxLength: 300 }), (operations) => {
        const table = new FingerprintTable(2);
        const map = new Map<string, readonly [number, number]>();
        for (const [name, value, write] of operations) {
          const hex = bytesToHex(name);
          if (write) {
            const row = table.add(name);
            expect([...row]).toEqual([...(map.get(hex) ?? [0, 0])]);
            row[0] = value;
            row[1] = ~value;
            map.set(hex, [value, ~value >>> 0]);
          }
          const known = table.get(name);
          expect(known && [...known]).toEqual(map.get(hex) && [...map.get(hex)!]);
        }
        expect(table.size).toBe(map.size);
      }),
    );
  });

  it.each([0, 1, 3, 11])("keeps every row of %i words while it grows", (words) => {
    const table = new FingerprintTable(words);
    const name = (i: number) => Uint8Array.from([...u32be(i % 7), ...u32be(i), ...u32be(0), ...u32be(0)]);
    const count = 5000;
    for (let i = 0; i < count; i++) table.add(name(i)).fill(i);
    expect(table.size).toBe(count);
    for (let i = 0; i < count; i++) expect([...table.get(name(i))!]).toEqual(new Array(words).fill(i));
    expect(table.get(name(count))).toBeUndefined();
    expect(table.bytes / count).toBeLessThan((4 + words) * 4 * 1.6 + 16);
  });

  it("reads keys out of the middle of a buffer, and no others than of 16 bytes", () => {
    const table = new FingerprintTable(1);
    const buffer = Uint8Array.from({ length: 64 }, (_, i) => i);
    table.add(buffer.subarray(5, 37))[0] = 9;
    expect(table.get(buffer.slice(5, 37))![0]).toBe(9);
    expect(() => table.get(buffer.subarray(0, 15))).toThrow(RangeError);
  });
});
