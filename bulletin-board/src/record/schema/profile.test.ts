/** The profile against cborg: the same bytes for every value, and the same answer to every byte string. */
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeProfile, encodeProfile, ProfileError } from "./profile.ts";

const oracle = (bytes: Uint8Array): unknown =>
  decode(bytes, {
    useMaps: true,
    strict: true,
    rejectDuplicateMapKeys: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    allowBigInt: false,
  });

/** Whether a value that cborg decoded lies within the profile. */
const within = (value: unknown): boolean => {
  if (value instanceof Map) return [...value].every(([key, each]) => typeof key === "string" && within(each));
  if (Array.isArray(value)) return value.every(within);
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
  return value === null || ["string", "boolean"].includes(typeof value) || value instanceof Uint8Array;
};

const key = fc.string({ unit: "binary-ascii", maxLength: 30 });
const { tree } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.nat(),
    fc.maxSafeNat(),
    fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.boolean(),
    fc.constant(null),
  ),
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    fc.array(tie("tree"), { maxLength: 30 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 30, noNullPrototype: true }),
  ),
}));

/** As it comes back: maps for objects, sorted. */
const decoded = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(decoded);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  return new Map(Object.entries(value).map(([name, each]) => [name, decoded(each)]));
};

const attempt = (read: (bytes: Uint8Array) => unknown, bytes: Uint8Array) => {
  try {
    return { value: read(bytes) };
  } catch (error) {
    return { error };
  }
};

/** Where ours answers, cborg answers the same; where ours refuses, cborg refuses or answers what records do not use. */
function agrees(bytes: Uint8Array): boolean {
  const ours = attempt(decodeProfile, bytes);
  const theirs = attempt(oracle, bytes);
  if ("value" in ours) {
    expect(theirs).toHaveProperty("value");
    expect(ours.value).toEqual(theirs.value);
    return true;
  }
  expect(ours.error).toBeInstanceOf(ProfileError);
  // cborg lets some encodings through that `decodeRecord` refuses by encoding again.
  if ("value" in theirs && within(theirs.value))
    expect(Buffer.from(encode(theirs.value, rfc8949EncodeOptions))).not.toEqual(Buffer.from(bytes));
  return false;
}

describe("the profile", () => {
  it("encodes every value to the bytes of cborg, and back", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = encodeProfile(value);
        expect(Buffer.from(bytes)).toEqual(Buffer.from(encode(value, rfc8949EncodeOptions)));
        expect(decodeProfile(bytes)).toEqual(decoded(value));
      }),
      { numRuns: 300 },
    );
  });

  it("answers random and mutated bytes like cborg", () => {
    let answered = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void agrees(bytes)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(255), (value, place, byte) => {
        const bytes = Uint8Array.from(encodeProfile(value));
        bytes[place % bytes.length] = byte;
        answered += Number(agrees(bytes));
      }),
      { numRuns: 1000 },
    );
    expect(answered).toBeGreaterThan(100);
  });

  it("answers every first byte, alone and before another item, like cborg", () => {
    for (let first = 0; first < 256; first++)
      for (const rest of [
        [],
        [0x00],
        [0x18],
        [0xf6],
        [0x61, 0x61, 0x01],
        [0, 0, 0, 0, 0, 0, 0, 1],
        Array(8).fill(0xff),
      ])
        agrees(Uint8Array.of(first, ...rest));
  });

  it("refuses what has no encoding", () => {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53, undefined, 1n, () => 0, [undefined], { a: -1 }])
      expect(() => encodeProfile(value)).toThrow(ProfileError);
  });

  it("refuses to nest deeper than records do, without using up the stack", () => {
    const nested = (depth: number) => Uint8Array.of(...Array<number>(depth).fill(0x81), 0x00);
    expect(decodeProfile(nested(16))).toBeInstanceOf(Array);
    expect(() => decodeProfile(nested(17))).toThrow("nests too deep");
    expect(() => decodeProfile(new Uint8Array(60_000).fill(0x81))).toThrow("nests too deep");
  });

  it("gives copies, and plain ones, of a Buffer's bytes", () => {
    const source = Buffer.from([0x42, 1, 2]);
    const value = decodeProfile(source) as Uint8Array;
    source.fill(9);
    expect(value).toEqual(Uint8Array.of(1, 2));
    expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
  });
});
