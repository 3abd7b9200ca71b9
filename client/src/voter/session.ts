/** The resident's session as a pure fold over what the person does and what the worker answers. It holds choices in memory only. */
import type {
  CodeProblem,
  ElectionView,
  Envelope,
  FromWorker,
  InBox,
  PaperFile,
  PassStep,
  ReceiptFault,
  RefusalView,
  Standing,
  Unreachable,
  VoterView,
  Waiting,
  Witnessed,
} from "./messages.ts";
import {
  emptySelection,
  mark,
  markBlank,
  type Selection,
  type SelectionProblem,
  selectionProblem,
} from "./selection.ts";

/** What a ballot on its way or in the box has shown so far; each field is filled by something checked in the worker. */
export interface Progress {
  /** One per pass of the person: almost always one. */
  readonly envelopes: readonly Envelope[];
  readonly waiting: Waiting | null;
  /** Next attempt, ms since 1970. */
  readonly retryAt: number | null;
  readonly received: boolean;
  readonly recorded: {
    readonly places: readonly InBox[];
    readonly witnessed: Witnessed;
    readonly receipts: readonly PaperFile[];
  } | null;
  readonly fault: { readonly fault: ReceiptFault; readonly evidence: PaperFile } | null;
}

export type Stage =
  | { readonly at: "loading" }
  | { readonly at: "unsupported"; readonly missing: readonly string[] }
  | { readonly at: "unreachable"; readonly why: Unreachable }
  | { readonly at: "early" }
  | { readonly at: "over" }
  | { readonly at: "back" }
  | { readonly at: "code"; readonly busy: boolean; readonly problem: CodeProblem | null }
  | { readonly at: "registrars"; readonly step: PassStep; readonly answered: number; readonly late: boolean }
  | { readonly at: "read" }
  | {
      readonly at: "choose";
      readonly step: number;
      readonly problem: SelectionProblem | null;
      readonly single: boolean;
    }
  | { readonly at: "check"; readonly failed: boolean }
  | { readonly at: "locking" }
  | { readonly at: "sealed"; readonly envelopes: readonly Envelope[] }
  | { readonly at: "sent"; readonly progress: Progress }
  | { readonly at: "refused"; readonly envelopes: readonly Envelope[]; readonly refusal: RefusalView }
  | { readonly at: "erased" };

export interface Session {
  readonly election: ElectionView | null;
  readonly standing: Standing | null;
  readonly voter: VoterView | null;
  /** One per contest of the voter's class. */
  readonly choices: readonly Selection[];
  readonly stage: Stage;
  /** The worker stopped by itself: what was not sent is gone. */
  readonly crashed: boolean;
}

export type Screen = "read" | "choose" | "check";

export type Action =
  | FromWorker
  | { readonly type: "unsupported"; readonly missing: readonly string[] }
  | { readonly type: "retry" }
  | { readonly type: "someone-else" }
  | { readonly type: "enter" }
  | { readonly type: "start" }
  | { readonly type: "go"; readonly to: Screen; readonly step?: number; readonly single?: boolean }
  | { readonly type: "mark"; readonly option: number; readonly value: number }
  | { readonly type: "mark-blank"; readonly blank: boolean }
  | { readonly type: "next" }
  | { readonly type: "lock" }
  | { readonly type: "unlock" }
  | { readonly type: "cast" }
  | { readonly type: "again" }
  | { readonly type: "crash" };

export const initialSession: Session = {
  election: null,
  standing: null,
  voter: null,
  choices: [],
  stage: { at: "loading" },
  crashed: false,
};

const finished = new Set(["closed", "counted", "tallied", "decided", "aborted"]);

/** Where a session begins, by phase and by what this device remembers. */
function beginning(standing: Standing, voter: VoterView | null): Stage {
  if (finished.has(standing.phase)) return { at: "over" };
  if (standing.phase === "setup") return { at: "early" };
  return voter ? { at: "back" } : { at: "code", busy: false, problem: null };
}

