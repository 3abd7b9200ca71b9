/** Decryption shares and audit reports (docs/protocol.md sections 7.4 and 8). */
import { concatBytes, decryptSums, err, ok, type Result, type ShareSecret, splitSums } from "@hanpyo/crypto";
import type { Ed25519Signer } from "../../log/index.ts";
import { EntryType } from "../entry-types.ts";
import { auditReportMessage, shareMessage } from "../messages.ts";
import { encodeRecord } from "../schema/cbor.ts";
import type { TypeOf } from "../schema/schema.ts";
import { auditReport, type EncryptedTally, share, unsignedAuditReport } from "../tally-entries.ts";
import type { AuthoredEntry } from "./entry.ts";

/** All opened sums of an encrypted tally, R ‖ S per option, in the order of the record. */
export const openedSums = (tally: EncryptedTally): Uint8Array =>
  concatBytes(...tally.contests.flatMap(({ opened }) => opened.map(({ sums }) => sums)));

export interface ShareInput {
  readonly election: Uint8Array;
  /** C */
  readonly context: Uint8Array;
  /** The record's one encrypted tally and the leaf hash of its entry. */
  readonly tally: { readonly leafHash: Uint8Array; readonly message: EncryptedTally };
  /** From the trustee's backup. */
  readonly secret: ShareSecret;
}

/** Why there is no share to make: the sums are no points, or every set is below the limit and nothing is opened. */
export type NoShare = "sums" | "nothing-to-open";

/**
 * The trustee's share. It decrypts whatever sums it is given: the caller has verified the record they come from, and has
 * noted that it decrypts these and no others.
 */
export function makeShare(input: ShareInput, key: Ed25519Signer): Result<AuthoredEntry, NoShare> {
  const { election, context, secret } = input;
  const split = splitSums(openedSums(input.tally.message));
  if (!split.ok) return err("sums");
  if (split.value.first.length === 0) return err("nothing-to-open");
  const tally = input.tally.leafHash;
  const statement = { context, tally, key: secret.keys.publicKey, ciphertexts: split.value.first };
  const decrypted = decryptSums(statement, secret.keys);
  const signature = key.sign(shareMessage({ election, tally, ...decrypted }));
  const payload = encodeRecord(share, { trustee: secret.index, tally, ...decrypted, signature });
  return ok({ type: EntryType.share, payload });
}

/** The report of an audit; `signers` in the order of the definition's auditors, null for those that do not sign. */
export function signAuditReport(
  election: Uint8Array,
  fields: TypeOf<typeof unsignedAuditReport>,
  signers: readonly (Ed25519Signer | null)[],
): AuthoredEntry {
  const message = auditReportMessage({ election, unsigned: encodeRecord(unsignedAuditReport, fields) });
  const signatures = signers.map((signer) => signer?.sign(message) ?? null);
  return { type: EntryType.auditReport, payload: encodeRecord(auditReport, { ...fields, signatures }) };
}
