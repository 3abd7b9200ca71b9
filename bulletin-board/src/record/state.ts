/** The state of an election: a pure fold over its record. Only rules change it, through `Judgement.apply`. */
import type { VerifierKey } from "../log/index.ts";
import type { Act } from "./acts.ts";
import type { Complaint, Confirm, Drill, RegistrarKeys, Reveal, Shares } from "./ceremony-entries.ts";
import type { DefinitionBody } from "./definition.ts";
import type { AuditReport, Count, ElectionResult, EncryptedTally, Share } from "./tally-entries.ts";

export type Phase = "setup" | "open" | "paused" | "closed" | "counted" | "tallied" | "decided" | "aborted";

/** A message of a ceremony as it stands on the record. */
export interface Recorded<T> {
  readonly entry: number;
  readonly leafHash: Uint8Array;
  readonly message: T;
}

/** One round of a key ceremony; indices of parties are those of the definition. */
export interface CeremonyRound {
  readonly round: number;
  readonly parties: readonly number[];
  readonly reveals: Map<number, Recorded<Reveal>>;
  readonly shares: Map<number, Recorded<Shares>>;
  readonly confirms: Map<number, Recorded<Confirm>>;
  /** Set when the round is over without a key: who was named, by which entry. */
  ended?: { readonly named: readonly number[]; readonly entry: number; readonly complaint?: Complaint };
}

export interface CeremonyState {
  readonly rounds: CeremonyRound[];
  /** Set once every party of the last round has confirmed. */
  completed?: {
    readonly round: number;
    readonly parties: readonly number[];
    /** The joint key, 32 bytes. */
    readonly key: Uint8Array;
    /** X_i by party. */
    readonly shareKeys: ReadonlyMap<number, Uint8Array>;
    /** Leaf hash of the last confirm: what drills are bound to. */
    readonly lastConfirm: Uint8Array;
  };
}

export interface PendingProposal {
  readonly entry: number;
  readonly leafHash: Uint8Array;
  readonly official: number;
  readonly act: Act;
  readonly body: Uint8Array;
  /** Leaf hash of the last confirmed act when it was proposed. */
  readonly last: Uint8Array;
}

/** A confirmed extend or abort that has not taken effect yet. */
export interface WaitingAct {
  readonly act: Extract<Act, { type: 15 | 16 }>;
  readonly leafHash: Uint8Array;
  readonly officials: readonly [number, number];
  /** Time of the confirmation. */
  readonly confirmedAt: number;
}

export interface AnchorState {
  readonly entry: number;
  /** Seconds: the ⌈k/2⌉-th smallest cosignature time. */
  readonly time: number;
  readonly boardSize: number;
  readonly passesSize: number;
  /** Root of the pass log at that size, as its witnesses saw it. */
  readonly passesRoot: Uint8Array;
}

export interface WitnessPolicy {
  readonly witnesses: readonly VerifierKey[];
  readonly quorum: number;
  readonly dishonest: number;
}

export interface Outage {
  readonly from: number;
  /** Null while nobody has resumed. */
  until: number | null;
}

export interface ElectionState {
  readonly origin: string;
  phase: Phase;
  definition: DefinitionBody | null;
  /** Leaf hash of entry 0. */
  election: Uint8Array | null;
  /** Leaf hash of the open entry. */
  context: Uint8Array | null;
  openEntry: number | null;
  closeEntry: number | null;
  countEntry: number | null;

  readonly recordKey: { current: VerifierKey | null };
  readonly passesKey: { current: VerifierKey | null };
  witnesses: WitnessPolicy | null;
  /** A confirmed change of witnesses, in force from the first anchor that covers `entry` and k old witnesses cosigned. */
  witnessChange: { readonly entry: number; readonly policy: WitnessPolicy } | null;

  /** Trustees (0) and registrars (1). */
  readonly ceremonies: readonly [CeremonyState, CeremonyState];
  readonly registrarKeys: Map<number, Recorded<RegistrarKeys>>;
  readonly drills: Map<number, Recorded<Drill>>;

  readonly proposals: Map<string, PendingProposal>;
  /** Leaf hash of the last confirmed act; E before the first. */
  lastAct: Uint8Array | null;
  waiting: WaitingAct[];
  clientDigests: Uint8Array | null;

  anchor: AnchorState | null;
  /** Index and type of the newest entry. */
  newest: { readonly entry: number; readonly type: number } | null;

  /** schedule.closes + extensions in effect + paused time so far; seconds. */
  end: number;
  openedAt: number | null;
  pause: { readonly since: number; readonly outage: boolean } | null;
  pausesUsed: number;
  /** Paused time that is over: all of it, and the officials' part, which bounds limit. */
  pausedSeconds: number;
  officialPausedSeconds: number;
  extensionsUsed: number;
  extendedSeconds: number;
  outages: Outage[];

  /** Per class: pseudonyms that have a ballot. */
  firstBallots: number[];
  ballots: number;
  lastBallot: number | null;

  /** Size of the pass log in the first anchor that covers close: it ends there. */
  passesFrozen: number | null;
  count: Recorded<Count> | null;
  tally: Recorded<EncryptedTally> | null;
  /** First valid share of each trustee. */
  readonly shares: Map<number, Recorded<Share>>;
  readonly shareAttempts: Map<number, number>;
  /** Trustees whose recorded share failed its proof. */
  readonly blamed: { readonly trustee: number; readonly entry: number }[];
  result: Recorded<ElectionResult> | null;
  /** The newest report, and all: auditors who do not report together report apart. */
  audit: Recorded<AuditReport> | null;
  audits: readonly Recorded<AuditReport>[];
}

export function initialState(origin: string): ElectionState {
  return {
    origin,
    phase: "setup",
    definition: null,
    election: null,
    context: null,
    openEntry: null,
    closeEntry: null,
    countEntry: null,
    recordKey: { current: null },
    passesKey: { current: null },
    witnesses: null,
    witnessChange: null,
    ceremonies: [{ rounds: [] }, { rounds: [] }],
    registrarKeys: new Map(),
    drills: new Map(),
    proposals: new Map(),
    lastAct: null,
    waiting: [],
    clientDigests: null,
    anchor: null,
    newest: null,
    end: 0,
    openedAt: null,
    pause: null,
    pausesUsed: 0,
    pausedSeconds: 0,
    officialPausedSeconds: 0,
    extensionsUsed: 0,
    extendedSeconds: 0,
    outages: [],
    firstBallots: [],
    ballots: 0,
    lastBallot: null,
    passesFrozen: null,
    count: null,
    tally: null,
    shares: new Map(),
    shareAttempts: new Map(),
    blamed: [],
    result: null,
    audit: null,
    audits: [],
  };
}
