import { anchor, EntryType, encodeRecord } from "@hanpyo/bulletin-board";
import { err, type Result } from "@hanpyo/crypto";
import type { WitnessedLog, WitnessesMissing } from "../board/witnessed-log.ts";
import type { Election, JudgedRefusal, Placed } from "./election.ts";

export interface Logs {
  readonly record: WitnessedLog;
  readonly passes: WitnessedLog;
}

/**
 * The payload of an anchor that covers everything on the record now: a witnessed checkpoint of the record, then, fetched
 * afterwards, one of the pass log. Both cover their whole log, so that nothing acknowledged stays behind a freeze.
 */
export async function prepareAnchor(election: Election, logs: Logs): Promise<Result<Uint8Array, WitnessesMissing>> {
  const board = await logs.record.reach(election.head.size, { fresh: true });
  if (!board.ok) return board;
  const { size } = await logs.passes.store.head();
  const passes = await logs.passes.reach(size);
  if (!passes.ok) return passes;
  const notes = { board: logs.record.anchorNote(board.value), passes: logs.passes.anchorNote(passes.value) };
  return { ok: true, value: encodeRecord(anchor, notes) };
}

/** Makes and appends an anchor. The rulebook may refuse it, if a ballot came past the end meanwhile: make another one. */
export async function appendAnchor(
  election: Election,
  logs: Logs,
): Promise<Result<Placed, JudgedRefusal | WitnessesMissing>> {
  const payload = await prepareAnchor(election, logs);
  return payload.ok ? election.append(EntryType.anchor, payload.value) : payload;
}

/** An anchor and, right behind it, an entry that needs one. Nothing comes between the two. */
export async function appendAnchored(
  election: Election,
  logs: Logs,
  type: number,
  payload: Uint8Array,
): Promise<Result<Placed, JudgedRefusal | WitnessesMissing>> {
  const prepared = await prepareAnchor(election, logs);
  if (!prepared.ok) return err(prepared.error);
  return election.queue.run(async () => {
    const anchored = await election.appendHere(EntryType.anchor, prepared.value);
    return anchored.ok ? election.appendHere(type, payload) : anchored;
  });
}
