import { concatBytes, equalBytes, ok, type Result, utf8ToBytes } from "@hanpyo/crypto";
import { fault, type LogFault } from "./fault.ts";
import { nobleSha256, type Sha256 } from "./sha256.ts";

/** Bytes before the payload: version, type, index, prev. */
export const entryHeaderLength = 42;
/** A leaf is at most this long; larger documents are named by hash and lie beside the log. */
export const maxEntryLength = 60_000;

const version = 1;

/**
 * One leaf of the log: `u8 version=1 | u8 type | u64 BE index | 32-byte prev | payload`.
 * `prev` is the RFC 6962 leaf hash of the entry before, so that chain and tree share one hash per entry.
 */
export interface Entry {
  /** 0..255; what the payload holds is the record chapter's business. */
  readonly type: number;
  readonly index: number;
  readonly prev: Uint8Array;
  readonly payload: Uint8Array;
}

/** The `prev` of entry 0: it binds the chain to its origin. */
export function firstPrev(origin: string, sha256: Sha256 = nobleSha256): Uint8Array {
  return sha256(utf8ToBytes(`hanpyo/board/v1\n${origin}\n`));
}

/** Throws a RangeError if a field is out of its range or the leaf would pass 60,000 bytes. */
export function encodeEntry(entry: Entry): Uint8Array {
  if (!Number.isInteger(entry.type) || entry.type < 0 || entry.type > 255) throw new RangeError("entry type is a byte");
  if (!Number.isSafeInteger(entry.index) || entry.index < 0) throw new RangeError("entry index is out of range");
  if (entry.prev.length !== 32) throw new RangeError("prev is 32 bytes");
  if (entryHeaderLength + entry.payload.length > maxEntryLength) throw new RangeError("entry is above 60,000 bytes");
  const header = new Uint8Array(10);
  header[0] = version;
  header[1] = entry.type;
  new DataView(header.buffer).setBigUint64(2, BigInt(entry.index));
  return concatBytes(header, entry.prev, entry.payload);
}

/** Strict; the entry's fields are views into `bytes`. */
export function decodeEntry(bytes: Uint8Array): Result<Entry, LogFault> {
  if (bytes.length > maxEntryLength) return fault("too-large", "entry is above 60,000 bytes");
  if (bytes.length < entryHeaderLength) return fault("malformed", "entry is shorter than its header");
  if (bytes[0] !== version) return fault("malformed", "entry version is not 1");
  const index = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(2);
  if (index > BigInt(Number.MAX_SAFE_INTEGER)) return fault("malformed", "entry index is above 2^53 - 1");
  return ok({
    type: bytes[1]!,
    index: Number(index),
    prev: bytes.subarray(10, entryHeaderLength),
    payload: bytes.subarray(entryHeaderLength),
  });
}

/** Whether the entry stands at `index` and continues the chain from `prev`. */
export function continuesChain(entry: Entry, index: number, prev: Uint8Array): boolean {
  return entry.index === index && equalBytes(entry.prev, prev);
}
