import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hexToBytes } from "../bytes.ts";
import { confirmationCode, parseConfirmationCode } from "./code.ts";

const h = hexToBytes("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

describe("confirmation code", () => {
  it("is the first 100 bits in Crockford's base 32, five groups of four", () => {
    const bits = [...h].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const expected = Array.from({ length: 20 }, (_, i) =>
      "0123456789ABCDEFGHJKMNPQRSTVWXYZ".charAt(Number.parseInt(bits.slice(5 * i, 5 * i + 5), 2)),
    ).join("");
    expect(confirmationCode(h).replaceAll("-", "")).toBe(expected);
    expect(confirmationCode(h)).toBe("04HM-ASW9-NF6Y-Y093-8NKR");
    expect(() => confirmationCode(h.subarray(1))).toThrow(RangeError);
  });

  it("comes back however it is typed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(3), (bytes, style) => {
        const code = confirmationCode(bytes);
        const typed = [
          code.toLowerCase(),
          code.replaceAll("-", " "),
          code.replaceAll("0", "o").replaceAll("1", "l"),
          ` ${[...code.replaceAll("-", "").replaceAll("1", "I")].join(" ")} `,
        ][style]!;
        expect(parseConfirmationCode(typed)).toEqual({ ok: true, value: code });
      }),
    );
  });

  it("depends on every one of the 100 bits and on no other", () => {
    for (let bit = 0; bit < 256; bit++) {
      const other = h.slice();
      other[bit >> 3]! ^= 0x80 >> (bit & 7);
      expect(confirmationCode(other) === confirmationCode(h)).toBe(bit >= 100);
    }
  });

  it("refuses anything else", () => {
    expect(parseConfirmationCode("")).toEqual({ ok: false, error: "length" });
    expect(parseConfirmationCode("04HM-ASW9-NF6Y-Y093-8NK")).toEqual({ ok: false, error: "length" });
    expect(parseConfirmationCode("04HM-ASW9-NF6Y-Y093-8NKR0")).toEqual({ ok: false, error: "length" });
    expect(parseConfirmationCode("U4HM-ASW9-NF6Y-Y093-8NKR")).toEqual({ ok: false, error: "character" });
    expect(parseConfirmationCode("04HM-ASW9-NF6Y-Y093-8NK한")).toEqual({ ok: false, error: "character" });
    expect(parseConfirmationCode(" ".repeat(1e6))).toEqual({ ok: false, error: "length" });
  });
});