/** Whether a new worker can go on from here: nothing of it was in the old one. */
const survives = ({ voter, stage }: Session): boolean =>
  voter !== null &&
  (["read", "choose", "check", "refused"].includes(stage.at) ||
    (stage.at === "sent" && stage.progress.recorded !== null));

/** Stages that the end of voting takes a person out of: nothing was sent yet. */
const beforeSending = new Set<Stage["at"]>([
  "early",
  "back",
  "code",
  "read",
  "choose",
  "check",
  "sealed",
  "registrars",
]);

export function reduce(session: Session, action: Action): Session {
  const { stage } = session;
  switch (action.type) {
    case "unsupported":
      return { ...session, stage: { at: "unsupported", missing: action.missing } };
    case "retry":
      return { ...session, stage: { at: "loading" } };
    case "unreachable":
      return stage.at === "loading" ? { ...session, stage: { at: "unreachable", why: action.why } } : session;
    case "opened": {
      const { election, standing, voter, pending } = action;
      if (pending.length > 0)
        return { ...session, election, standing, voter, stage: { at: "sent", progress: sending(pending) } };
      // A worker that was started again finds the person where they were, with their choices.
      if (voter && survives(session)) return follow({ ...session, election, standing, voter });
      return { ...session, election, standing, voter, stage: beginning(standing, voter) };
    }
    case "standing":
      return follow({ ...session, standing: action.standing });
    case "enter":
      return { ...session, crashed: false, stage: { at: "code", busy: true, problem: null } };
    case "code-problem":
      return { ...session, stage: { at: "code", busy: false, problem: action.problem } };
    case "registrars":
      if (stage.at !== "code" && stage.at !== "registrars") return session;
      return {
        ...session,
        stage: { at: "registrars", step: action.step, answered: action.answered, late: action.late },
      };
    case "someone-else":
      return stage.at === "back"
        ? { ...session, voter: null, stage: { at: "code", busy: false, problem: null } }
        : session;
    case "entered":
      return toReading({ ...session, voter: action.voter });
    case "start":
      return session.voter ? toReading({ ...session, crashed: false }) : session;
    case "go":
      return go(session, action.to, action.step ?? 0, action.single ?? false);
    case "mark":
    case "mark-blank":
      return changeMark(session, action);
    case "next":
      return next(session);
    case "lock":
      return stage.at === "check" && firstProblem(session) < 0 ? { ...session, stage: { at: "locking" } } : session;
    case "locked":
      if (stage.at !== "locking") return session;
      return { ...session, stage: { at: "sealed", envelopes: action.envelopes } };
    case "lock-failed":
      return { ...session, stage: { at: "check", failed: true } };
    case "unlock":
      return stage.at === "sealed" ? { ...session, stage: { at: "check", failed: false } } : session;
    case "cast":
      if (stage.at !== "sealed") return session;
      return { ...session, choices: [], stage: { at: "sent", progress: sending(stage.envelopes) } };
    case "waiting":
      return report(session, { waiting: action.why, retryAt: action.retryAt });
    case "received":
      return report(session, { waiting: null, retryAt: null, received: true });
    case "recorded": {
      const { places, witnessed, receipts } = action;
      const news = { waiting: null, retryAt: null, received: true, recorded: { places, witnessed, receipts } };
      return remember(report(session, news));
    }
    case "receipt-fault":
      return report(session, { fault: { fault: action.fault, evidence: action.evidence } });
    case "refused":
      if (stage.at !== "sent") return session;
      return { ...session, stage: { at: "refused", envelopes: stage.progress.envelopes, refusal: action.refusal } };
    case "again":
      return session.voter ? toReading(session) : session;
    case "crash":
      return crash(session);
    case "erased":
      return { ...session, voter: null, choices: [], stage: { at: "erased" } };
    case "looking":
    case "looked-up":
    case "words":
      return session;
  }
}

