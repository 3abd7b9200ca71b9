import { type ElectionState, EntryType, initialState } from "@hanpyo/bulletin-board";
import { describe, expect, it } from "vitest";
import { nextStep, type Step } from "./clockwork.ts";

const end = 10_000;
const anchored = (time: number) => ({ entry: 5, time, boardSize: 5, passesSize: 0, passesRoot: new Uint8Array(32) });
const state = (change: Partial<ElectionState>): ElectionState => ({
  ...initialState("x"),
  end,
  openedAt: 1000,
  anchor: anchored(2000),
  ...change,
});
const waiting = [
  {
    act: { type: EntryType.abort, body: { at: 0, reason: { ko: "", en: "" } } },
    leafHash: new Uint8Array(32),
    officials: [0, 1],
    confirmedAt: 0,
  },
] as unknown as ElectionState["waiting"];
const pause = { since: 2000, outage: false };

describe("nextStep", () => {
  it.each<[string, Partial<ElectionState>, number, Step | null]>([
    ["does nothing before the opening", { phase: "setup", anchor: null }, 5000, null],
    ["lets time pass for an abort before the opening", { phase: "setup", waiting }, 5000, "anchor"],
    ["makes no anchor too early", { phase: "open" }, 2029, null],
    ["makes one when it is due", { phase: "open" }, 2030, "anchor"],
    ["makes one while paused", { phase: "paused", pause }, 2030, "anchor"],
    ["does not end while paused", { phase: "paused", pause }, end + 5, "anchor"],
    ["ends the intake at the end", { phase: "open", anchor: anchored(end - 1) }, end, "end-intake"],
    ["does so even if the anchor before is old", { phase: "open" }, end + 500, "end-intake"],
    ["closes once an anchor is past the end", { phase: "open", anchor: anchored(end) }, end, "close"],
    ["counts what is closed", { phase: "closed" }, end, "count"],
    ["sums what is counted", { phase: "counted" }, end, "tally"],
    ["waits for shares", { phase: "tallied" }, end, null],
    ["rests when it is decided", { phase: "decided" }, end, null],
    ["rests when it is aborted", { phase: "aborted" }, end, null],
  ])("%s", (_, change, now, step) => {
    expect(nextStep(state(change), now, 30)).toBe(step);
  });
});
