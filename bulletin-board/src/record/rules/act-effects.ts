/** What each confirmed act needs, by phase and bounds, and what it does. */
import { equalBytes } from "@hanpyo/crypto";
import { decodeVkey, keyType } from "../../log/index.ts";
import type { Act, ActBody } from "../acts.ts";
import { EntryType } from "../entry-types.ts";
import type { Judge } from "../judge.ts";
import type { RecordEntry } from "../rule.ts";
import type { ElectionState, WaitingAct } from "../state.ts";
import { restartEffect } from "./ceremony.ts";
import { witnessesSuffice } from "./definition.ts";
import { endPause, extensionNotice, pastEnd, timeAt, votingHasBegun } from "./time.ts";

export type Effect = () => void;
const nothing: Effect = () => undefined;

export function effectOf(
  state: ElectionState,
  entry: RecordEntry,
  act: Act,
  officials: readonly [number, number],
  judge: Judge,
): Effect {
  switch (act.type) {
    case EntryType.open:
      return openEffect(state, entry, judge);
    case EntryType.pause:
      return pauseEffect(state, judge);
    case EntryType.resume:
      return resumeEffect(state, judge);
    case EntryType.extend:
      return extendEffect(state, entry, act, officials, judge);
    case EntryType.abort:
      return abortEffect(state, entry, act, officials, judge);
    case EntryType.restart:
      return restartEffect(state, entry, act.body, judge);
    case EntryType.client: {
      const before = state.phase === "setup" || votingHasBegun(state);
      judge.require("8b", before, "out-of-order", `new pages in phase ${state.phase}`);
      return () => {
        state.clientDigests = act.body.digests;
      };
    }
    case EntryType.witnessChange:
      return witnessChangeEffect(state, entry, act.body, judge);
    case EntryType.notice:
      return nothing;
  }
}

function openEffect(state: ElectionState, entry: RecordEntry, judge: Judge): Effect {
  const definition = state.definition!;
  const time = timeAt(state);
  if (!judge.require("8a", state.context === null, "out-of-order", "it is open already", state.openEntry ?? undefined))
    return nothing;
  judge.require("8b", state.phase === "setup", "out-of-order", `open in phase ${state.phase}`);
  const keys = definition.registrars.every((_, i) => state.registrarKeys.has(i + 1));
  judge.require("5a", keys, "registrar-invalid", "a registrar has published no keys");
  judge.require(
    "5c",
    state.ceremonies[1].completed !== undefined,
    "registrar-invalid",
    "the registrars' key ceremony is not complete",
  );
  const completed = state.ceremonies[0].completed;
  judge.require("6g", completed !== undefined, "ceremony-invalid", "the trustees' key ceremony is not complete");
  const missing = completed?.parties.filter((party) => !state.drills.has(party)) ?? [];
  judge.require("7a", missing.length === 0, "drill-invalid", () => `no drill of trustees ${missing.join(", ")}`);
  judge.require(
    "9c",
    time !== null && time >= definition.schedule.opens,
    "time-invalid",
    () => `opened at ${time}, not before ${definition.schedule.opens}`,
  );
  return () => {
    state.phase = "open";
    state.context = entry.leafHash;
    state.openEntry = entry.index;
    state.openedAt = time;
  };
}

function pauseEffect(state: ElectionState, judge: Judge): Effect {
  const { bounds } = state.definition!;
  const time = timeAt(state) ?? 0;
  const running = state.phase === "open" && !pastEnd(state);
  judge.require("8c", running, "out-of-order", `pause in phase ${state.phase}`);
  const left = state.pausesUsed < bounds.pauses && state.officialPausedSeconds < bounds.pauseSeconds;
  judge.require(
    "8c",
    left,
    "bounds-exceeded",
    `${state.pausesUsed} pauses of ${bounds.pauses}, ${state.officialPausedSeconds} s of ${bounds.pauseSeconds}`,
  );
  if (!running) return nothing;
  return () => {
    state.pause = { since: time, outage: false };
    state.phase = "paused";
    state.pausesUsed += 1;
  };
}

