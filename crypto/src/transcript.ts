/**
 * The one transcript: every challenge, weight, nullifier, act hash and derived secret of the protocol is made here
 * (docs/protocol.md, "Transcript"). Modelled on the idea of merlin (labelled, length-framed messages), over SHA-512.
 *
 * Every message is framed by its length, so no two different sequences of (label, value) give the same bytes. SHA-512
 * can be length-extended, but the padding that an extension leaves behind starts with 0x80000000, a frame longer than
 * any this class accepts: an extended digest is never the digest of a transcript.
 */
import { sha512 } from "@noble/hashes/sha2.js";
import { u32be, u64be, utf8ToBytes } from "./bytes.ts";

/** What transcripts are made for; two uses never share a challenge. Each has a worked example in docs/protocol.md. */
export type TranscriptUse =
  | "definition" // what the officials who define an election sign
  | "registrar-keys" // what a registrar signs over its keys
  | "act" // act hash of a proposal and its confirmation
  | "possession" // key generation: proof of possession of the constant term
  | "channel-key" // key generation: proof for the channel key
  | "channel" // key generation: key of an encrypted share
  | "channel-dh" // key generation: proof of a revealed Diffie–Hellman point
  | "ceremony-message" // key generation: what a party signs
  | "drill" // proof that a backup holds the share
  | "seed" // everything derived from a 32-byte seed
  | "hedge" // hedged nonces
  | "pass" // message that registrars blind-sign
  | "pass-requests" // hash of one person's blinded requests for one pass
  | "nonce" // nonce of a presentation
  | "person" // person key to group element
  | "nullifier-share" // proof of a share of the nullifier function
  | "nullifier"
  | "endorsement"
  | "evidence" // hash and key of sealed evidence
  | "audit" // which entries are opened
  | "audit-report" // what auditors sign
  | "ballot" // h
  | "proof" // the one strong challenge of a ballot
  | "passes" // hash of a ballot's passes
  | "cast" // the signature of a ballot
  | "tally"
  | "tally-weight"
  | "tally-share" // challenge of a decryption share's proof
  | "share" // what a trustee signs
  | "checker" // proof that device B holds the checker key
  | "session"
  | "designated"
  | "refusal" // what a signed refusal covers
  | "acknowledgement"
  | "test"; // only in tests

export class Transcript {
  readonly #hash = sha512.create();
  readonly use: TranscriptUse;

  constructor(use: TranscriptUse) {
    this.use = use;
    this.#frame(utf8ToBytes("hanpyo/v1"));
    this.#frame(utf8ToBytes(use));
  }

  /** Appends a byte string. Values are below 2^31 bytes, labels are short ASCII words. */
  append(label: string, value: Uint8Array): this {
    this.#frame(utf8ToBytes(label));
    this.#frame(value);
    return this;
  }

  text(label: string, value: string): this {
    return this.append(label, utf8ToBytes(value));
  }

  /** A safe integer ≥ 0 as eight bytes, most significant first. */
  number(label: string, value: number | bigint): this {
    return this.append(label, u64be(value));
  }

  /** The count, then every element under the same label: lists of different splits differ. */
  list(label: string, values: readonly Uint8Array[]): this {
    this.number(label, values.length);
    for (const value of values) this.append(label, value);
    return this;
  }

  /** Absent values are the empty string; no present value of the protocol is empty where this is used. */
  optional(label: string, value: Uint8Array | null): this {
    if (value?.length === 0) throw new RangeError(`${label}: an empty value would look absent`);
    return this.append(label, value ?? new Uint8Array(0));
  }

  /** 64 bytes. The transcript can go on afterwards; nothing is consumed. */
  digest(): Uint8Array {
    return this.#hash.clone().digest();
  }

  /** The first 32 bytes of the digest: hashes that stand on the record. */
  hash(): Uint8Array {
    return this.digest().slice(0, 32);
  }

  #frame(value: Uint8Array): void {
    if (value.length >= 2 ** 31) throw new RangeError("a frame is shorter than 2^31 bytes");
    this.#hash.update(u32be(value.length));
    this.#hash.update(value);
  }
}
