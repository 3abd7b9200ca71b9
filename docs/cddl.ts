/** `npx tsx docs/cddl.ts` writes docs/record.cddl from the schemas that decode records; a test compares the two. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as record from "@hanpyo/bulletin-board";

const { EntryType } = record;
/** The payload of every entry type; acts are confirmed by one kind of entry and have a body of their own. */
const payloads = [
  [EntryType.definition, record.definition],
  [EntryType.registrarKeys, record.registrarKeys.signed],
  [EntryType.reveal, record.reveal.signed],
  [EntryType.shares, record.shares.signed],
  [EntryType.confirm, record.confirm.signed],
  [EntryType.complaint, record.complaint.signed],
  [EntryType.drill, record.drill.signed],
  [EntryType.proposal, record.proposal],
  [EntryType.withdraw, record.withdrawal],
  [EntryType.anchor, record.anchor],
  [EntryType.ballot, record.ballot],
  [EntryType.auditReport, record.auditReport],
  [EntryType.close, record.close],
  [EntryType.count, record.count],
  [EntryType.encryptedTally, record.encryptedTally],
  [EntryType.share, record.share],
  [EntryType.result, record.result],
  [EntryType.pass, record.passEntry],
] as const;
const bodies = record.ActTypes.map((type) => [type, record.actBodies[type]] as const);

const header = `; Payloads of Hanpyo's entries, CDDL (RFC 8610). Generated from the code that decodes them: npx tsx docs/cddl.ts
;
; All of it is deterministic CBOR (RFC 8949 section 4.2.1). Every field is present; what is absent is null. A tstr has at
; least one character, no control character but newline, and no more UTF-16 units than the schema in the code says.
; A message that is signed is the same map without its field "signature"; see protocol.md.
`;

/** The file, and the schemas at its roots. */
export function recordCddl(): string {
  const index = (rows: readonly (readonly [number, { readonly name?: string }])[]) =>
    rows.map(([type, schema]) => `;   ${String(type).padStart(2)}  ${schema.name}`).join("\n");
  const acts = bodies.map(([type]) => type).join(", ");
  const roots = [
    ...payloads.map(([, schema]) => schema),
    record.definitionBody,
    record.confirmation,
    ...bodies.map(([, body]) => body),
  ] as Parameters<typeof record.toCddl>[0];
  return `${header}
; Entry types and their payloads:
${index([...payloads].sort(([a], [b]) => a - b))}
; Confirmed acts (${acts}) have the payload "confirmation"; the bodies that their proposals carry as CBOR:
${index(bodies)}
; The body of a definition is the CBOR of "definition-body".

${record.toCddl(roots)}`;
}

export const cddlFile = fileURLToPath(new URL("record.cddl", import.meta.url));
if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  writeFileSync(cddlFile, recordCddl());