function resumeEffect(state: ElectionState, judge: Judge): Effect {
  judge.require("8c", state.pause !== null, "out-of-order", "it is not paused");
  const time = timeAt(state) ?? 0;
  return () => endPause(state, time);
}

function waits(
  entry: RecordEntry,
  act: WaitingAct["act"],
  officials: readonly [number, number],
  time: number,
): WaitingAct {
  return { act, leafHash: entry.leafHash, officials, confirmedAt: time };
}

function extendEffect(
  state: ElectionState,
  entry: RecordEntry,
  act: Extract<Act, { type: 15 }>,
  officials: readonly [number, number],
  judge: Judge,
): Effect {
  const { bounds } = state.definition!;
  const time = timeAt(state) ?? 0;
  judge.require("8b", votingHasBegun(state) && !pastEnd(state), "out-of-order", `extension in phase ${state.phase}`);
  // While paused the end moves on with time, so that the notice is judged from the start of the pause.
  const judgedAt = state.pause?.since ?? time;
  judge.require(
    "9d",
    judgedAt + extensionNotice <= state.end,
    "time-invalid",
    `less than ${extensionNotice} s before the end`,
  );
  const seconds = state.extendedSeconds + waitingSecondsOf(state) + act.body.seconds;
  const within = state.extensionsUsed < bounds.extensions && seconds <= bounds.extensionSeconds;
  judge.require(
    "9d",
    within,
    "bounds-exceeded",
    `${state.extensionsUsed + 1} extensions of ${bounds.extensions}, ${seconds} s of ${bounds.extensionSeconds}`,
  );
  return () => {
    state.extensionsUsed += 1;
    state.waiting.push(waits(entry, act, officials, time));
  };
}

const waitingSecondsOf = (state: ElectionState): number =>
  state.waiting.reduce((sum, { act }) => sum + (act.type === EntryType.extend ? act.body.seconds : 0), 0);

function abortEffect(
  state: ElectionState,
  entry: RecordEntry,
  act: Extract<Act, { type: 16 }>,
  officials: readonly [number, number],
  judge: Judge,
): Effect {
  const running = state.phase === "setup" || (votingHasBegun(state) && !pastEnd(state));
  judge.require("8b", running, "out-of-order", `abort in phase ${state.phase}`);
  const time = timeAt(state) ?? 0;
  return () => state.waiting.push(waits(entry, act, officials, time));
}

function witnessChangeEffect(state: ElectionState, entry: RecordEntry, body: ActBody<20>, judge: Judge): Effect {
  const keys = body.witnesses.flatMap((vkey) => {
    const key = decodeVkey(vkey);
    return key.ok && key.value.type === keyType.cosignature ? [key.value] : [];
  });
  // A cosignature does not commit to a name: a log's own key among its witnesses would witness itself.
  const logs = [state.recordKey.current, state.passesKey.current].flatMap((key) => key ?? []);
  const all = [...keys, ...logs].map((key) => key.publicKey.join());
  const distinct = new Set(all).size === body.witnesses.length + logs.length;
  const sound = distinct && witnessesSuffice(keys.length, body.quorum, body.dishonest);
  judge.require("3d", sound, "definition-invalid", "the new witnesses are not distinct or too few");
  // A quorum of the present ones stays: two officials and the board's operator cannot swap all witnesses for their own at once.
  const present = state.witnesses!;
  const staying = keys.filter((key) => present.witnesses.some((known) => equalBytes(known.publicKey, key.publicKey)));
  const continuous = staying.length >= present.quorum;
  judge.require(
    "3d",
    continuous,
    "definition-invalid",
    `${staying.length} of the present witnesses stay, ${present.quorum} must`,
  );
  judge.require(
    "3d",
    state.witnessChange === null,
    "out-of-order",
    "another change of witnesses is not in force yet",
    state.witnessChange?.entry,
  );
  if (!sound) return nothing;
  return () => {
    state.witnessChange = {
      entry: entry.index,
      policy: { witnesses: keys, quorum: body.quorum, dishonest: body.dishonest },
    };
  };
}
