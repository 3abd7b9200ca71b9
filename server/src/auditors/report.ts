/** The audit report as auditors exchange it: every one of them signs the same bytes, and anybody may post the whole. */
import {
  type AuthoredEntry,
  auditReport,
  auditReportMessage,
  type DefinitionBody,
  decodeRecord,
  type Ed25519Signer,
  EntryType,
  encodeRecord,
  strictVerify,
  type TypeOf,
  unsignedAuditReport,
} from "@hanpyo/bulletin-board";
import { auditCommitment, equalBytes, err, ok, type Result } from "@hanpyo/crypto";

export type ReportFields = TypeOf<typeof unsignedAuditReport>;

export const encodeReport = (fields: ReportFields): Uint8Array => encodeRecord(unsignedAuditReport, fields);
export const decodeReport = (bytes: Uint8Array): Result<ReportFields, string> =>
  decodeRecord(unsignedAuditReport, bytes);

/** 64 bytes over the report without its signatures. */
export const signReport = (election: Uint8Array, unsigned: Uint8Array, key: Ed25519Signer): Uint8Array =>
  key.sign(auditReportMessage({ election, unsigned }));

/** The auditors, from 1, whose signature is missing, or does not hold, or should not be there. */
export interface Incomplete {
  readonly missing: readonly number[];
  readonly wrong: readonly number[];
}

/** The entry, once everybody who revealed a value has signed; `signatures` in the order of the definition's auditors. */
export function completeReport(
  definition: DefinitionBody,
  election: Uint8Array,
  unsigned: Uint8Array,
  signatures: readonly (Uint8Array | null)[],
): Result<AuthoredEntry, Incomplete | string> {
  const fields = decodeReport(unsigned);
  if (!fields.ok) return fields;
  if (fields.value.values.length !== definition.auditors.length) return err("a value, or null, for every auditor");
  const message = auditReportMessage({ election, unsigned });
  const missing: number[] = [];
  const wrong: number[] = [];
  const placed = definition.auditors.map(({ key, commitment }, i) => {
    const value = fields.value.values[i] ?? null;
    const signature = signatures[i] ?? null;
    if (value === null) return null;
    if (signature === null) missing.push(i + 1);
    else if (!equalBytes(auditCommitment(value), commitment) || !strictVerify(signature, message, key))
      wrong.push(i + 1);
    return signature;
  });
  if (missing.length + wrong.length > 0) return err({ missing, wrong });
  const payload = encodeRecord(auditReport, { ...fields.value, signatures: placed });
  return ok({ type: EntryType.auditReport, payload });
}
