import { ok, type Result } from "@hanpyo/crypto";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { fault, type LogFault } from "./fault.ts";
import { decodeDecimal, isKeyName } from "./text.ts";

/** What a log's checkpoint says (c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  /** Schema-less URL, unique per log; also the name of the log's key. */
  readonly origin: string;
  /** Entries in the log. */
  readonly size: number;
  /** RFC 6962 root, 32 bytes. */
  readonly root: Uint8Array;
}

/** The text a log signs. Throws a RangeError on a field out of range. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  if (!isKeyName(checkpoint.origin))
    throw new RangeError("origin is empty or holds white space, + or control characters");
  if (!Number.isSafeInteger(checkpoint.size) || checkpoint.size < 0) throw new RangeError("size is out of range");
  if (checkpoint.root.length !== 32) throw new RangeError("root is 32 bytes");
  return `${checkpoint.origin}\n${checkpoint.size}\n${encodeBase64(checkpoint.root)}\n`;
}

/** Strict: exactly three lines. Extension lines are refused, since cosignatures of every kind do not cover them. */
export function decodeCheckpoint(text: string): Result<Checkpoint, LogFault> {
  const [origin, size, root, end, ...more] = text.split("\n");
  if (origin === undefined || size === undefined || root === undefined || end !== "" || more.length > 0) {
    return fault("malformed", "a checkpoint has exactly three lines");
  }
  if (!isKeyName(origin)) return fault("malformed", "the origin is not a key name");
  const count = decodeDecimal(size);
  if (!count.ok) return count;
  const hash = decodeBase64(root);
  if (!hash.ok) return hash;
  if (hash.value.length !== 32) return fault("malformed", "the root is not 32 bytes");
  return ok({ origin, size: count.value, root: hash.value });
}
