import { bytesToHex, hexToBytes, unwrap } from "@hanpyo/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { continuesChain, decodeEntry, encodeEntry, firstPrev } from "./entry.ts";
import { decodeDecimal, decodeUtf8 } from "./text.ts";

describe("entry", () => {
  it("has the written layout", () => {
    const prev = firstPrev("board.example.org/e1");
    const bytes = encodeEntry({ type: 7, index: 258, prev, payload: hexToBytes("c0ffee") });
    expect(bytesToHex(bytes)).toBe(`01070000000000000102${bytesToHex(prev)}c0ffee`);
    // echo -en 'hanpyo/board/v1\nboard.example.org/e1\n' | sha256sum
    expect(bytesToHex(prev)).toBe("41f769516a83a738e590212a86c4cae5eb92ac6ddecfbbf820d460015443f818");
  });

  it("decodes to what was encoded", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 300 }),
        (type, index, prev, payload) => {
          const decoded = unwrap(decodeEntry(encodeEntry({ type, index, prev, payload })));
          expect(decoded).toEqual({ type, index, prev, payload });
          expect(continuesChain(decoded, index, prev)).toBe(true);
          expect(continuesChain(decoded, index + 1, prev)).toBe(false);
        },
      ),
    );
  });

  it("survives random bytes: a refusal, or a value that encodes to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, versioned) => {
        if (versioned && bytes.length > 0) bytes[0] = 1;
        const decoded = decodeEntry(bytes);
        if (decoded.ok) expect(encodeEntry(decoded.value)).toEqual(bytes);
        else expect(decoded.error.code).toBe("malformed");
      }),
    );
  });

  it("refuses another version, a short header, an index above 2^53 - 1 and more than 60,000 bytes", () => {
    const prev = new Uint8Array(32);
    const good = encodeEntry({ type: 0, index: 0, prev, payload: new Uint8Array(0) });
    expect(decodeEntry(good).ok).toBe(true);
    expect(decodeEntry(good.subarray(1)).ok).toBe(false);
    expect(decodeEntry(Uint8Array.from(good).fill(2, 0, 1)).ok).toBe(false);
    expect(decodeEntry(Uint8Array.from(good).fill(255, 2, 3)).ok).toBe(false);
    const longest = encodeEntry({ type: 0, index: 0, prev, payload: new Uint8Array(59_958) });
    expect(longest.length).toBe(60_000);
    expect(decodeEntry(new Uint8Array(60_001).fill(1, 0, 1))).toMatchObject({
      ok: false,
      error: { code: "too-large" },
    });
    expect(() => encodeEntry({ type: 0, index: 0, prev, payload: new Uint8Array(59_959) })).toThrow(RangeError);
    expect(() => encodeEntry({ type: 256, index: 0, prev, payload: prev })).toThrow(RangeError);
    expect(() => encodeEntry({ type: 0, index: -1, prev, payload: prev })).toThrow(RangeError);
    expect(() => encodeEntry({ type: 0, index: 0, prev: new Uint8Array(31), payload: prev })).toThrow(RangeError);
  });
});

describe("base64, UTF-8 and decimals", () => {
  it("agree with the platform's own", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.string({ unit: "binary" }), (bytes, text) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
        expect(unwrap(decodeBase64(encodeBase64(bytes)))).toEqual(bytes);
        expect(unwrap(decodeUtf8(new Uint8Array(Buffer.from(text, "utf8"))))).toBe(text);
        const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
        const decoded = decodeUtf8(bytes);
        if (decoded.ok) expect(strict.decode(bytes)).toBe(decoded.value);
        else expect(() => strict.decode(bytes)).toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it("refuse every second spelling", () => {
    for (const text of [
      "A",
      "AA",
      "AAA",
      "AB==",
      "AAB=",
      "AA=A",
      "====",
      "A===",
      "AAAA\n",
      "AA-_",
      "AA==AAAA",
      " AAA",
    ]) {
      expect(decodeBase64(text).ok, text).toBe(false);
    }
    for (const hex of ["c080", "e08080", "eda080", "f4908080", "ff", "c3", "80", "f8808080"]) {
      expect(decodeUtf8(hexToBytes(hex)).ok, hex).toBe(false);
    }
    for (const text of ["", "00", "01", "-1", "+1", "1.0", "1e3", "9007199254740992", " 1", "１"]) {
      expect(decodeDecimal(text).ok, text).toBe(false);
    }
    expect(unwrap(decodeDecimal("9007199254740991"))).toBe(Number.MAX_SAFE_INTEGER);
  });
});
