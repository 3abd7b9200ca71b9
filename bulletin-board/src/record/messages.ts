/**
 * What is signed by whom: the 32-byte messages under every Ed25519 signature and passkey assertion of the record
 * (docs/protocol.md sections 3, 4, 5.1, 6.1, 7.4, 8). Authors and the rulebook call the very same functions.
 */
import { Transcript, u64be } from "@hanpyo/crypto";
import { EntryType } from "./entry-types.ts";

/** What the two officials of the definition sign; `body` is the CBOR of `definition-body`. */
export function definitionMessage(origin: string, body: Uint8Array): Uint8Array {
  return new Transcript("definition").text("origin", origin).append("body", body).hash();
}

/** An act as everything about it is hashed. */
export interface ActFields {
  readonly origin: string;
  /** E, the leaf hash of entry 0. */
  readonly election: Uint8Array;
  /** The entry type of the act. */
  readonly type: number;
  /** CBOR of the act's body. */
  readonly body: Uint8Array;
  /** Leaf hash of the last confirmed act, E before the first. */
  readonly last: Uint8Array;
}

const actTranscript = (act: ActFields): Transcript =>
  new Transcript("act")
    .text("origin", act.origin)
    .append("election", act.election)
    .number("type", act.type)
    .append("body", act.body)
    .append("last", act.last);

/** The act hash a: what the proposing official signs. */
export const actHash = (act: ActFields): Uint8Array => actTranscript(act).hash();

/** What the confirming official signs; `proposal` is the leaf hash of the proposal's entry. */
export const confirmationMessage = (act: ActFields & { readonly proposal: Uint8Array }): Uint8Array =>
  actTranscript(act).append("proposal", act.proposal).hash();

/** What an official who withdraws signs; `act` is the leaf hash of the confirming entry. */
export function withdrawalMessage(fields: {
  readonly origin: string;
  readonly election: Uint8Array;
  readonly act: Uint8Array;
  readonly last: Uint8Array;
}): Uint8Array {
  return actHash({ ...fields, type: EntryType.withdraw, body: fields.act });
}

/** What a party signs in a ceremony; `unsigned` is the CBOR of the message without its signature. */
export function ceremonyMessage(fields: {
  readonly election: Uint8Array;
  readonly type: number;
  readonly unsigned: Uint8Array;
}): Uint8Array {
  return new Transcript("ceremony-message")
    .append("election", fields.election)
    .number("type", fields.type)
    .append("message", fields.unsigned)
    .hash();
}

export function registrarKeysMessage(fields: {
  readonly election: Uint8Array;
  readonly index: number;
  readonly moduli: readonly Uint8Array[];
  readonly endorsement: Uint8Array;
  /** SHA-256 of the policy and of the trust snapshot, as in the definition. */
  readonly policy: Uint8Array;
  readonly trust: Uint8Array;
}): Uint8Array {
  return new Transcript("registrar-keys")
    .append("election", fields.election)
    .number("index", fields.index)
    .list("moduli", fields.moduli)
    .append("endorsement", fields.endorsement)
    .append("policy", fields.policy)
    .append("trust", fields.trust)
    .hash();
}

export function shareMessage(fields: {
  readonly election: Uint8Array;
  /** Leaf hash of the encrypted tally. */
  readonly tally: Uint8Array;
  readonly decryptions: Uint8Array;
  readonly proof: Uint8Array;
}): Uint8Array {
  return new Transcript("share")
    .append("election", fields.election)
    .append("tally", fields.tally)
    .append("decryptions", fields.decryptions)
    .append("proof", fields.proof)
    .hash();
}

/** The operator's promise after a commit; `ballot` is h, or null where the entry is not a ballot. */
export function acknowledgementMessage(fields: {
  readonly origin: string;
  readonly index: number;
  readonly prev: Uint8Array;
  readonly leaf: Uint8Array;
  readonly ballot: Uint8Array | null;
}): Uint8Array {
  return new Transcript("acknowledgement")
    .text("origin", fields.origin)
    .number("index", fields.index)
    .append("prev", fields.prev)
    .append("leaf", fields.leaf)
    .optional("ballot", fields.ballot)
    .hash();
}

/** A signed refusal: judged at the newest entry `head` with leaf hash `leaf`; `reason` is an entry's index. */
export function refusalMessage(fields: {
  readonly origin: string;
  /** h, or null where the ballot does not decode far enough to have one. */
  readonly ballot: Uint8Array | null;
  readonly code: string;
  readonly head: number;
  readonly leaf: Uint8Array;
  readonly reason: number | null;
}): Uint8Array {
  return new Transcript("refusal")
    .text("origin", fields.origin)
    .optional("ballot", fields.ballot)
    .text("code", fields.code)
    .number("head", fields.head)
    .append("leaf", fields.leaf)
    .optional("reason", fields.reason === null ? null : u64be(fields.reason))
    .hash();
}

/** What each auditor signs; `unsigned` is the CBOR of the report without its signatures. */
export function auditReportMessage(fields: {
  readonly election: Uint8Array;
  readonly unsigned: Uint8Array;
}): Uint8Array {
  return new Transcript("audit-report").append("election", fields.election).append("report", fields.unsigned).hash();
}
