/** Count, encrypted tally, shares, audit and result of the kit's election, computed from the record. */
import { auditDraw, CiphertextSum, combineShare, unwrap, valueCount } from "@hanpyo/crypto";
import { makeShare, signAuditReport, verifiedReveals } from "../../record/authoring/index.ts";
import { EntryType } from "../../record/entry-types.ts";
import { shareMessage } from "../../record/messages.ts";
import type { ClassSums } from "../../record/rulebook.ts";
import { computeResult, resultTrustees } from "../../record/rules/result.ts";
import { expectedTally } from "../../record/rules/tally.ts";
import { decodeRecord, encodeRecord } from "../../record/schema/cbor.ts";
import {
  type AuditReport,
  type Count,
  count,
  type ElectionResult,
  type EncryptedTally,
  encryptedTally,
  result,
  type Share,
  share,
} from "../../record/tally-entries.ts";
import { EntryBitmap } from "../../verify/bitmap.ts";
import { auditValue } from "./definition.ts";
import { dealerOf, signerOf } from "./keys.ts";
import type { Run, Step } from "./run.ts";
import { entry, seat } from "./steps.ts";

type Change<T> = (honest: T, run: Run) => T;
const unchanged = <T>(value: T): T => value;

/** Entries that count: the latest ballot of every pseudonym. */
export function countedEntries(run: Run): number[] {
  const replaced = new Set(run.deltas.map(({ replaces }) => replaces));
  return run.deltas.map(({ entry: index }) => index).filter((index) => !replaced.has(index));
}

export const countStep = (
  name: string,
  change: Change<Count> = unchanged,
  bitmap: Change<Uint8Array> = unchanged,
): Step =>
  entry(name, (run) => {
    const bits = new EntryBitmap();
    for (const index of countedEntries(run)) bits.set(index);
    const { lastBallot, firstBallots } = run.state;
    const hash = run.addDocument(bitmap(bits.document(lastBallot), run));
    const honest = { last: lastBallot, counted: [...firstBallots], bitmap: hash };
    return { type: EntryType.count, payload: encodeRecord(count, change(honest, run)) };
  });

/** Products of the counted ballots per contest and class; `leave` takes ballots out. */
export function classSums(run: Run, leave: (entry: number) => boolean = () => false): ClassSums {
  const { contests, classes } = run.state.definition!;
  const sums = contests.map(({ rule }) => classes.map(() => new CiphertextSum(valueCount(rule))));
  for (const index of countedEntries(run)) {
    const { core } = run.ballots.get(index)!;
    if (leave(index)) continue;
    classes[core.class]!.contests.forEach((contest, i) => {
      unwrap(sums[contest]![core.class]!.add(core.contests[i]!.ciphertexts));
    });
  }
  return sums.map((row) => row.map((sum) => sum.bytes()));
}

export const tallyStep = (name: string, change: Change<EncryptedTally> = unchanged): Step =>
  entry(name, (run) => {
    const honest = expectedTally(run.state.definition!, run.state.firstBallots, classSums(run));
    return { type: EntryType.encryptedTally, payload: encodeRecord(encryptedTally, change(honest, run)) };
  });

/** A trustee's share of the key, opened again from the record. */
export function shareSecretOf(run: Run, trustee: number) {
  const completed = run.state.ceremonies[0].completed;
  if (!completed) throw new Error("the trustees have no key");
  const { ceremony, round } = seat(run, 0, completed.round, trustee);
  const messages = [...round.shares.values()].map(({ message }) => message);
  return unwrap(combineShare(ceremony, dealerOf(ceremony, trustee), verifiedReveals(ceremony, round), messages));
}

/** A decryption share; `change` alters it before it is signed. */
export const shareStep = (
  name: string,
  trustee: number,
  change: Change<Share> = unchanged,
  signer = `trustee ${trustee}`,
): Step =>
  entry(name, (run) => {
    const { election, context, tally } = run.state;
    if (!election || !context || !tally) throw new Error("there is nothing to open");
    const input = { election, context, tally, secret: shareSecretOf(run, trustee) };
    const honest = unwrap(decodeRecord(share, unwrap(makeShare(input, signerOf(`trustee ${trustee}`))).payload));
    const changed = change(honest, run);
    const signature = signerOf(signer).sign(shareMessage({ election, ...changed }));
    return { type: EntryType.share, payload: encodeRecord(share, { ...changed, signature }) };
  });
/** A share whose proof fails under a signature that holds. */
export const brokenProof: Change<Share> = (honest) => ({ ...honest, proof: flipped(honest.proof, 70) });

export const flipped = (bytes: Uint8Array, at = 0): Uint8Array => bytes.with(at, bytes[at]! ^ 1);

/** The auditors' report; the second auditor withholds its value. */
export const auditStep = (
  name: string,
  change: Change<Omit<AuditReport, "signatures">> = unchanged,
  signers: readonly (string | null)[] = ["auditor 1", null],
): Step =>
  entry(name, (run) => {
    const { count: counted, passesFrozen, definition, election } = run.state;
    if (!counted || passesFrozen === null || !definition || !election) throw new Error("nothing to audit yet");
    const values = [auditValue(1), null];
    const sample = auditDraw(counted.leafHash, [values[0]!], passesFrozen, definition.auditSample);
    const report = change({ values, sample, findings: [] }, run);
    return signAuditReport(
      election,
      report,
      signers.map((signer) => (signer === null ? null : signerOf(signer))),
    );
  });

export const resultStep = (name: string, change: Change<ElectionResult> = unchanged): Step =>
  entry(name, (run) => {
    const trustees = resultTrustees(run.state);
    if (!trustees) throw new Error("too few valid shares");
    const honest = computeResult(run.state, trustees);
    return { type: EntryType.result, payload: encodeRecord(result, change(honest, run)) };
  });

/** A result opened with shares that need not be on the record. */
export const openedBy = (name: string, trustees: readonly number[]): Step =>
  entry(name, (run) => {
    const { election, context, tally } = run.state;
    if (!election || !context || !tally) throw new Error("there is nothing to open");
    const state = structuredClone(run.state);
    for (const trustee of trustees) {
      const made = unwrap(
        makeShare({ election, context, tally, secret: shareSecretOf(run, trustee) }, signerOf(`trustee ${trustee}`)),
      );
      const message = unwrap(decodeRecord(share, made.payload));
      state.shares.set(trustee, { entry: 0, leafHash: tally.leafHash, message });
    }
    return { type: EntryType.result, payload: encodeRecord(result, computeResult(state, trustees)) };
  });
