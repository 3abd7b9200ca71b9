import { sign as nodeSign, scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytesToHex, utf8ToBytes } from "../bytes.ts";
import { unwrap } from "../result.ts";
import { Secret } from "../secret.ts";
import {
  activationKey,
  generateActivationCode,
  parseActivationCode,
  rollPersonKey,
  signPresentation,
  verifyPresentation,
} from "./activation.ts";

const fault = (typed: string) => {
  const parsed = parseActivationCode(typed);
  return parsed.ok ? null : parsed.error;
};

describe("activation codes", () => {
  it("uses 75 bits: every position takes every character of the alphabet", () => {
    const seen = Array.from({ length: 15 }, () => new Set<string>());
    for (let value = 0; value < 256; value++) {
      const printed = generateActivationCode(new Uint8Array(15).fill(value)).reveal();
      expect(printed).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
      for (const [i, character] of [...printed.replaceAll("-", "").slice(0, 15)].entries()) seen[i]!.add(character);
    }
    for (const set of seen) expect(set.size).toBe(32);
    const many = new Set(Array.from({ length: 200 }, () => generateActivationCode().reveal()));
    expect(many.size).toBe(200);
  });

  it("parses what was printed, however it is typed", () => {
    const printed = generateActivationCode(Uint8Array.from({ length: 15 }, (_, i) => i % 3)).reveal();
    const body = printed.replaceAll("-", "").slice(0, 15);
    expect(body).toBe("012012012012012");
    const typings = [
      printed,
      printed.toLowerCase(),
      printed.replaceAll("-", ""),
      ` ${printed.replaceAll("-", " – ")}\n`,
      printed.replaceAll("0", "O").replaceAll("1", "l"),
      printed.replaceAll("0", "o").replaceAll("1", "I"),
      printed.replaceAll("0", "０").replaceAll("1", "１"),
    ];
    for (const typed of typings) expect(unwrap(parseActivationCode(typed)).reveal()).toBe(body);
  });

  it("refuses other characters, lengths and a wrong check character", () => {
    const printed = generateActivationCode(new Uint8Array(15).fill(9)).reveal();
    const last = printed.at(-1)!;
    for (const other of "0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
      expect(fault(printed.slice(0, -1) + other)).toBe(other === last ? null : "check");
    }
    expect(fault(printed.slice(0, -1))).toBe("length");
    expect(fault(`${printed}0`)).toBe("length");
    expect(fault("")).toBe("length");
    expect(fault(`U${printed.slice(1)}`)).toBe("character");
    expect(fault(`한${printed.slice(1)}`)).toBe("character");
    expect(fault(`${printed}!`)).toBe("character");
    expect(() => generateActivationCode(new Uint8Array(14))).toThrow(RangeError);
  });

  it("never shows a code by printing it", () => {
    const code = generateActivationCode();
    expect(`${code} ${JSON.stringify({ code })}`).not.toContain(code.reveal());
  });
});

describe("holder key", () => {
  const rootSalt = new Uint8Array(32).fill(0xab);
  const code = new Secret("012345678901234");
  const key = activationKey(code, rootSalt);

  it("derives as written, by the platform's own scrypt", () => {
    const salt = `hanpyo/activation/${bytesToHex(rootSalt)}`;
    const expected = scryptSync("012345678901234", salt, 32, { N: 16384, r: 8, p: 1 });
    expect(bytesToHex(key.seed.reveal())).toBe(expected.toString("hex"));
    expect(activationKey(code, new Uint8Array(32)).publicKey).not.toEqual(key.publicKey);
  });

  it("signs a nonce that verifies strictly, as the platform's Ed25519 does", () => {
    const nonce = "A".repeat(43);
    const signature = signPresentation(key, nonce);
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), key.seed.reveal()]);
    const theirs = nodeSign(null, utf8ToBytes(nonce), { key: der, format: "der", type: "pkcs8" });
    expect(bytesToHex(signature)).toBe(theirs.toString("hex"));
    expect(verifyPresentation(key.publicKey, nonce, signature)).toBe(true);
    expect(verifyPresentation(key.publicKey, "B".repeat(43), signature)).toBe(false);
    expect(verifyPresentation(key.publicKey, nonce, signature.slice(1))).toBe(false);
    expect(verifyPresentation(key.publicKey.slice(1), nonce, signature)).toBe(false);
    const smallOrder = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0));
    expect(verifyPresentation(smallOrder, nonce, Uint8Array.of(...smallOrder, ...new Uint8Array(32)))).toBe(false);
  });

  it("names a person by the row", () => {
    expect(rollPersonKey("17")).toEqual(utf8ToBytes("row:17"));
  });
});
