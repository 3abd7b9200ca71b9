/** The audit report (check 18g): opened samples of the evidence behind pass-log entries (docs/protocol.md section 7.4). */
import { auditCommitment, auditDraw, equalBytes } from "@hanpyo/crypto";
import { strictVerify } from "../../log/index.ts";
import { auditReportMessage } from "../messages.ts";
import { type Judgement, noEffect, type Rule } from "../rule.ts";
import { decodeRecord, encodeRecord } from "../schema/cbor.ts";
import { auditReport, unsignedAuditReport } from "../tally-entries.ts";

export const judgeAuditReport: Rule = (state, entry, _inputs, judge): Judgement => {
  const decoded = decodeRecord(auditReport, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const report = decoded.value;
  const { definition, count, passesFrozen } = state;
  const after = count !== null && passesFrozen !== null && definition !== null && definition.auditors.length > 0;
  if (
    !judge.require("8b", after, "out-of-order", "an audit report before count, or in an election without audit") ||
    !after
  )
    return noEffect;
  // One report an auditor, not one in all: whoever reports first must not be able to shut the others out.
  const before = state.audits.find(({ message: { values } }) =>
    values.some((value, i) => value !== null && (report.values[i] ?? null) !== null),
  );
  if (!judge.require("8a", before === undefined, "out-of-order", "an auditor has reported already", before?.entry))
    return noEffect;

  const { signatures, ...unsigned } = report;
  const message = auditReportMessage({
    election: state.election!,
    unsigned: encodeRecord(unsignedAuditReport, unsigned),
  });
  const { auditors } = definition;
  const lengths = report.values.length === auditors.length && signatures.length === auditors.length;
  if (!judge.require("18g", lengths, "audit-invalid", "a value and a signature, or null, for every auditor"))
    return noEffect;
  auditors.forEach((auditor, i) => {
    const value = report.values[i] ?? null;
    const signature = signatures[i] ?? null;
    // A withheld value is named by its absence and left out of the draw.
    judge.require(
      "18g",
      (value === null) === (signature === null),
      "audit-invalid",
      `${auditor.name}: value and signature go together`,
    );
    if (value === null || signature === null) return;
    judge.require(
      "18g",
      equalBytes(auditCommitment(value), auditor.commitment),
      "audit-invalid",
      `${auditor.name}: not the committed value`,
    );
    judge.require(
      "18g",
      strictVerify(signature, message, auditor.key),
      "audit-invalid",
      `${auditor.name}: the signature does not hold`,
    );
  });
  const values = report.values.filter((value) => value !== null);
  judge.require("18g", values.length > 0, "audit-invalid", "no auditor revealed a value");
  const sample = auditDraw(count.leafHash, values, passesFrozen, definition.auditSample);
  const drawn = sample.length === report.sample.length && sample.every((item, i) => item === report.sample[i]);
  judge.require("18g", drawn, "audit-invalid", "the sample is not the one drawn");
  // Findings do not keep a report off the record: it is what the record is for. The verifier fails 18g because of them.
  return {
    apply: () => {
      state.audit = { entry: entry.index, leafHash: entry.leafHash, message: report };
      state.audits = [...state.audits, state.audit];
    },
  };
};
