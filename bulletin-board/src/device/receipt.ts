/** Papers of a ballot: acknowledgement, signed refusal and receipt, checked without asking anybody. */
import { equalBytes, ok, type Result } from "@hanpyo/crypto";
import {
  decodeTlogProof,
  encodeEntry,
  leafHash,
  type OpenedCheckpoint,
  type Policy,
  strictVerify,
  verifyTlogProof,
} from "../log/index.ts";
import { EntryType } from "../record/entry-types.ts";
import { acknowledgementMessage, refusalMessage } from "../record/messages.ts";
import type { RefusalCode } from "../record/refusal-codes.ts";
import type { Election } from "./election.ts";
import { type Trouble, trouble } from "./transport.ts";

/** The operator's signed promise that an entry was committed. */
export interface Acknowledgement {
  readonly index: number;
  readonly prev: Uint8Array;
  readonly leaf: Uint8Array;
  /** h */
  readonly ballot: Uint8Array;
  readonly signature: Uint8Array;
}

export function verifyAcknowledgement(election: Election, it: Acknowledgement): boolean {
  const message = acknowledgementMessage({ origin: election.definition.origin, ...it });
  return strictVerify(it.signature, message, election.acknowledgementKey.publicKey);
}

/** The leaf hash that a ballot's bytes have where the acknowledgement says they stand. */
export function ballotLeaf(it: Pick<Acknowledgement, "index" | "prev">, payload: Uint8Array): Uint8Array {
  return leafHash(encodeEntry({ type: EntryType.ballot, index: it.index, prev: it.prev, payload }));
}

/** A refusal that the operator answers for: it can be refuted by whoever holds the record. */
export interface SignedRefusal {
  readonly code: RefusalCode;
  /** h, or null where the bytes were no ballot. */
  readonly ballot: Uint8Array | null;
  /** Index and leaf hash of the newest entry it was judged at. */
  readonly head: number;
  readonly leaf: Uint8Array;
  /** Index of the entry that is the reason. */
  readonly reason: number | null;
  readonly signature: Uint8Array;
}

export function verifyRefusal(election: Election, it: SignedRefusal): boolean {
  const message = refusalMessage({ origin: election.definition.origin, ...it });
  return strictVerify(it.signature, message, election.acknowledgementKey.publicKey);
}

export interface VerifiedReceipt {
  readonly index: number;
  readonly checkpoint: OpenedCheckpoint;
}

/** Checks a receipt (tlog-proof text) for exactly this leaf, under the witnesses' quorum. */
export function verifyReceipt(policy: Policy, text: string, leaf: Uint8Array): Result<VerifiedReceipt, Trouble> {
  const proof = decodeTlogProof(text);
  if (!proof.ok) return trouble("paper-invalid", proof.error.detail);
  const opened = verifyTlogProof(proof.value, leaf, policy);
  if (!opened.ok)
    return trouble(opened.error.code === "quorum" ? "quorum-missing" : "paper-invalid", opened.error.detail);
  return ok({ index: proof.value.index, checkpoint: opened.value });
}

/** Checks a receipt for an acknowledged ballot: the same leaf at the same index. */
export function verifyBallotReceipt(
  policy: Policy,
  text: string,
  acknowledged: Acknowledgement,
): Result<VerifiedReceipt, Trouble> {
  const receipt = verifyReceipt(policy, text, acknowledged.leaf);
  if (receipt.ok && receipt.value.index !== acknowledged.index)
    return trouble("paper-invalid", "the receipt is for another entry");
  return receipt;
}

/** Whether an acknowledgement speaks of this very ballot. */
export const speaksOf = (it: Acknowledgement, h: Uint8Array): boolean => equalBytes(it.ballot, h);