function toReading(session: Session): Session {
  const { election, voter } = session;
  if (!election || !voter) return session;
  const choices = voter.contests.map((it) => emptySelection(election.contests[it]!.rule));
  return follow({ ...session, choices, stage: { at: "read" } });
}

/** Opens the doors when voting begins and closes them when it ends, for those who have sent nothing. */
function follow(session: Session): Session {
  const { standing, stage, voter } = session;
  if (!standing) return session;
  if (finished.has(standing.phase) && beforeSending.has(stage.at))
    return { ...session, choices: [], stage: { at: "over" } };
  if (stage.at === "early" && standing.phase !== "setup") return { ...session, stage: beginning(standing, voter) };
  return session;
}

/** Position of the first contest whose selection is not complete, or −1. */
function firstProblem({ election, voter, choices }: Session): number {
  if (!election || !voter) return -1;
  return voter.contests.findIndex((it, step) => selectionProblem(election.contests[it]!.rule, choices[step]!) !== null);
}

const movable = new Set<Stage["at"]>(["read", "choose", "check", "sealed"]);

/** Moves among the screens before sending, forwards only as far as the selections are complete. */
function go(session: Session, to: Screen, step: number, single: boolean): Session {
  const { voter, stage } = session;
  if (!voter || !movable.has(stage.at)) return session;
  if (to === "read") return { ...session, stage: { at: "read" } };
  const open = firstProblem(session);
  const last = voter.contests.length - 1;
  const reachable = open < 0 ? last : open;
  if (to === "choose" || open >= 0) {
    const target = to === "choose" ? Math.max(0, Math.min(step, reachable)) : reachable;
    return { ...session, stage: { at: "choose", step: target, problem: null, single } };
  }
  return { ...session, stage: { at: "check", failed: false } };
}

function changeMark(session: Session, action: Extract<Action, { type: "mark" | "mark-blank" }>): Session {
  const { stage, election, voter } = session;
  if (stage.at !== "choose" || !election || !voter) return session;
  const { rule } = election.contests[voter.contests[stage.step]!]!;
  const old = session.choices[stage.step]!;
  const selection =
    action.type === "mark" ? mark(rule, old, action.option, action.value) : markBlank(rule, action.blank);
  const choices = session.choices.map((it, index) => (index === stage.step ? selection : it));
  return { ...session, choices, stage: { ...stage, problem: null } };
}

function next(session: Session): Session {
  const { stage, election, voter } = session;
  if (!election || !voter) return session;
  if (stage.at === "read") return go(session, "choose", 0, false);
  if (stage.at !== "choose") return session;
  const { rule } = election.contests[voter.contests[stage.step]!]!;
  const problem = selectionProblem(rule, session.choices[stage.step]!);
  if (problem) return { ...session, stage: { ...stage, problem } };
  const last = stage.step === voter.contests.length - 1;
  return stage.single || last ? go(session, "check", 0, false) : go(session, "choose", stage.step + 1, false);
}

const sending = (envelopes: readonly Envelope[]): Progress => ({
  envelopes,
  waiting: null,
  retryAt: null,
  received: false,
  recorded: null,
  fault: null,
});

function report(session: Session, news: Partial<Progress>): Session {
  const { stage } = session;
  if (stage.at !== "sent") return session;
  return { ...session, stage: { at: "sent", progress: { ...stage.progress, ...news } } };
}

function remember(session: Session): Session {
  const { stage, voter } = session;
  if (stage.at !== "sent" || !voter) return session;
  return { ...session, voter: { ...voter, last: stage.progress.envelopes } };
}

/** Choices survive a crash before casting; a ballot that was being sent is kept by the worker's store and sent again. */
function crash(session: Session): Session {
  const { stage } = session;
  if (stage.at === "locking" || stage.at === "sealed") return { ...session, stage: { at: "check", failed: true } };
  if (stage.at === "code" || stage.at === "registrars")
    return { ...session, crashed: true, stage: { at: "code", busy: false, problem: null } };
  return { ...session, crashed: true };
}
