/** The state of an election is the fold of its record: nothing else is read at start. */
import {
  type BallotView,
  decodeBallot,
  decodeEntry,
  EntryType,
  Judge,
  type Rulebook,
  type RuleInputs,
} from "@hanpyo/bulletin-board";
import type { EntryStore } from "@hanpyo/bulletin-board/node";
import { ballotHash, equalBytes, unwrap } from "@hanpyo/crypto";
import { ballotKeys } from "./ballot-tables.ts";

/** The record contradicts its own rules: nothing can be appended to it before somebody has looked (`board fsck`). */
export class BrokenRecord extends Error {
  override readonly name = "BrokenRecord";
}

type ReplayInputs = Omit<RuleInputs, "ballots">;

/**
 * Runs the rulebook over entries 0 to `size`. Ballots were judged against the tables when they were appended, so that here
 * each is judged against what it says of itself; the totals of the tables are compared by the caller.
 */
export async function replay(store: EntryStore, size: number, rulebook: Rulebook, inputs: ReplayInputs): Promise<void> {
  let prev: Uint8Array | null = null;
  for await (const { index, body, leafHash } of store.rows(0, size)) {
    const entry = decodeEntry(body);
    if (!entry.ok) throw new BrokenRecord(`entry ${index}: ${entry.error.detail}`);
    if (prev !== null && !equalBytes(prev, entry.value.prev)) throw new BrokenRecord(`entry ${index} breaks the chain`);
    prev = leafHash;
    const { type, payload } = entry.value;
    const judge = new Judge();
    const ballots = type === EntryType.ballot ? viewOf(payload) : noBallots;
    const judgement = rulebook.judge({ index, type, payload, leafHash }, { ...inputs, ballots }, judge);
    const [refusal] = judge.refusals;
    if (refusal !== undefined) throw new BrokenRecord(`entry ${index}, check ${refusal.part}: ${refusal.detail}`);
    judgement.apply();
  }
}

/** The ballots of the record with what the tables hold of them; `context` is C. */
export async function* ballotsOf(store: EntryStore, from: number, size: number, context: Uint8Array) {
  for await (const { index, body } of store.rows(from, size)) {
    const { type, payload } = unwrap(decodeEntry(body));
    if (type !== EntryType.ballot) continue;
    const ballot = unwrap(decodeBallot(payload));
    yield { ...ballotKeys(ballot, ballotHash(context, ballot.core)), entry: index, class: ballot.core.class };
  }
}

const noBallots: BallotView = {
  pseudonym: () => undefined,
  ballot: () => undefined,
  firstRandomness: () => undefined,
};

function viewOf(payload: Uint8Array): BallotView {
  const ballot = decodeBallot(payload);
  if (!ballot.ok || ballot.value.core.previous === null) return noBallots;
  const { class: item, previous: latest } = ballot.value.core;
  return { ...noBallots, pseudonym: () => ({ class: item, ballots: 0, latest, latestEntry: 0 }) };
}
