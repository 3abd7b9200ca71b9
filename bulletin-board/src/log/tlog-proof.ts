import { ok, type Result } from "@hanpyo/crypto";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { type Ed25519Verify, strictVerify } from "./ed25519.ts";
import { fault, type LogFault } from "./fault.ts";
import { verifyInclusion } from "./merkle.ts";
import { maxNoteLength } from "./note.ts";
import { type OpenedCheckpoint, openCheckpoint, type Policy } from "./policy.ts";
import { nobleSha256, type Sha256 } from "./sha256.ts";
import { decodeDecimal } from "./text.ts";

const header = "c2sp.org/tlog-proof@v1";
const maxExtraLength = 65_536;

/** A receipt that can be checked offline (c2sp.org/tlog-proof). */
export interface TlogProof {
  /** Not authenticated by anything; null where there is none. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  /** RFC 6962 inclusion proof, the leaf's sibling first. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint note, verbatim. */
  readonly checkpoint: string;
}

export function encodeTlogProof(it: TlogProof): string {
  if (!Number.isSafeInteger(it.index) || it.index < 0) throw new RangeError("index is out of range");
  if (it.proof.some((hash) => hash.length !== 32)) throw new RangeError("a proof hash is 32 bytes");
  const lines = [header];
  if (it.extra !== null) lines.push(`extra ${encodeBase64(it.extra)}`);
  lines.push(`index ${it.index}`, ...it.proof.map(encodeBase64), "", it.checkpoint);
  return lines.join("\n");
}

/** Strict; the checkpoint is left for `verifyTlogProof`. */
export function decodeTlogProof(text: string): Result<TlogProof, LogFault> {
  if (text.length > maxNoteLength + 2 * maxExtraLength) return fault("too-large", "a tlog-proof of that length");
  const blank = text.indexOf("\n\n");
  if (blank < 0) return fault("malformed", "no blank line before the checkpoint");
  const lines = text.slice(0, blank).split("\n");
  if (lines.shift() !== header) return fault("malformed", "not a tlog-proof");
  let extra: Uint8Array | null = null;
  if (lines[0]?.startsWith("extra ")) {
    const bytes = decodeBase64(lines.shift()!.slice("extra ".length));
    if (!bytes.ok) return bytes;
    if (bytes.value.length > maxExtraLength) return fault("too-large", "extra data above 65,536 bytes");
    extra = bytes.value;
  }
  const indexLine = lines.shift() ?? "";
  const index = indexLine.startsWith("index ") ? decodeDecimal(indexLine.slice("index ".length)) : null;
  if (index === null || !index.ok) return fault("malformed", "no index line");
  if (lines.length > 63) return fault("too-large", "more than 63 hashes");
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = decodeBase64(line);
    if (!hash.ok) return hash;
    if (hash.value.length !== 32) return fault("malformed", "a proof hash is not 32 bytes");
    proof.push(hash.value);
  }
  return ok({ extra, index: index.value, proof, checkpoint: text.slice(blank + 2) });
}

/** Checks checkpoint, quorum and inclusion of the leaf hash at the proof's index. */
export function verifyTlogProof(
  it: TlogProof,
  leaf: Uint8Array,
  policy: Policy,
  verify: Ed25519Verify = strictVerify,
  sha256: Sha256 = nobleSha256,
): Result<OpenedCheckpoint, LogFault> {
  const opened = openCheckpoint(it.checkpoint, policy, verify);
  if (!opened.ok) return opened;
  const { size, root } = opened.value.checkpoint;
  if (!verifyInclusion(it.proof, it.index, size, leaf, root, sha256)) {
    return fault("proof", "the inclusion proof does not lead to the signed root");
  }
  return ok(opened.value);
}
