/** Close and count (checks 8 and 19). */
import { equalBytes } from "@hanpyo/crypto";
import { EntryType } from "../entry-types.ts";
import { type Judgement, noEffect, type Rule } from "../rule.ts";
import { decodeRecord } from "../schema/cbor.ts";
import { close, count } from "../tally-entries.ts";
import { pastEnd } from "./time.ts";

export const judgeClose: Rule = (state, entry, _inputs, judge): Judgement => {
  const decoded = decodeRecord(close, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error))) return noEffect;
  if (
    !judge.require(
      "8a",
      state.closeEntry === null,
      "out-of-order",
      "it is closed already",
      state.closeEntry ?? undefined,
    )
  )
    return noEffect;
  judge.require(
    "8b",
    state.phase === "open" && pastEnd(state),
    "out-of-order",
    `close in phase ${state.phase}, before the end or without an anchor past it`,
  );
  judge.require("8b", state.newest?.type === EntryType.anchor, "wrong-position", "an anchor stands right before close");
  return {
    apply: () => {
      state.phase = "closed";
      state.closeEntry = entry.index;
      state.waiting = [];
    },
  };
};

export const judgeCount: Rule = (state, entry, inputs, judge): Judgement => {
  const decoded = decodeRecord(count, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  if (!judge.require("8a", state.count === null, "out-of-order", "it is counted already", state.count?.entry))
    return noEffect;
  judge.require("8b", state.phase === "closed", "out-of-order", `count in phase ${state.phase}`);
  const covered =
    state.newest?.type === EntryType.anchor &&
    state.anchor !== null &&
    state.closeEntry !== null &&
    state.anchor.boardSize > state.closeEntry;
  judge.require("8b", covered, "wrong-position", "an anchor that covers close stands right before count");
  const { last, counted, bitmap } = decoded.value;
  const numbers =
    last === state.lastBallot &&
    counted.length === state.firstBallots.length &&
    counted.every((n, i) => n === state.firstBallots[i]);
  judge.require(
    "19a",
    numbers,
    "count-invalid",
    () => `last ${last} and ${counted.join("+")}, found ${state.lastBallot} and ${state.firstBallots.join("+")}`,
  );
  const recomputed = inputs.countedBitmap();
  if (recomputed)
    judge.require(
      "19b",
      equalBytes(bitmap, recomputed.hash),
      "count-invalid",
      "the bitmap is not that of the latest ballots",
    );
  return {
    apply: () => {
      state.phase = "counted";
      state.countEntry = entry.index;
      state.count = { entry: entry.index, leafHash: entry.leafHash, message: decoded.value };
    },
  };
};
