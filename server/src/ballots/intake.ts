import {
  acknowledgementMessage,
  type Ballot,
  decodeBallot,
  type Ed25519Signer,
  type RefusalCode,
} from "@hanpyo/bulletin-board";
import { type Published, Sequencer } from "@hanpyo/bulletin-board/node";
import { ballotHash, bytesToHex, type Clock, checkBallotForm, type Result, repeatedRandomness } from "@hanpyo/crypto";
import type { WitnessedLog } from "../board/witnessed-log.ts";
import type { Election, JudgedRefusal, Placed, VerifiedBallot } from "../elections/election.ts";
import { MixingPool } from "./mixing-pool.ts";
import { BallotContexts, faultCodes, type ProofFault, type ProofSetting, proofSetting } from "./proof-check.ts";
import { Refuser, type SignedRefusal } from "./refusing.ts";
import { RevoteSpacing } from "./spacing.ts";

/** Signed after the commit: the operator's promise. */
export interface Acknowledgement {
  readonly index: number;
  readonly prev: Uint8Array;
  readonly leaf: Uint8Array;
  /** h */
  readonly ballot: Uint8Array;
  readonly signature: Uint8Array;
}

/** Not a refusal: nothing was judged, the same bytes may be sent again after so many seconds. */
export interface Delayed {
  readonly code: Extract<RefusalCode, "overloaded" | "too-soon" | "unavailable">;
  readonly retryAfter: number;
}

/** Checks proofs, signatures and passes off the main thread. */
export interface ProofPort {
  readonly load: number;
  check(payload: Uint8Array): Promise<ProofFault | null>;
  close(): Promise<void>;
}

/** What became of a ballot that was let in. */
export type Admission =
  | { readonly kind: "refused"; readonly refusal: SignedRefusal }
  | { readonly kind: "delayed"; readonly delayed: Delayed }
  /** Its proofs hold; what the record says of it follows. */
  | { readonly kind: "received"; readonly outcome: Promise<Outcome> };
export type Outcome =
  | { readonly kind: "acknowledged"; readonly acknowledgement: Acknowledgement }
  | { readonly kind: "refused"; readonly refusal: SignedRefusal }
  | { readonly kind: "delayed"; readonly delayed: Delayed };

export interface IntakeParts {
  readonly election: Election;
  readonly record: WitnessedLog;
  readonly acknowledgementKey: Ed25519Signer;
  readonly clock: Clock;
  readonly proofs: (setting: ProofSetting) => ProofPort;
  /** Ballots that may be under way at once; above it the server asks to send again. */
  readonly capacity?: number;
}

/** What there is once the election has opened. */
interface OpenIntake {
  readonly setting: ProofSetting;
  readonly contexts: BallotContexts;
  readonly proofs: ProofPort;
  readonly mixing: MixingPool<VerifiedBallot>;
}

/** Ballots of a batch that go to the sequencer together. */
const sequencerCap = 512;
const defaultCapacity = 4000;

