import { concatBytes, ok, type Result } from "@hanpyo/crypto";
import { maxEntryLength } from "./entry.ts";
import { fault, type LogFault } from "./fault.ts";
import { tileWidth } from "./tile.ts";

/** An entry bundle: 1..256 times a big-endian u16 length and the entry (c2sp.org/tlog-tiles). */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > tileWidth) throw new RangeError("a bundle holds 1..256 entries");
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > maxEntryLength) throw new RangeError("entry is above 60,000 bytes");
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 255), entry);
  }
  return concatBytes(...parts);
}

/** Exactly `width` entries, as views into `bytes`. */
export function decodeBundle(bytes: Uint8Array, width: number): Result<Uint8Array[], LogFault> {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (entries.length === width) return fault("malformed", "the bundle goes on after its last entry");
    if (at + 2 > bytes.length) return fault("malformed", "the bundle is cut short");
    const length = bytes[at]! * 256 + bytes[at + 1]!;
    if (length > maxEntryLength) return fault("too-large", "the bundle holds an entry above 60,000 bytes");
    if (at + 2 + length > bytes.length) return fault("malformed", "the bundle is cut short");
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries.length === width ? ok(entries) : fault("malformed", `the bundle does not hold ${width} entries`);
}
