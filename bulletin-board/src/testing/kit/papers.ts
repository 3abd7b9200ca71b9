/** What residents of the kit's election hold in their hands: receipts, acknowledgements, refusals. */
import { ballotHash, encodeBase64Url } from "@hanpyo/crypto";
import { encodeTlogProof, firstPrev } from "../../log/index.ts";
import { acknowledgementMessage, refusalMessage } from "../../record/messages.ts";
import type { RefusalCode } from "../../record/refusals.ts";
import type { Papers } from "../../verify/index.ts";
import { origin, signerOf } from "./keys.ts";
import type { Run } from "./run.ts";

const operator = () => signerOf(`log ${origin}/ack`);
const placeOf = (run: Run, step: string): number => {
  const place = run.places.get(step);
  if (place === undefined) throw new Error(`no entry was appended by “${step}”`);
  return place;
};
const json = (fields: Record<string, unknown>): string =>
  JSON.stringify(fields, (_, value) => (value instanceof Uint8Array ? encodeBase64Url(value) : value));

/** A tlog-proof of the entry that a step appended, under the newest checkpoint. */
export function receiptOf(run: Run, step: string): string {
  const index = placeOf(run, step);
  const proof = run.record.tree.inclusionProof(index);
  return encodeTlogProof({ extra: null, index, proof, checkpoint: run.checkpoint("record") });
}

export interface Acknowledged {
  readonly index: number;
  readonly prev: Uint8Array;
  readonly leaf: Uint8Array;
  readonly ballot: Uint8Array | null;
}
export function acknowledgementOf(run: Run, step: string, changes: Partial<Acknowledged> = {}): string {
  const index = placeOf(run, step);
  const { leaves } = run.record;
  const prev = leaves[index - 1] ?? firstPrev(origin);
  const ballot = run.ballots.get(index);
  const h = ballot ? ballotHash(run.state.context!, ballot.core) : null;
  const fields = { index, prev, leaf: leaves[index]!, ballot: h, ...changes };
  return json({ ...fields, signature: operator().sign(acknowledgementMessage({ origin, ...fields })) });
}

export interface Refused {
  readonly ballot: Uint8Array | null;
  readonly code: RefusalCode;
  readonly head: number;
  readonly leaf: Uint8Array;
  readonly reason: number | null;
}
/** A refusal judged at the entry that a step appended; with `payload` its holder shows the ballot it was for. */
export function refusalOf(run: Run, step: string, changes: Partial<Refused> = {}, payload?: Uint8Array): string {
  const head = placeOf(run, step);
  const leaf = run.record.leaves[head]!;
  const fields: Refused = { ballot: null, code: "late", head, leaf, reason: head, ...changes };
  const signature = operator().sign(refusalMessage({ origin, ...fields }));
  return json({ ...fields, ...(payload ? { payload } : {}), signature });
}

export const file = (name: string, text: string): { readonly name: string; readonly text: string } => ({ name, text });
export const honestPapers = (run: Run): Papers => ({
  receipts: [file("receipt", receiptOf(run, "ballot 3"))],
  acknowledgements: [file("acknowledgement", acknowledgementOf(run, "ballot 3"))],
  refusals: [file("refusal", refusalOf(run, "end"))],
});