/**
 * Takes ballots: form, rules, proofs (off the main thread), mixing, append, signed acknowledgement. What this class adds to
 * the rulebook may only delay a ballot.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #refuser: Refuser;
  readonly #spacing = new RevoteSpacing();
  readonly #sequencer: Sequencer<VerifiedBallot, Result<Placed, JudgedRefusal>>;
  /** Ballots whose proofs hold and whose place is not known yet, by h: retries join them. */
  readonly #pending = new Map<string, Promise<Outcome>>();
  /** Attempts whose proofs are being checked, by h: what replaces such a ballot waits for them. */
  readonly #checking = new Map<string, Set<Promise<unknown>>>();
  /** How to get a waiting ballot on. */
  readonly #settled = new Map<string, (placed: Result<Placed, JudgedRefusal> | Error) => void>();
  #open: OpenIntake | null = null;
  /** Ballots between the gate and their verdict. */
  #under = 0;
  #idle: (() => void)[] = [];
  #gate: { promise: Promise<void>; open: () => void } | null = null;
  #closed = false;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#refuser = new Refuser(parts.election.origin, parts.acknowledgementKey);
    this.#sequencer = new Sequencer((batch) => parts.election.appendBallots(batch), sequencerCap);
  }

  /** Starts the proof checkers when the election opens, so that the first ballot does not wait for them. */
  prepare(): void {
    this.#setUp();
  }

  #setUp(): OpenIntake | null {
    if (this.#open !== null) return this.#open;
    const { state } = this.#parts.election;
    const setting = proofSetting(state);
    if (setting === null) return null;
    const mixing = new MixingPool<VerifiedBallot>(state.definition!.mixSeconds, (batch) => {
      for (const ballot of batch) this.#sequence(ballot);
    });
    this.#open = { setting, contexts: new BallotContexts(setting), proofs: this.#parts.proofs(setting), mixing };
    return this.#open;
  }

  /** Ballots under way. */
  get load(): number {
    return this.#under + this.#pending.size;
  }

  /** `context` is what the sender says it votes in: C as hex. */
  async submit(context: string, payload: Uint8Array): Promise<Admission> {
    if (this.#closed) return delayed("unavailable", 5);
    if (this.load >= (this.#parts.capacity ?? defaultCapacity)) return delayed("overloaded", 2);
    const open = this.#setUp();
    if (open === null) return this.#refuseNow("not-open", null);
    if (context !== bytesToHex(open.setting.context)) return this.#refuseNow("wrong-election", null);
    const decoded = decodeBallot(payload);
    if (!decoded.ok) return this.#refuseNow("malformed", null);
    const { core, signature } = decoded.value;
    const classContext = open.contexts.of(core.class);
    const h = ballotHash(open.setting.context, core);
    const known = await this.#known(h);
    if (known !== null) return { kind: "received", outcome: known.outcome };
    if (classContext === undefined) return this.#refuseNow("wrong-class", h);
    const form = checkBallotForm(classContext, core, signature);
    if (!form.ok) return this.#refuseNow(faultCodes[form.error.part], h);
    const repeated = repeatedRandomness(core);
    if (repeated !== null) return this.#refuseNow(faultCodes[repeated.part], h);
    // A re-vote waits until its predecessor has its place.
    if (core.previous !== null) await this.#settledOf(bytesToHex(core.previous));
    const attempt = this.#verify(open, decoded.value, h, payload);
    this.#remember(bytesToHex(h), attempt);
    return attempt;
  }

  #remember(key: string, attempt: Promise<unknown>): void {
    const attempts = this.#checking.get(key) ?? new Set();
    this.#checking.set(key, attempts.add(attempt));
    const forget = (): void => {
      attempts.delete(attempt);
      if (attempts.size === 0) this.#checking.delete(key);
    };
    attempt.then(forget, forget);
  }

  async #settledOf(key: string): Promise<void> {
    for (;;) {
      const attempts = this.#checking.get(key);
      const pending = this.#pending.get(key);
      if (attempts === undefined && pending === undefined) return;
      await Promise.allSettled([...(attempts ?? []), pending]);
    }
  }

  /** A ballot that stands on the record or is under way: its first entry is the answer to every retry. */
  async #known(h: Uint8Array): Promise<{ readonly outcome: Promise<Outcome> } | null> {
    const key = bytesToHex(h);
    const before = this.#pending.get(key);
    if (before !== undefined) return { outcome: before };
    const placed = await this.#parts.election.record.bySubmission(h);
    if (placed !== null)
      return { outcome: Promise.resolve(this.#acknowledge(h, { ...placed, leaf: placed.leafHash })) };
    const meanwhile = this.#pending.get(key);
    return meanwhile === undefined ? null : { outcome: meanwhile };
  }

  async #verify(open: OpenIntake, ballot: Ballot, h: Uint8Array, payload: Uint8Array): Promise<Admission> {
    const { election, clock } = this.#parts;
    // Everything waits between the end and the anchor past it.
    while (this.#gate !== null) await this.#gate.promise;
    this.#under++;
    try {
      const before = await election.judgeBallot(ballot, h);
      if (before !== null) return this.#refused(before, h);
      const wait = this.#spacing.wait(ballot.core.pseudonym, clock.now(), 1000 * election.state.end);
      if (wait > 0) return delayed("too-soon", Math.ceil(wait / 1000));
      let fault: ProofFault | null;
      try {
        fault = await open.proofs.check(payload);
      } catch {
        return delayed("unavailable", 2); // the checkers are gone or closing: it was not judged
      }
      if (fault !== null) return this.#refuseNow(fault.code, h);
      return { kind: "received", outcome: this.#place(open, { ballot, h }) };
    } finally {
      this.#under--;
      this.#wakeIdle();
    }
  }

  /** Its proofs hold: into the pool, or at once to the sequencer for a re-vote. The answer comes after the commit. */
  #place(open: OpenIntake, verified: VerifiedBallot): Promise<Outcome> {
    const key = bytesToHex(verified.h);
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending; // the same ballot was sent twice at once
    const outcome = new Promise<Outcome>((resolve) => {
      this.#settled.set(key, (placed) => {
        this.#settled.delete(key);
        this.#pending.delete(key);
        resolve(this.#outcome(verified, placed));
        this.#wakeIdle();
      });
    });
    this.#pending.set(key, outcome);
    if (verified.ballot.core.previous === null) open.mixing.add(verified);
    else this.#sequence(verified);
    return outcome;
  }

  #sequence(verified: VerifiedBallot): void {
    const settle = this.#settled.get(bytesToHex(verified.h))!;
    this.#sequencer
      .submit(verified)
      .then(settle, (error: unknown) => settle(error instanceof Error ? error : new Error("failed")));
  }

  #outcome({ ballot, h }: VerifiedBallot, placed: Result<Placed, JudgedRefusal> | Error): Outcome {
    if (placed instanceof Error) return delayed("unavailable", 2);
    if (!placed.ok) return this.#refused(placed.error, h);
    if (!placed.value.duplicate) this.#spacing.recorded(ballot.core.pseudonym, this.#parts.clock.now());
    return this.#acknowledge(h, placed.value);
  }

  #acknowledge(h: Uint8Array, { index, prev, leaf }: { index: number; prev: Uint8Array; leaf: Uint8Array }): Outcome {
    const { election, acknowledgementKey } = this.#parts;
    const message = acknowledgementMessage({ origin: election.origin, index, prev, leaf, ballot: h });
    const signature = acknowledgementKey.sign(message);
    return { kind: "acknowledged", acknowledgement: { index, prev, leaf, ballot: h, signature } };
  }

  #refused(refusal: JudgedRefusal, h: Uint8Array): { kind: "refused"; refusal: SignedRefusal } {
    return { kind: "refused", refusal: this.#refuser.sign(refusal.code, h, refusal) };
  }

  #refuseNow(code: RefusalCode, h: Uint8Array | null): { kind: "refused"; refusal: SignedRefusal } {
    const { size, leafHash } = this.#parts.election.head;
    return { kind: "refused", refusal: this.#refuser.sign(code, h, { head: Math.max(0, size - 1), leaf: leafHash }) };
  }

  /** Signs that the body was too large to be read at all. */
  tooLarge(): SignedRefusal {
    return this.#refuseNow("too-large", null).refusal;
  }

  /** The receipt once the quorum covers the entry; null where that takes longer than `patience` milliseconds. */
  async receipt(index: number, patience = 100_000): Promise<string | null> {
    const { record } = this.#parts;
    const covers = (published: Published | null): published is Published =>
      published?.witnessed === true && published.checkpoint.size > index;
    let under = record.latest;
    if (!covers(under)) {
      under = await new Promise<Published | null>((resolve) => {
        const timer = setTimeout(() => done(null), patience);
        const onPublished = (published: Published): void => {
          if (covers(published)) done(published);
        };
        const done = (published: Published | null): void => {
          clearTimeout(timer);
          record.off("published", onPublished);
          resolve(published);
        };
        record.on("published", onPublished);
        if (covers(record.latest)) done(record.latest);
      });
    }
    return covers(under) ? record.receipt(index, under) : null;
  }

  /** Between the end and the anchor past it: new ballots wait, those let in are recorded or refused. */
  async holdAndDrain(): Promise<void> {
    if (this.#gate === null) {
      let open = (): void => undefined;
      const promise = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.#gate = { promise, open };
    }
    while (this.#under > 0 || this.#pending.size > 0) {
      this.#open?.mixing.flush();
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  release(): void {
    this.#gate?.open();
    this.#gate = null;
  }

  /** No new ballots; what is under way gets its answer. */
  async close(): Promise<void> {
    this.#closed = true;
    this.release();
    while (this.#under > 0 || this.#pending.size > 0) {
      this.#open?.mixing.flush();
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
    await this.#open?.proofs.close();
  }

  #wakeIdle(): void {
    for (const wake of this.#idle.splice(0)) wake();
  }
}

const delayed = (code: Delayed["code"], retryAfter: number): { kind: "delayed"; delayed: Delayed } => ({
  kind: "delayed",
  delayed: { code, retryAfter },
});
