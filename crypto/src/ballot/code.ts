/**
 * The confirmation code a person reads: the first 100 bits of h in Crockford's base 32, five groups of four. A hundred bits
 * leave 2^100 work to find a second ballot with a given code.
 */
import { err, ok, type Result } from "../result.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 20;

/** `XXXX-XXXX-XXXX-XXXX-XXXX` of a 32-byte h. */
export function confirmationCode(h: Uint8Array): string {
  if (h.length !== 32) throw new RangeError("h has 32 bytes");
  let characters = "";
  for (let i = 0; i < CHARACTERS; i++) {
    const bit = 5 * i;
    const pair = (h[bit >> 3]! << 8) | h[(bit >> 3) + 1]!;
    characters += ALPHABET[(pair >> (11 - (bit & 7))) & 31];
  }
  return group(characters);
}

function group(characters: string): string {
  return characters.match(/.{4}/g)!.join("-");
}

/**
 * What a person typed, as `confirmationCode` writes it: any case, spaces and dashes anywhere, O read as 0, I and L as 1.
 */
export function parseConfirmationCode(typed: string): Result<string, "length" | "character"> {
  // Longer than any code written with separators between all characters: not worth reading.
  if (typed.length > 4 * CHARACTERS) return err("length");
  const folded = typed
    .replace(/[\s\-‐‑‒–—―−_.·]/gu, "")
    .toUpperCase()
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  for (const character of folded) if (!ALPHABET.includes(character)) return err("character");
  return folded.length === CHARACTERS ? ok(group(folded)) : err("length");
}
