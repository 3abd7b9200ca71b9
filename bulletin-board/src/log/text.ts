import { ok, type Result } from "@hanpyo/crypto";
import { fault, type LogFault } from "./fault.ts";

/** The text of well-formed UTF-8 (RFC 3629: shortest form, no surrogates, at most U+10FFFF); a byte-order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): Result<string, LogFault> {
  const points: string[] = [];
  let i = 0;
  while (i < bytes.length) {
    const first = bytes[i++]!;
    const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : (first & 0xf0) === 0xe0 ? 2 : 3;
    if (more === 3 && (first < 0xf0 || first > 0xf4)) return fault("malformed", "UTF-8: a byte that starts nothing");
    let point = more === 0 ? first : first & (0x3f >> more);
    for (let j = 0; j < more; j++) {
      const next = bytes[i++];
      if (next === undefined || (next & 0xc0) !== 0x80) return fault("malformed", "UTF-8: a sequence is cut short");
      point = (point << 6) | (next & 0x3f);
    }
    const shortest = [0, 0x80, 0x800, 0x10000][more]!;
    if (point < shortest || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
      return fault("malformed", "UTF-8: not a canonical code point");
    }
    points.push(String.fromCodePoint(point));
  }
  return ok(points.join(""));
}

/** Whether the text has a UTF-8 form at all: half a surrogate pair would silently become another character. */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(i + 1);
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false;
    i++;
  }
  return true;
}

/** A decimal without sign or leading zeros, at most 2^53 - 1. */
export function decodeDecimal(text: string): Result<number, LogFault> {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return fault("malformed", "not a decimal without leading zeros");
  const value = Number(text);
  return Number.isSafeInteger(value) ? ok(value) : fault("malformed", "decimal above 2^53 - 1");
}

/** A key name or origin: not empty, no white space, no `+`, no control character (c2sp.org/signed-note). */
export function isKeyName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return name.length > 0 && name.length <= 255 && isWellFormed(name) && !/[\s\u0000-\u001f\u007f\u0085+]/u.test(name);
}
