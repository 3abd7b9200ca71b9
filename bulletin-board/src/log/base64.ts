import { ok, type Result } from "@hanpyo/crypto";
import { fault, type LogFault } from "./fault.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Map([...alphabet].map((letter, value) => [letter, value]));

/** Standard base64 with padding (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += alphabet[word >> 18]! + alphabet[(word >> 12) & 63]!;
    text += left > 1 ? alphabet[(word >> 6) & 63]! : "=";
    text += left > 2 ? alphabet[word & 63]! : "=";
  }
  return text;
}

/** The bytes of canonical standard base64: padded, no white space, unused bits zero (RFC 4648 section 3.5). */
export function decodeBase64(text: string): Result<Uint8Array, LogFault> {
  if (text.length % 4 !== 0) return fault("malformed", "base64: length is not a multiple of four");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    const letters = i + 4 === text.length ? 4 - padding : 4;
    let word = 0;
    for (let j = 0; j < 4; j++) {
      const value = j < letters ? values.get(text[i + j]!) : 0;
      if (value === undefined) return fault("malformed", "base64: a letter outside the alphabet");
      word = (word << 6) | value;
    }
    if ((letters === 2 && (word & 0xffff) !== 0) || (letters === 3 && (word & 0xff) !== 0)) {
      return fault("malformed", "base64: unused bits are not zero");
    }
    for (let j = 0; j < letters - 1; j++) bytes[at++] = (word >> (16 - 8 * j)) & 255;
  }
  return ok(bytes);
}
