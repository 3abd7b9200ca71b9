import {
  close,
  computeResult,
  count,
  type ElectionState,
  EntryType,
  encodeRecord,
  encryptedTally,
  expectedTally,
  pastEnd,
  result,
  resultTrustees,
} from "@hanpyo/bulletin-board";
import type { Clock } from "@hanpyo/crypto";
import { appendAnchor, appendAnchored, type Logs } from "./anchors.ts";
import { countBallots, sumBallots } from "./count.ts";
import type { Election } from "./election.ts";

/** What the server itself has to do next; a function of the record and the time, so that a restart goes on where it was. */
export type Step = "anchor" | "end-intake" | "close" | "count" | "tally" | "result";

/** `now` in seconds. Null = nothing is due. */
export function nextStep(state: ElectionState, now: number, anchorSeconds: number): Step | null {
  const { anchor } = state;
  const sinceAnchor = anchor === null ? Number.POSITIVE_INFINITY : now - anchor.time;
  switch (state.phase) {
    case "setup":
      // Only a confirmed abort waits for time to pass before the opening.
      return state.waiting.length > 0 && sinceAnchor >= anchorSeconds ? "anchor" : null;
    case "open":
      if (pastEnd(state)) return "close";
      if (now >= state.end) return "end-intake";
      return sinceAnchor >= anchorSeconds ? "anchor" : null;
    case "paused":
      return sinceAnchor >= anchorSeconds ? "anchor" : null;
    case "closed":
      return "count";
    case "counted":
      return "tally";
    case "tallied":
      return resultTrustees(state) === null ? null : "result";
    default:
      return null;
  }
}

export interface ClockworkParts {
  readonly election: Election;
  readonly logs: Logs;
  readonly clock: Clock;
  readonly anchorSeconds: number;
  readonly intake: {
    /** Keeps new ballots waiting and resolves when all that were let in are recorded or refused. */
    holdAndDrain(): Promise<void>;
    /** Lets waiting ballots be judged again. */
    release(): void;
  };
  /** What went wrong in a step; it is tried again. */
  readonly onTrouble: (step: Step, detail: string) => void;
}

/** Does what is due, one step after the other, until stopped. */
export class Clockwork {
  readonly #parts: ClockworkParts;
  #stopped = false;
  #wake: (() => void) | null = null;
  #loop: Promise<void> | null = null;

  constructor(parts: ClockworkParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.election.on("appended", ({ type }) => {
      if (type !== EntryType.ballot) this.wake();
    });
    this.#loop ??= this.#run();
  }

  /** Looks at once instead of at the next turn. */
  wake(): void {
    this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const { election, clock, anchorSeconds } = this.#parts;
      const step = nextStep(election.state, Math.floor(clock.now() / 1000), anchorSeconds);
      let trouble: string | null = null;
      if (step !== null) {
        try {
          trouble = await this.#do(step);
        } catch (error) {
          trouble = error instanceof Error ? error.message : String(error);
        }
        if (trouble !== null) this.#parts.onTrouble(step, trouble);
      }
      if (step === null || trouble !== null || step === "end-intake") await this.#rest();
    }
  }

  /** Until something happened, half a second at most. */
  #rest(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, 500);
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.#wake = done;
    });
  }

  /** Null, or why it did not work. */
  async #do(step: Step): Promise<string | null> {
    const { election, logs, intake } = this.#parts;
    switch (step) {
      case "anchor":
        return said(await appendAnchor(election, logs));
      case "end-intake": {
        await intake.holdAndDrain();
        const anchored = await appendAnchor(election, logs);
        // The witnesses' clocks decide; while they are behind ours, ballots go on waiting, and a pause lets them go.
        const { state } = election;
        if (state.phase !== "open" || pastEnd(state) || Math.floor(this.#parts.clock.now() / 1000) < state.end)
          intake.release();
        return said(anchored);
      }
      case "close": {
        const payload = encodeRecord(close, {});
        if (election.state.newest?.type === EntryType.anchor)
          return said(await election.append(EntryType.close, payload));
        return said(await appendAnchored(election, logs, EntryType.close, payload));
      }
      case "count":
        return this.#count();
      case "tally": {
        const { bitmap } = await countBallots(election);
        const sums = await sumBallots(election, bitmap);
        const { definition, count: counted } = election.state;
        const tally = expectedTally(definition!, counted!.message.counted, sums);
        const payload = encodeRecord(encryptedTally, tally);
        return said(await election.append(EntryType.encryptedTally, payload, { classSums: sums }));
      }
      case "result": {
        const trustees = resultTrustees(election.state);
        if (trustees === null) return null;
        const payload = encodeRecord(result, computeResult(election.state, trustees));
        return said(await election.append(EntryType.result, payload));
      }
    }
  }

  async #count(): Promise<string | null> {
    const { election, logs } = this.#parts;
    const counted = await countBallots(election);
    // The document is durable before the record names it.
    election.documents.put(counted.bitmap);
    const payload = encodeRecord(count, counted.count);
    const known = { countedBitmap: { hash: counted.count.bitmap, counted: counted.count.counted } };
    const { newest, anchor, closeEntry } = election.state;
    const covered = newest?.type === EntryType.anchor && anchor !== null && anchor.boardSize > closeEntry!;
    if (covered) return said(await election.append(EntryType.count, payload, known));
    return said(await appendAnchored(election, logs, EntryType.count, payload));
  }
}

function said(outcome: { ok: true } | { ok: false; error: { code: string; detail?: string } }): string | null {
  return outcome.ok ? null : `${outcome.error.code}${outcome.error.detail ? `: ${outcome.error.detail}` : ""}`;
}
