/** How time passes for an election: only anchors carry it (docs/protocol.md section 6.3). */
import { EntryType } from "../entry-types.ts";
import type { ElectionState } from "../state.ts";

/** More seconds than this between two anchors of the open phase are an outage. */
export const outageSeconds = 120;
/** Seconds of time between the confirmation of an extend or abort and its effect. */
export const waitingSeconds = 300;
/** An extension is on the record at least this long before the current end. */
export const extensionNotice = 600;
/** How far an act's stated time may be from the anchor before it. */
export const statedTimeTolerance = 300;

/** Time at the next entry: that of the last anchor; null before the first. */
export const timeAt = (state: ElectionState): number | null => state.anchor?.time ?? null;

export const votingHasBegun = (state: ElectionState): boolean => state.phase === "open" || state.phase === "paused";

/** Whether the last anchor is at or past the end; never while paused, since paused time moves the end. */
export function pastEnd(state: ElectionState): boolean {
  return state.pause === null && state.anchor !== null && state.openedAt !== null && state.anchor.time >= state.end;
}

/**
 * What the passing of time to an anchor of time `now` does, in the order of docs/protocol.md: an outage becomes a pause, an
 * officials' pause that used up its bound ends, waiting acts take effect or lapse. `before` is the anchor before.
 */
export function passTime(state: ElectionState, before: number | null, now: number): void {
  if (!state.definition) return;
  if (
    votingHasBegun(state) &&
    before !== null &&
    now - before > outageSeconds &&
    (state.pause !== null || before < state.end)
  ) {
    state.outages.push({ from: before, until: null });
    state.pause = { since: state.pause?.since ?? before, outage: true };
    state.phase = "paused";
  }
  if (state.pause && !state.pause.outage) {
    const used = state.officialPausedSeconds + now - state.pause.since;
    if (used >= state.definition.bounds.pauseSeconds) endPause(state, now);
  }
  const { waiting } = state;
  state.waiting = [];
  for (const act of waiting) {
    const effective = act.confirmedAt + waitingSeconds;
    if (now < effective) state.waiting.push(act);
    else if (state.pause === null && votingHasBegun(state) && effective > state.end)
      continue; // the end came first: it lapses
    else if (act.act.type === EntryType.abort) state.phase = "aborted";
    else {
      state.end += act.act.body.seconds;
      state.extendedSeconds += act.act.body.seconds;
    }
  }
}

/** Ends the pause at time `now`; paused time is added to the end. */
export function endPause(state: ElectionState, now: number): void {
  if (!state.pause) return;
  const length = Math.max(0, now - state.pause.since);
  state.end += length;
  state.pausedSeconds += length;
  if (!state.pause.outage) state.officialPausedSeconds += length;
  for (const outage of state.outages) outage.until ??= now;
  state.pause = null;
  state.phase = "open";
}
