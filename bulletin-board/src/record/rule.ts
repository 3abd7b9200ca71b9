/** What a rule of the record is: what it is given, and what it answers. */
import type { BallotDelta, BallotView } from "./ballot-view.ts";
import type { Judge } from "./judge.ts";
import type { VerifyP256 } from "./p256.ts";
import type { ElectionState } from "./state.ts";

/** An entry as rules see it; `leafHash` commits to all before it. */
export interface RecordEntry {
  readonly index: number;
  readonly type: number;
  readonly payload: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** What rules may ask beside the state. Everything here is recomputed or checked by hash; nothing is trusted. */
export interface RuleInputs {
  readonly ballots: BallotView;
  /** Root of the record at a size ≤ the entry's index, and of the pass log; undefined = not known here, not judged here. */
  recordRoot(size: number): Uint8Array | undefined;
  passesRoot(size: number): Uint8Array | undefined;
  /** A document by its SHA-256, already checked against it; undefined where it is missing. */
  document(hash: Uint8Array): Uint8Array | undefined;
  /** Passes per class in the first `size` entries of the pass log; undefined = judged elsewhere. */
  passesPerClass(size: number): readonly number[] | undefined;
  /** Sums recomputed from the ballots for the encrypted tally: per contest, per class with ballots, 64 bytes per option. */
  classSums(): ClassSums | undefined;
  /** The bitmap recomputed from the ballots: its SHA-256 and the counted ballots per class. */
  countedBitmap(): { readonly hash: Uint8Array; readonly counted: readonly number[] } | undefined;
}
/** sums[contest][class] = per option R ‖ S, or null where the class has no counted ballot or does not see the contest. */
export type ClassSums = readonly (readonly (Uint8Array | null)[])[];

export interface Judgement {
  /** Changes the state as this entry does. */
  apply(): void;
  /** For a ballot: what it changes in the `BallotView`. */
  readonly ballot?: BallotDelta;
}
/** An entry whose meaning is unknown, because it does not decode or does not fit: it changes nothing. */
export const noEffect: Judgement = { apply: () => undefined };

/** What rules use that a device loads only where the record asks for it. */
export interface RuleTools {
  readonly verifyP256: VerifyP256;
}

export type Rule = (
  state: ElectionState,
  entry: RecordEntry,
  inputs: RuleInputs,
  judge: Judge,
  tools: RuleTools,
) => Judgement;
export type RuleTable = ReadonlyMap<number, Rule>;
