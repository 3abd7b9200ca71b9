/** Anchors (check 9a): witnessed checkpoints of both logs, which carry time (docs/protocol.md section 2.2). */
import { equalBytes } from "@hanpyo/crypto";
import { encodeNote, type OpenedCheckpoint, openUnwitnessed, quorumTime, type VerifierKey } from "../../log/index.ts";
import type { Judge } from "../judge.ts";
import { type Judgement, noEffect, type Rule } from "../rule.ts";
import { decodeRecord } from "../schema/cbor.ts";
import type { WitnessPolicy } from "../state.ts";
import { anchor } from "../tally-entries.ts";
import { passTime, pastEnd } from "./time.ts";

export const judgeAnchor: Rule = (state, entry, inputs, judge): Judgement => {
  const decoded = decodeRecord(anchor, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const { witnesses, recordKey, passesKey } = state;
  if (!witnesses || !recordKey.current || !passesKey.current) return noEffect;
  const board = openWithQuorum(decoded.value.board, recordKey.current, witnesses, judge, "record");
  const passes = openWithQuorum(decoded.value.passes, passesKey.current, witnesses, judge, "pass log");
  if (!board || !passes) return noEffect;

  const before = state.anchor;
  const time = quorumTime(board.cosignatures.map((cosignature) => cosignature.time));
  const boardSize = board.checkpoint.size;
  const passesSize = passes.checkpoint.size;
  const covers = boardSize > (before?.entry ?? 0) && boardSize <= entry.index;
  const monotone =
    before === null || (time >= before.time && boardSize >= before.boardSize && passesSize >= before.passesSize);
  judge.require(
    "9a",
    covers,
    "anchor-invalid",
    `size ${boardSize} must cover the anchor before and not this one`,
    before?.entry,
  );
  judge.require("9a", monotone, "anchor-invalid", "time or a size shrank", before?.entry);
  const root = inputs.recordRoot(boardSize);
  if (root)
    judge.require(
      "2c",
      equalBytes(root, board.checkpoint.root),
      "root-differs",
      `the record at ${boardSize} has another root`,
    );
  const passesRoot = inputs.passesRoot(passesSize);
  if (passesRoot)
    judge.require(
      "18a",
      equalBytes(passesRoot, passes.checkpoint.root),
      "root-differs",
      `the pass log at ${passesSize} has another root`,
    );
  const passCounts = inputs.passesPerClass(passesSize);
  if (passCounts)
    judge.require(
      "18d",
      state.firstBallots.every((ballots, item) => ballots <= (passCounts[item] ?? 0)),
      "no-passes-left",
      "a class has more first ballots than passes",
    );

  // What time does to the election is worked out on a copy, so that judging changes nothing.
  const after = { ...state, outages: state.outages.map((outage) => ({ ...outage })) };
  after.anchor = { entry: entry.index, time, boardSize, passesSize, passesRoot: passes.checkpoint.root };
  const change = state.witnessChange;
  if (change && boardSize > change.entry) {
    after.witnesses = change.policy;
    after.witnessChange = null;
  }
  if (state.closeEntry !== null && boardSize > state.closeEntry) after.passesFrozen ??= passesSize;
  passTime(after, before?.time ?? null, time);
  const firstPastEnd = after.phase === "open" && pastEnd(after) && !(before !== null && before.time >= after.end);
  if (firstPastEnd)
    judge.require(
      "9b",
      state.lastBallot === null || boardSize > state.lastBallot,
      "late",
      "the first anchor past the end does not cover every ballot",
      state.lastBallot ?? undefined,
    );
  return {
    apply: () => {
      Object.assign(state, after);
    },
  };
};

/** The checkpoint of a note with exactly the quorum's k cosignatures, in the order of the witnesses, and nothing else. */
function openWithQuorum(
  text: string,
  log: VerifierKey,
  { witnesses, quorum }: WitnessPolicy,
  judge: Judge,
  which: string,
): OpenedCheckpoint | null {
  const opened = openUnwitnessed(text, { log, witnesses, k: quorum });
  if (
    !judge.require("9a", opened.ok, "anchor-invalid", () => `${which}: ${opened.ok ? "" : opened.error.detail}`) ||
    !opened.ok
  )
    return null;
  const { cosignatures, note } = opened.value;
  const lines = [log, ...cosignatures.map(({ witness }) => witness)];
  const exact =
    cosignatures.length === quorum &&
    note.signatures.length === lines.length &&
    lines.every((key, i) => note.signatures[i]!.name === key.name && note.signatures[i]!.keyId === key.keyId) &&
    encodeNote(note) === text;
  return judge.require(
    "9a",
    exact,
    "quorum-missing",
    `${which}: exactly ${quorum} cosignatures, in the witnesses' order`,
  )
    ? opened.value
    : null;
}
