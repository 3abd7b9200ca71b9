/** What the observers' page and its worker say to each other. The worker reads and verifies; the page draws. */
import type { CheckPart, Report } from "@hanpyo/bulletin-board";
import type { Bilingual } from "../ui/language.svelte.ts";

export interface ObservedElection {
  readonly origin: string;
  /** E in hex. */
  readonly id: string;
  readonly title: Bilingual;
  readonly text: Bilingual;
  readonly rehearsal: boolean;
  readonly opens: number;
  readonly closes: number;
  readonly classes: readonly {
    readonly title: Bilingual;
    readonly weight: number;
    readonly certified: number | null;
  }[];
  readonly contests: readonly {
    readonly title: Bilingual;
    readonly options: readonly Bilingual[];
    readonly blank: boolean;
  }[];
  readonly witnesses: readonly string[];
  readonly quorum: number;
}

export interface NewEntry {
  readonly index: number;
  readonly type: number;
  /** Of a ballot: its class, and whether it replaces an earlier one. */
  readonly ballot: { readonly class: number; readonly again: boolean } | null;
}

/** Voters (pseudonyms with a ballot) at an anchor; time in seconds. */
export interface TurnoutPoint {
  readonly time: number;
  readonly voters: number;
}

export interface ObservedSet {
  readonly classes: readonly number[];
  readonly weight: number;
  readonly ballots: number;
  readonly counts: readonly number[];
}
export interface ObservedResult {
  readonly contests: readonly {
    readonly totals: readonly number[];
    readonly unopened: number;
    readonly sets: readonly ObservedSet[];
  }[];
}

/** The board at one checkpoint that carried the witnesses' quorum and continued the one before. */
export interface LiveBoard {
  readonly size: number;
  readonly root: string;
  readonly passes: number;
  /** By witness of the definition: when it signed, or null where its signature is not on this checkpoint. */
  readonly signed: readonly (number | null)[];
  readonly phase: string;
  readonly end: number | null;
  readonly turnout: { readonly total: number; readonly classes: readonly number[] };
  readonly series: readonly TurnoutPoint[];
  readonly newest: readonly NewEntry[];
  readonly result: ObservedResult | null;
  /** Server's clock less the device's, seconds. */
  readonly skew: number;
}

export type BoardFault = "offline" | "server" | "untrusted";

export interface RunningPart {
  readonly held: number;
  readonly failed: number;
}

export interface VerificationProgress {
  readonly stage: "record" | "passes" | "end";
  readonly done: number;
  readonly total: number;
  readonly ballots: number;
  /** Milliseconds of work so far, pauses left out. */
  readonly worked: number;
  readonly parts: Partial<Record<CheckPart, RunningPart>>;
}

export interface ReceiptPaper {
  readonly name: string;
  readonly text: string;
}

export type ToObserver =
  | { readonly type: "open"; readonly base: string }
  | { readonly type: "refresh" }
  | { readonly type: "verify"; readonly receipts: readonly ReceiptPaper[] }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "stop" };

export type FromObserver =
  | { readonly type: "opened"; readonly election: ObservedElection }
  | { readonly type: "unreachable"; readonly why: BoardFault; readonly detail: string }
  | { readonly type: "board"; readonly board: LiveBoard }
  | { readonly type: "progress"; readonly progress: VerificationProgress }
  /** `code`: what observers compare, three groups of four. */
  | { readonly type: "report"; readonly report: Report; readonly code: string; readonly worked: number }
  | { readonly type: "unreadable"; readonly detail: string }
  | { readonly type: "stopped" };
