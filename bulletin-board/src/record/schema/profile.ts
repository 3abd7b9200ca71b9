/**
 * The part of CBOR (RFC 8949) that records use: unsigned integers < 2^53, byte strings, text, arrays, maps with text keys,
 * true, false, null; definite lengths, shortest heads. Nothing else has an encoding here, so that a device carries no decoder
 * for what it must refuse. Tested against cborg.
 */
import { utf8ToBytes } from "@hanpyo/crypto";
import { decodeUtf8 } from "../../log/text.ts";

/** Thrown where bytes or a value lie outside the profile; `decodeRecord` turns it into a value. */
export class ProfileError extends Error {}

/** Deeper than any schema (fuzz.test.ts looks at all); bytes that nest deeper are refused before they use up the stack. */
export const maxDepth = 16;

const unsigned = 0;
const byteString = 2;
const text = 3;
const array = 4;
const map = 5;
/** Whole first bytes of the three simple values. */
const simple: ReadonlyMap<number, boolean | null> = new Map([
  [0xf4, false],
  [0xf5, true],
  [0xf6, null],
]);

function head(major: number, argument: number): Uint8Array {
  if (!Number.isSafeInteger(argument) || argument < 0) throw new ProfileError("a number that has no encoding");
  if (argument < 24) return Uint8Array.of((major << 5) | argument);
  const width = argument < 0x100 ? 0 : argument < 0x10000 ? 1 : argument < 0x1_0000_0000 ? 2 : 3;
  const bytes = new Uint8Array(1 + (1 << width));
  bytes[0] = (major << 5) | (24 + width);
  for (let at = bytes.length - 1, rest = argument; at > 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest;
  return bytes;
}

/** Bytewise order of the encodings (RFC 8949 section 4.2.1), for ASCII keys. */
const byEncoding = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

/** Deterministic encoding; plain objects are maps, whose keys must be ASCII. Throws for everything outside the profile. */
export function encodeProfile(value: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  const write = (each: unknown): void => {
    if (typeof each === "number") parts.push(head(unsigned, each));
    else if (each instanceof Uint8Array) parts.push(head(byteString, each.length), each);
    else if (typeof each === "string") {
      const bytes = utf8ToBytes(each);
      parts.push(head(text, bytes.length), bytes);
    } else if (Array.isArray(each)) {
      parts.push(head(array, each.length));
      for (const item of each) write(item);
    } else if (each === null || typeof each === "boolean") {
      parts.push(Uint8Array.of(each === null ? 0xf6 : each ? 0xf5 : 0xf4));
    } else if (typeof each === "object") {
      const fields = each as Readonly<Record<string, unknown>>;
      const keys = Object.keys(fields).sort(byEncoding);
      parts.push(head(map, keys.length));
      for (const key of keys) {
        write(key);
        write(fields[key]);
      }
    } else throw new ProfileError(`a value of type ${typeof each} has no encoding`);
  };
  write(value);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Numbers, `Uint8Array` (copies), strings, arrays, `Map` by text, booleans, null; throws `ProfileError`. The order of keys is
 * not judged here: whoever asks for the canonical encoding encodes again and compares.
 */
export function decodeProfile(bytes: Uint8Array): unknown {
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ProfileError("it ends too early");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const argument = (info: number): number => {
    if (info < 24) return info;
    if (info > 27) throw new ProfileError("an indefinite length");
    let value = 0;
    for (const byte of take(1 << (info - 24))) value = value * 256 + byte;
    const least = info === 24 ? 24 : 2 ** (4 << (info - 24));
    if (value < least || value > Number.MAX_SAFE_INTEGER) throw new ProfileError("a number not in its shortest form");
    return value;
  };
  const read = (depth: number): unknown => {
    if (depth > maxDepth) throw new ProfileError("it nests too deep");
    const first = take(1)[0]!;
    const known = simple.get(first);
    if (known !== undefined) return known;
    const major = first >> 5;
    if (major === 1 || major > map) throw new ProfileError(`an item of kind ${first}`);
    const size = argument(first & 31);
    if (major === unsigned) return size;
    if (major === byteString) return new Uint8Array(take(size));
    if (major === text) {
      const decoded = decodeUtf8(take(size));
      if (!decoded.ok) throw new ProfileError(decoded.error.detail);
      return decoded.value;
    }
    if (major === array) {
      const items: unknown[] = [];
      while (items.length < size) items.push(read(depth + 1));
      return items;
    }
    const fields = new Map<string, unknown>();
    while (fields.size < size) {
      const key = read(depth + 1);
      if (typeof key !== "string" || fields.has(key)) throw new ProfileError("a key that is no text, or there twice");
      fields.set(key, read(depth + 1));
    }
    return fields;
  };
  const value = read(0);
  if (at !== bytes.length) throw new ProfileError("bytes behind its end");
  return value;
}
