import { bytesToHex, ok, type Result } from "@hanpyo/crypto";
import { type Checkpoint, decodeCheckpoint } from "./checkpoint.ts";
import { type Ed25519Verify, strictVerify } from "./ed25519.ts";
import { fault, type LogFault } from "./fault.ts";
import { decodeNote, type NoteSignature, type SignedNote, verifyNote } from "./note.ts";
import { decodeDecimal } from "./text.ts";
import { decodeVkey, encodeVkey, keyType, type VerifierKey } from "./vkey.ts";

/** Whose signatures make a checkpoint count: the log's, and those of any k of the witnesses. */
export interface Policy {
  readonly log: VerifierKey;
  readonly witnesses: readonly VerifierKey[];
  /** 0..witnesses.length; 0 says openly that nobody witnesses. */
  readonly k: number;
}

/** Checks the parts against each other: one public key may speak once only, since a cosignature does not commit to its name. */
export function policy(log: VerifierKey, witnesses: readonly VerifierKey[], k: number): Result<Policy, LogFault> {
  if (log.type !== keyType.note) return fault("malformed", "the log's key is not a note key");
  if (witnesses.some((key) => key.type !== keyType.cosignature)) {
    return fault("malformed", "a witness's key is not a cosignature key");
  }
  const keys = new Set([log, ...witnesses].map((key) => bytesToHex(key.publicKey)));
  if (keys.size !== witnesses.length + 1) return fault("malformed", "two parties hold one public key");
  if (!Number.isInteger(k) || k < 0 || k > witnesses.length) return fault("malformed", "k is not 0..m");
  return ok({ log, witnesses, k });
}

/** The policy as a c2sp.org/tlog-policy file, which other software reads too. */
export function encodePolicy(it: Policy): string {
  const names = it.witnesses.map((_, i) => `w${i + 1}`);
  const lines = [
    `log ${encodeVkey(it.log)}`,
    ...it.witnesses.map((key, i) => `witness ${names[i]} ${encodeVkey(key)}`),
  ];
  if (it.k > 0) lines.push(`group quorum-group ${it.k} ${names.join(" ")}`);
  lines.push(`quorum ${it.k > 0 ? "quorum-group" : "none"}`);
  return `${lines.join("\n")}\n`;
}

/** Reads exactly what `encodePolicy` writes; nested groups are another policy than this system has. */
export function decodePolicy(text: string): Result<Policy, LogFault> {
  if (text.length > 65_536) return fault("too-large", "a policy above 65,536 characters");
  const keys: VerifierKey[] = [];
  let k = 0;
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.split(" ");
    if (word === "log" || word === "witness") {
      const key = decodeVkey(rest.at(-1) ?? "");
      if (!key.ok) return key;
      keys.push(key.value);
    } else if (word === "group") {
      const count = decodeDecimal(rest[1] ?? "");
      if (!count.ok) return count;
      k = count.value;
    }
  }
  const [log, ...witnesses] = keys;
  if (log === undefined) return fault("malformed", "the policy names no log");
  const made = policy(log, witnesses, k);
  if (made.ok && encodePolicy(made.value) !== text)
    return fault("malformed", "the policy is not in its canonical form");
  return made;
}

/** A witness's cosignature that holds. */
export interface Cosignature {
  readonly witness: VerifierKey;
  /** Seconds since 1970, as the witness said. */
  readonly time: number;
}

/** A checkpoint whose log signature holds, with the cosignatures that hold. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** In the policy's order, one per witness at most. */
  readonly cosignatures: readonly Cosignature[];
  readonly note: SignedNote;
}

/** Verifies a checkpoint note, *without* asking for the quorum: for the log's own machinery and for saying "pending". */
export function openUnwitnessed(
  text: string,
  it: Policy,
  verify: Ed25519Verify = strictVerify,
): Result<OpenedCheckpoint, LogFault> {
  const note = decodeNote(text);
  if (!note.ok) return note;
  const checkpoint = decodeCheckpoint(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  if (checkpoint.value.origin !== it.log.name) return fault("origin", "the checkpoint is of another log");
  const verified = verifyNote(note.value, [it.log, ...it.witnesses], verify);
  if (!verified.ok) return verified;
  if (!verified.value.some(({ key }) => key === it.log))
    return fault("unsigned", "the log did not sign the checkpoint");
  const cosignatures = it.witnesses.flatMap((witness) => {
    const found = verified.value.find(({ key }) => key === witness);
    return found?.time == null ? [] : [{ witness, time: found.time }];
  });
  return ok({ checkpoint: checkpoint.value, cosignatures, note: note.value });
}

/** Verifies a checkpoint note: origin, log signature, and at least k cosignatures (else `quorum`). */
export function openCheckpoint(
  text: string,
  it: Policy,
  verify: Ed25519Verify = strictVerify,
): Result<OpenedCheckpoint, LogFault> {
  const opened = openUnwitnessed(text, it, verify);
  if (!opened.ok) return opened;
  const held = opened.value.cosignatures.length;
  return held >= it.k ? opened : fault("quorum", `${held} of ${it.k} cosignatures`);
}

/** The time a quorum stands for: the ⌈k/2⌉-th smallest of its times, so that a minority cannot move it. */
export function quorumTime(times: readonly number[]): number {
  if (times.length === 0) throw new RangeError("no times");
  return [...times].sort((a, b) => a - b)[Math.ceil(times.length / 2) - 1]!;
}

/** The note with the log's signature and exactly the first k cosignatures of the policy's order: the form an anchor carries. */
export function trimToQuorum(opened: OpenedCheckpoint, it: Policy): Result<SignedNote, LogFault> {
  if (opened.cosignatures.length < it.k)
    return fault("quorum", `${opened.cosignatures.length} of ${it.k} cosignatures`);
  const keys = [it.log, ...opened.cosignatures.slice(0, it.k).map(({ witness }) => witness)];
  const lineOf = (key: VerifierKey): NoteSignature =>
    opened.note.signatures.find((line) => line.name === key.name && line.keyId === key.keyId)!;
  return ok({ text: opened.note.text, signatures: keys.map(lineOf) });
}
