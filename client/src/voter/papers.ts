/** Papers a person may keep: receipt, signed refusal, evidence. None of them says what was chosen. */
import {
  decodeBase64url,
  decodeTlogProof,
  encodeBase64url,
  type OpenedCheckpoint,
  openCheckpoint,
  type Policy,
  type SignedRefusal,
} from "@hanpyo/bulletin-board";
import { shortNames } from "../ui/names.ts";
import type { InBox, PaperFile, Witnessed } from "./messages.ts";

export const toBase64url = { encode: encodeBase64url, decode: decodeBase64url };

function ofCheckpoint(
  policy: Policy,
  { checkpoint, cosignatures }: OpenedCheckpoint,
): { witnessed: Witnessed; size: number } {
  const names = shortNames(policy.witnesses.map((it) => it.name));
  const times = cosignatures.map((it) => it.time).sort((a, b) => a - b);
  return {
    size: checkpoint.size,
    witnessed: {
      names: cosignatures.map((it) => names[policy.witnesses.findIndex((key) => key.name === it.witness.name)]!),
      quorum: policy.k,
      time: times[Math.ceil(policy.k / 2) - 1]!,
    },
  };
}

/** What a receipt shows; throws unless it was verified before. */
export function witnessedBy(policy: Policy, receipt: string): { place: InBox; witnessed: Witnessed } {
  const proof = decodeTlogProof(receipt);
  if (!proof.ok) throw new Error(`a verified receipt does not decode: ${proof.error.detail}`);
  const opened = openCheckpoint(proof.value.checkpoint, policy);
  if (!opened.ok) throw new Error(`a verified receipt has no quorum: ${opened.error.detail}`);
  const { size, witnessed } = ofCheckpoint(policy, opened.value);
  return { place: { index: proof.value.index, size }, witnessed };
}
witnessedBy.checkpoint = ofCheckpoint;

/** The tlog-proof as it is: `npm run verify -- … --receipt FILE` reads it. */
export const receiptFile = (code: string, receipt: string): PaperFile => ({
  name: `hanpyo-receipt-${code}.txt`,
  text: receipt,
});

const bytesAsText = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? encodeBase64url(value) : value;

export const refusalFile = (code: string, refusal: SignedRefusal): PaperFile => ({
  name: `hanpyo-refusal-${code}.json`,
  text: `${JSON.stringify(refusal, bytesAsText, 2)}\n`,
});

/** What was promised or answered, with the bytes that were sent. They hold no choice that anybody could open. */
export const evidenceFile = (
  { code, h, payload }: { code: string; h: Uint8Array; payload: Uint8Array },
  fault: string,
  answer: unknown,
): PaperFile => ({
  name: `hanpyo-evidence-${code}.json`,
  text: `${JSON.stringify({ fault, code, ballot: h, payload, answer }, bytesAsText, 2)}\n`,
});
