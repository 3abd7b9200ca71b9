/** The payload of any entry by its type: for readers who show or compare entries. */
import { err, type Result } from "@hanpyo/crypto";
import { confirmation, proposal, withdrawal } from "./acts.ts";
import { ballot } from "./ballot-entry.ts";
import { complaint, confirm, drill, registrarKeys, reveal, shares } from "./ceremony-entries.ts";
import { definition } from "./definition.ts";
import { EntryType, isActType } from "./entry-types.ts";
import { passEntry } from "./pass-entry.ts";
import { decodeRecord } from "./schema/cbor.ts";
import type { Schema } from "./schema/schema.ts";
import { anchor, auditReport, close, count, encryptedTally, result, share } from "./tally-entries.ts";

const schemas: Readonly<Record<number, Schema<unknown>>> = {
  [EntryType.definition]: definition,
  [EntryType.registrarKeys]: registrarKeys.signed,
  [EntryType.reveal]: reveal.signed,
  [EntryType.shares]: shares.signed,
  [EntryType.confirm]: confirm.signed,
  [EntryType.complaint]: complaint.signed,
  [EntryType.drill]: drill.signed,
  [EntryType.proposal]: proposal,
  [EntryType.withdraw]: withdrawal,
  [EntryType.anchor]: anchor,
  [EntryType.ballot]: ballot,
  [EntryType.auditReport]: auditReport,
  [EntryType.close]: close,
  [EntryType.count]: count,
  [EntryType.encryptedTally]: encryptedTally,
  [EntryType.share]: share,
  [EntryType.result]: result,
  [EntryType.pass]: passEntry,
};

/** The schema of an entry's payload; undefined for an unknown type. Confirming entries of all acts share one. */
export const payloadSchema = (type: number): Schema<unknown> | undefined =>
  isActType(type) ? confirmation : schemas[type];

export function decodePayload(type: number, payload: Uint8Array): Result<unknown, string> {
  const schema = payloadSchema(type);
  return schema ? decodeRecord(schema, payload) : err(`type ${type} is unknown`);
}
