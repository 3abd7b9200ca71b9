/**
 * Check 25: what residents hold in their hands. A receipt proves inclusion under the witnesses' quorum; an acknowledgement
 * and a refusal are promises of the operator, which the record keeps or breaks.
 */
import { equalBytes, err, ok, type Result, verifyBallot } from "@hanpyo/crypto";
import { decodeBase64, decodeTlogProof, decodeVkey, strictVerify, verifyTlogProof } from "../log/index.ts";
import { decodeBallot, passesHash } from "../record/ballot-entry.ts";
import type { DefinitionBody } from "../record/definition.ts";
import type { Judge } from "../record/judge.ts";
import { acknowledgementMessage, refusalMessage } from "../record/messages.ts";
import type { ElectionState } from "../record/state.ts";
import { ballotContexts, ballotRefusalCodes } from "./ballot-proofs.ts";

/** As files hold them: tlog-proof texts, and JSON with base64url bytes. */
export interface Papers {
  readonly receipts: readonly { readonly name: string; readonly text: string }[];
  readonly acknowledgements: readonly { readonly name: string; readonly text: string }[];
  readonly refusals: readonly { readonly name: string; readonly text: string }[];
}

interface Paper {
  readonly kind: "receipts" | "acknowledgements" | "refusals";
  readonly name: string;
  readonly text: string;
  readonly index: number | null;
  /** Leaf hash of the record at that index, noted while the record is read. */
  leaf: Uint8Array | null;
}

/** Papers whose entries are looked at while the record streams by. */
export class PaperTrail {
  readonly papers: Paper[];
  readonly given: ReadonlySet<Paper["kind"]>;
  readonly wanted: ReadonlyMap<number, (leaf: Uint8Array) => void>;

  constructor(papers: Papers) {
    this.papers = [
      ...papers.receipts.map((file) => ({
        ...file,
        kind: "receipts" as const,
        index: receiptIndex(file.text),
        leaf: null,
      })),
      ...papers.acknowledgements.map((file) => ({
        ...file,
        kind: "acknowledgements" as const,
        index: fieldOf(file.text, "index"),
        leaf: null,
      })),
      ...papers.refusals.map((file) => ({
        ...file,
        kind: "refusals" as const,
        index: fieldOf(file.text, "head"),
        leaf: null,
      })),
    ];
    this.given = new Set(this.papers.map((paper) => paper.kind));
    const wanted = new Map<number, (leaf: Uint8Array) => void>();
    for (const index of new Set(this.papers.flatMap((paper) => paper.index ?? [])))
      wanted.set(index, (leaf) => {
        for (const paper of this.papers) if (paper.index === index) paper.leaf = leaf;
      });
    this.wanted = wanted;
  }
}

export function judgePapers(
  trail: PaperTrail,
  state: ElectionState,
  claimed: DefinitionBody,
  size: number,
  judge: Judge,
): void {
  for (const paper of trail.papers) {
    judge.entry = paper.index ?? 0;
    if (paper.kind === "receipts") judgeReceipt(paper, state, judge);
    else if (paper.kind === "acknowledgements") judgeAcknowledgement(paper, state, claimed, size, judge);
    else judgeRefusal(paper, state, claimed, judge);
  }
}

function judgeReceipt(paper: Paper, state: ElectionState, judge: Judge): void {
  const proof = decodeTlogProof(paper.text);
  if (
    !judge.require(
      "25a",
      proof.ok && state.recordKey.current !== null && state.witnesses !== null,
      "paper-invalid",
      `${paper.name}: not a receipt`,
    ) ||
    !proof.ok
  )
    return;
  if (paper.leaf === null) {
    judge.refuse("25a", "promise-broken", `${paper.name}: the record has no entry ${paper.index}`);
    return;
  }
  const policy = { log: state.recordKey.current!, witnesses: state.witnesses!.witnesses, k: state.witnesses!.quorum };
  const verdict = verifyTlogProof(proof.value, paper.leaf, policy);
  const forked = !verdict.ok && verdict.error.code === "proof";
  judge.require(
    "25a",
    verdict.ok,
    forked ? "promise-broken" : "paper-invalid",
    () => `${paper.name}: ${verdict.ok ? "" : verdict.error.detail}`,
  );
}

