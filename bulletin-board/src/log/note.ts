import { concatBytes, ok, type Result, u32be, u64be, utf8ToBytes } from "@hanpyo/crypto";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { type Ed25519Signer, type Ed25519Verify, strictVerify } from "./ed25519.ts";
import { fault, type LogFault } from "./fault.ts";
import { isKeyName, isWellFormed } from "./text.ts";
import { describeKey, keyType, type VerifierKey } from "./vkey.ts";

/** Signature lines of one note; the specification asks for at least 16. */
export const maxNoteSignatures = 64;
/** UTF-16 units of a whole note: room for 16 ML-DSA-44 lines and more. */
export const maxNoteLength = 131_072;

/** One line `— name base64(key id || signature)` of a note. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  /** What follows the key id: 64 bytes for type 0x01, 8 bytes of time and 64 for type 0x04. */
  readonly signature: Uint8Array;
}

/** A parsed but unverified signed note (c2sp.org/signed-note). */
export interface SignedNote {
  /** Ends with a newline; without the blank line that follows it. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature of a known key that holds; `time` (seconds since 1970) is there for cosignatures only. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  readonly time: number | null;
}

const isText = (text: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  text.length > 0 && text.endsWith("\n") && isWellFormed(text) && !/[\u0000-\u0009\u000b-\u001f]/.test(text);

/** One signature line with its newline. */
export function encodeSignatureLine(signature: NoteSignature): string {
  if (!isKeyName(signature.name)) throw new RangeError("not a key name");
  return `— ${signature.name} ${encodeBase64(concatBytes(u32be(signature.keyId), signature.signature))}\n`;
}

/** Zero or more signature lines, as a witness answers them. */
export function decodeSignatureLines(lines: string): Result<NoteSignature[], LogFault> {
  if (lines.length > maxNoteLength) return fault("too-large", "too many characters in the signatures");
  if (lines === "") return ok([]);
  if (!lines.endsWith("\n")) return fault("malformed", "the last signature line does not end");
  const parts = lines.slice(0, -1).split("\n");
  if (parts.length > maxNoteSignatures) return fault("too-large", `more than ${maxNoteSignatures} signatures`);
  const signatures: NoteSignature[] = [];
  for (const part of parts) {
    const match = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/u.exec(part);
    if (match === null || !isKeyName(match[1]!)) return fault("malformed", "not a signature line");
    const bytes = decodeBase64(match[2]!);
    if (!bytes.ok) return bytes;
    if (bytes.value.length < 5) return fault("malformed", "a signature without bytes");
    signatures.push({
      name: match[1]!,
      keyId: new DataView(bytes.value.buffer).getUint32(0),
      signature: bytes.value.slice(4),
    });
  }
  return ok(signatures);
}

/** Throws a RangeError if the text could not stand in a note. */
export function encodeNote(note: SignedNote): string {
  if (!isText(note.text)) throw new RangeError("a note's text ends with a newline and holds no control characters");
  return `${note.text}\n${note.signatures.map(encodeSignatureLine).join("")}`;
}

/** Strict parse; at least one signature line. Nothing is verified. */
export function decodeNote(note: string): Result<SignedNote, LogFault> {
  if (note.length > maxNoteLength) return fault("too-large", `a note above ${maxNoteLength} characters`);
  if (!isText(note)) return fault("malformed", "not a note's characters");
  const split = note.lastIndexOf("\n\n");
  if (split < 0) return fault("malformed", "no blank line before the signatures");
  const signatures = decodeSignatureLines(note.slice(split + 2));
  if (!signatures.ok) return signatures;
  if (signatures.value.length === 0) return fault("malformed", "no signatures");
  return ok({ text: note.slice(0, split + 1), signatures: signatures.value });
}

/** What a cosignature/v1 signs (c2sp.org/tlog-cosignature); `seconds` since 1970. */
export const cosignedMessage = (text: string, seconds: number): Uint8Array =>
  utf8ToBytes(`cosignature/v1\ntime ${seconds}\n${text}`);

/** Signs a note's text as type 0x01. */
export function signNote(text: string, key: VerifierKey, signer: Ed25519Signer): NoteSignature {
  if (key.type !== keyType.note) throw new RangeError("not a key for notes");
  return { name: key.name, keyId: key.keyId, signature: signer.sign(utf8ToBytes(text)) };
}

/** Signs a checkpoint's text with a time as type 0x04; `seconds` since 1970. */
export function cosign(text: string, seconds: number, key: VerifierKey, signer: Ed25519Signer): NoteSignature {
  if (key.type !== keyType.cosignature) throw new RangeError("not a key for cosignatures");
  const signature = signer.sign(cosignedMessage(text, seconds));
  return { name: key.name, keyId: key.keyId, signature: concatBytes(u64be(seconds), signature) };
}

/**
 * Verifies the signatures of known keys, in the note's order, one per key. Unknown keys are ignored, even if they
 * share a name or an id with a known one. A known key whose signature fails is an error for the whole note.
 */
export function verifyNote(
  note: SignedNote,
  keys: readonly VerifierKey[],
  verify: Ed25519Verify = strictVerify,
): Result<VerifiedSignature[], LogFault> {
  const verified = new Map<VerifierKey, VerifiedSignature>();
  for (const line of note.signatures) {
    const key = keys.find((known) => known.name === line.name && known.keyId === line.keyId);
    if (key === undefined) continue;
    const time = signatureTime(note.text, line, key, verify);
    if (time === false) return fault("signature", `the signature of ${describeKey(key)} does not hold`);
    if (!verified.has(key)) verified.set(key, { key, time });
  }
  return ok([...verified.values()]);
}

/** False if the signature does not hold, else its time or null. */
function signatureTime(
  text: string,
  line: NoteSignature,
  key: VerifierKey,
  verify: Ed25519Verify,
): number | null | false {
  if (key.type === keyType.note) {
    return line.signature.length === 64 && verify(line.signature, utf8ToBytes(text), key.publicKey) ? null : false;
  }
  if (line.signature.length !== 72) return false;
  const wide = new DataView(line.signature.buffer, line.signature.byteOffset).getBigUint64(0);
  if (wide > BigInt(Number.MAX_SAFE_INTEGER)) return false;
  const seconds = Number(wide);
  return verify(line.signature.subarray(8), cosignedMessage(text, seconds), key.publicKey) ? seconds : false;
}
