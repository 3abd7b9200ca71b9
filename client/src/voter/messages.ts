/**
 * What the resident's page and its worker say to each other. Everything secret (holder key, pass seed, randomness) stays in
 * the worker; the page sends the typed code and the choices, and gets back only what it shows.
 */
import type { Bilingual } from "../ui/language.svelte.ts";
import type { ContestView, Selection } from "./selection.ts";

export type Phase = "setup" | "open" | "paused" | "closed" | "counted" | "tallied" | "decided" | "aborted";

/** What the worker read from the definition after verifying it and its place under a witnessed checkpoint. Times in seconds. */
export interface ElectionView {
  readonly origin: string;
  readonly title: Bilingual;
  readonly text: Bilingual;
  readonly rehearsal: boolean;
  readonly opens: number;
  readonly closes: number;
  readonly revote: boolean;
  readonly registrars: { readonly names: readonly string[]; readonly quorum: number };
  readonly witnesses: { readonly count: number; readonly quorum: number };
  readonly contests: readonly ContestView[];
}

/** Where the election stands, by the server's word: it steers what the page offers, never what counts. */
export interface Standing {
  readonly phase: Phase;
  /** End of voting, seconds; null before the opening. */
  readonly end: number | null;
  /** Server's clock less the device's, seconds. */
  readonly skew: number;
}

/** A locked ballot: its confirmation code, and h in base64url as the picture code holds it. */
export interface Envelope {
  readonly code: string;
  readonly hash: string;
}

export interface VoterView {
  readonly place: Bilingual;
  readonly weight: number;
  /** Positions in `ElectionView.contests`. */
  readonly contests: readonly number[];
  /** The envelopes of the vote this device cast last, one per pass; empty before the first. */
  readonly last: readonly Envelope[];
}

export type Unreachable = "offline" | "server" | "untrusted";

/** Why an activation code did not lead on. The first three are found on the device, before anything is sent. */
export type CodeProblem =
  | { readonly kind: "length"; readonly typed: number }
  | { readonly kind: "character"; readonly character: string }
  | { readonly kind: "check" }
  | { readonly kind: "words" }
  | { readonly kind: "refused"; readonly refusal: Sentence }
  | { readonly kind: "unreachable"; readonly why: Unreachable };

/** Asking the registrars, writing the pass into the public pass log, collecting the signatures. */
export type PassStep = "asking" | "logging" | "signing";

/** Why the ballot is not in the box yet; the worker goes on trying with the same bytes. */
export type Waiting = "offline" | "overloaded" | "paused" | "too-soon" | "mixing";

/** A refusal's stable code and what it says: what happened, whether the vote counts, what to do. */
export interface Sentence {
  readonly code: string;
  readonly sentence: Bilingual;
}

export interface RefusalView extends Sentence {
  /** The signed refusal as a file, or null where the answer carried no valid signature. */
  readonly file: PaperFile | null;
}

export interface PaperFile {
  readonly name: string;
  readonly text: string;
}

/** Place of a ballot in the box, proved: filled in once the proof was checked on this device. */
export interface InBox {
  readonly index: number;
  readonly size: number;
}

export interface Witnessed {
  readonly names: readonly string[];
  readonly quorum: number;
  /** Median time the witnesses wrote, seconds. */
  readonly time: number;
}

/** What a check of a receipt found wrong. */
export type ReceiptFault = "acknowledgement" | "proof" | "witnesses" | "missing";

export type Lookup =
  | {
      readonly kind: "found";
      readonly code: string;
      readonly inBox: InBox;
      readonly witnessed: Witnessed;
      readonly standing: "latest" | "replaced" | "unknown";
      readonly counted: boolean | null;
    }
  | { readonly kind: "absent"; readonly code: string; readonly size: number }
  | { readonly kind: "fault"; readonly fault: ReceiptFault; readonly detail: string }
  | { readonly kind: "unreachable"; readonly why: Unreachable };

export type ToWorker =
  | { readonly type: "open"; readonly base: string }
  | { readonly type: "standing" }
  | { readonly type: "enter"; readonly code: string }
  /** A new device with the recovery words of the old one. */
  | { readonly type: "recover"; readonly words: string; readonly code: string }
  /** Go on with the registrars that have answered. */
  | { readonly type: "go-on" }
  | { readonly type: "lock"; readonly choices: readonly Selection[] }
  | { readonly type: "unlock" }
  | { readonly type: "cast" }
  /** `null`: the vote this device cast last. */
  | { readonly type: "look-up"; readonly code: string | null }
  | { readonly type: "words"; readonly language: "ko" | "en" }
  | { readonly type: "erase" };

export type FromWorker =
  | {
      readonly type: "opened";
      readonly election: ElectionView;
      readonly standing: Standing;
      readonly voter: VoterView | null;
      /** A ballot that was cast before the page was closed and has no answer yet; the worker is sending it again. */
      readonly pending: readonly Envelope[];
    }
  | { readonly type: "unreachable"; readonly why: Unreachable }
  | { readonly type: "standing"; readonly standing: Standing }
  | { readonly type: "code-problem"; readonly problem: CodeProblem }
  | { readonly type: "registrars"; readonly step: PassStep; readonly answered: number; readonly late: boolean }
  | { readonly type: "entered"; readonly voter: VoterView }
  | { readonly type: "locked"; readonly envelopes: readonly Envelope[] }
  | { readonly type: "lock-failed" }
  | { readonly type: "waiting"; readonly why: Waiting | null; readonly retryAt: number | null }
  /** The signed acknowledgement was checked. */
  | { readonly type: "received" }
  /** Every receipt was checked: places in the box, and the witnesses' signatures. */
  | {
      readonly type: "recorded";
      readonly places: readonly InBox[];
      readonly witnessed: Witnessed;
      readonly receipts: readonly PaperFile[];
    }
  | { readonly type: "receipt-fault"; readonly fault: ReceiptFault; readonly evidence: PaperFile }
  | { readonly type: "refused"; readonly refusal: RefusalView }
  | { readonly type: "looking"; readonly done: number; readonly size: number }
  | { readonly type: "looked-up"; readonly result: Lookup }
  | { readonly type: "words"; readonly list: readonly string[]; readonly language: "ko" | "en" }
  | { readonly type: "erased" };