function judgeAcknowledgement(
  paper: Paper,
  state: ElectionState,
  claimed: DefinitionBody,
  size: number,
  judge: Judge,
): void {
  const fields = decodePaper(paper.text, ["prev", "leaf", "signature"], ["ballot"]);
  const index = fieldOf(paper.text, "index");
  if (
    !judge.require("25b", fields.ok && index !== null, "paper-invalid", `${paper.name}: not an acknowledgement`) ||
    !fields.ok ||
    index === null
  )
    return;
  const { prev, leaf, signature, ballot } = fields.value;
  const message = acknowledgementMessage({
    origin: claimed.origin,
    index,
    prev: prev!,
    leaf: leaf!,
    ballot: ballot ?? null,
  });
  if (
    !judge.require(
      "25b",
      signedByOperator(claimed, message, signature!),
      "paper-invalid",
      `${paper.name}: not signed by the operator`,
    )
  )
    return;
  if (index >= size) {
    // Not yet due while the record can still grow to it; after count every acknowledged ballot is on it.
    judge.require(
      "25b",
      state.count === null && state.phase !== "aborted",
      "promise-broken",
      `${paper.name}: entry ${index} is not on the record`,
    );
    return;
  }
  judge.require(
    "25b",
    paper.leaf !== null && equalBytes(paper.leaf, leaf!),
    "promise-broken",
    `${paper.name}: entry ${index} is another one`,
  );
}

function judgeRefusal(paper: Paper, state: ElectionState, claimed: DefinitionBody, judge: Judge): void {
  const fields = decodePaper(paper.text, ["leaf", "signature"], ["ballot", "payload"]);
  const head = fieldOf(paper.text, "head");
  const code = textOf(paper.text, "code");
  if (
    !judge.require(
      "25c",
      fields.ok && head !== null && code !== null,
      "paper-invalid",
      `${paper.name}: not a refusal`,
    ) ||
    !fields.ok ||
    head === null ||
    code === null
  )
    return;
  const { leaf, signature, ballot, payload } = fields.value;
  const message = refusalMessage({
    origin: claimed.origin,
    ballot: ballot ?? null,
    code,
    head,
    leaf: leaf!,
    reason: fieldOf(paper.text, "reason"),
  });
  if (
    !judge.require(
      "25c",
      signedByOperator(claimed, message, signature!),
      "paper-invalid",
      `${paper.name}: not signed by the operator`,
    )
  )
    return;
  judge.require(
    "25c",
    paper.leaf !== null && equalBytes(paper.leaf, leaf!),
    "promise-broken",
    `${paper.name}: entry ${head} is another one than it was judged at`,
  );
  if (payload)
    judge.require(
      "25c",
      !provesWrong(state, code, ballot, payload),
      "promise-broken",
      `${paper.name}: the ballot is valid in what it was refused for`,
    );
}

/** Refusals for something that h covers; signature and passes it does not, so that nobody could show what was refused. */
const aboutTheCore: readonly string[] = (["11c", "11d", "14a", "15a", "15b", "16a"] as const).map(
  (part) => ballotRefusalCodes[part],
);

/** Whether the ballot of this h that was refused for its points, scalars or proofs passes the plain verifier after all. */
function provesWrong(state: ElectionState, code: string, ballot: Uint8Array | undefined, payload: Uint8Array): boolean {
  const contexts = ballotContexts(state);
  const decoded = decodeBallot(payload);
  if (!aboutTheCore.includes(code) || !ballot || !contexts || !decoded.ok || !state.election) return false;
  const context = contexts[decoded.value.core.class];
  if (!context) return false;
  const casting = { signature: decoded.value.signature, passesHash: passesHash(state.election, decoded.value.passes) };
  const verdict = verifyBallot(context, decoded.value.core, casting);
  return verdict.ok && equalBytes(verdict.value, ballot);
}

function signedByOperator(claimed: DefinitionBody, message: Uint8Array, signature: Uint8Array): boolean {
  const key = decodeVkey(claimed.keys.acknowledgement);
  return key.ok && strictVerify(signature, message, key.value.publicKey);
}

const receiptIndex = (text: string): number | null => {
  const proof = decodeTlogProof(text);
  return proof.ok ? proof.value.index : null;
};

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // no JSON has no fields; the caller refuses the paper for what it lacks
  }
}
const fieldOf = (text: string, name: string): number | null => {
  const value = fieldsOf(text)[name];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
};
const textOf = (text: string, name: string): string | null => {
  const value = fieldsOf(text)[name];
  return typeof value === "string" ? value : null;
};

function decodePaper(
  text: string,
  needed: readonly string[],
  optional: readonly string[],
): Result<Record<string, Uint8Array | undefined>, string> {
  const fields = fieldsOf(text);
  const bytes: Record<string, Uint8Array | undefined> = {};
  for (const name of [...needed, ...optional]) {
    const value = fields[name];
    if ((value === undefined || value === null) && optional.includes(name)) continue;
    if (typeof value !== "string") return err(`${name} is missing`);
    const padded = value
      .replaceAll("-", "+")
      .replaceAll("_", "/")
      .padEnd(Math.ceil(value.length / 4) * 4, "=");
    const decoded = decodeBase64(padded);
    if (!decoded.ok) return err(`${name} is not base64url`);
    bytes[name] = decoded.value;
  }
  return ok(bytes);
}
