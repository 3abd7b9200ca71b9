/**
 * Builds a record in memory, step by step, with the rulebook applied by force: later steps are computed from what the
 * record says, be it honest or not. A run can start from a snapshot of another one.
 */
import { bytesToHex } from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  cosign,
  decodeEntry,
  emptyRoot,
  encodeCheckpoint,
  encodeEntry,
  encodeNote,
  firstPrev,
  leafHash,
  MemoryTree,
  signNote,
} from "../../log/index.ts";
import { type Ballot, decodeBallot } from "../../record/ballot-entry.ts";
import type { BallotDelta } from "../../record/ballot-view.ts";
import { EntryType } from "../../record/entry-types.ts";
import { Judge, type Refusal } from "../../record/judge.ts";
import { Rulebook, type RuleInputs } from "../../record/rulebook.ts";
import { encodeRecord } from "../../record/schema/cbor.ts";
import { type ElectionState, initialState } from "../../record/state.ts";
import { anchor } from "../../record/tally-entries.ts";
import { MemoryBallotView } from "../../verify/memory-ballot-view.ts";
import { logParty, origin, witnessParty } from "./keys.ts";

export interface Step {
  /** Unique in a script: tampering finds steps by it. */
  readonly name: string;
  readonly act: (run: Run) => void | Promise<void>;
}

/** What may be wrong about the 42 bytes around a payload; `bytes` replaces the whole entry. */
export interface Envelope {
  readonly index?: number;
  readonly prev?: Uint8Array;
  readonly bytes?: (honest: Uint8Array) => Uint8Array;
}

export interface CheckpointChanges {
  readonly origin?: string;
  readonly size?: number;
  readonly root?: Uint8Array;
  /** Seconds; each witness adds its index. */
  readonly time?: number;
  /** Numbers of the witnesses that cosign. */
  readonly witnesses?: readonly number[];
  readonly text?: (note: string) => string;
}

class Log {
  readonly entries: Uint8Array[] = [];
  readonly leaves: Uint8Array[] = [];
  readonly tree = new MemoryTree();
  readonly origin: string;

  constructor(logOrigin: string) {
    this.origin = logOrigin;
  }
  get size(): number {
    return this.entries.length;
  }
  root(size: number = this.size): Uint8Array {
    return size === 0 ? emptyRoot() : this.tree.root(size);
  }
  push(bytes: Uint8Array): Uint8Array {
    const leaf = leafHash(bytes);
    this.entries.push(bytes);
    this.leaves.push(leaf);
    this.tree.append(leaf);
    return leaf;
  }
  next(type: number, payload: Uint8Array, { index, prev, bytes }: Envelope): Uint8Array {
    const honest = encodeEntry({
      type,
      index: index ?? this.size,
      prev: prev ?? this.leaves.at(-1) ?? firstPrev(this.origin),
      payload,
    });
    return bytes?.(honest) ?? honest;
  }
  take(log: Log, size: number): void {
    for (const bytes of log.entries.slice(0, size)) this.push(bytes);
  }
}

export interface Snapshot {
  readonly of: Run;
  readonly state: ElectionState;
  readonly now: number;
  readonly sizes: readonly [record: number, passes: number, deltas: number];
  readonly witnesses: readonly number[];
}

export class Run {
  readonly rulebook: Rulebook;
  readonly record = new Log(origin);
  readonly passes = new Log(`${origin}/passes`);
  readonly documents = new Map<string, Uint8Array>();
  /** Entry of the record by the name of the step that appended it. */
  readonly places = new Map<string, number>();
  readonly ballots = new Map<number, Ballot>();
  readonly deltas: BallotDelta[] = [];
  readonly refusals: Refusal[] = [];
  /** Steps that could not be made from what the record says, with the reason. */
  readonly omitted: { readonly name: string; readonly why: string }[] = [];
  readonly view = new MemoryBallotView();
  now = 0;
  /** Numbers of the witnesses that cosign at present. */
  witnesses: readonly number[] = [1, 2, 3, 4];
  /** For the next entry of the record. */
  envelope: Envelope = {};
  alter: (payload: Uint8Array) => Uint8Array = (payload) => payload;
  /** For the next entry of the pass log. */
  passEnvelope: Envelope = {};
  /** The step that runs. */
  step = "";

  constructor(from?: Snapshot) {
    this.rulebook = new Rulebook(origin, from ? structuredClone(from.state) : initialState(origin));
    if (!from) return;
    const [record, passes, deltas] = from.sizes;
    this.record.take(from.of.record, record);
    this.passes.take(from.of.passes, passes);
    for (const [name, bytes] of from.of.documents) this.documents.set(name, bytes);
    for (const [name, index] of from.of.places) if (index < record) this.places.set(name, index);
    for (const [index, ballot] of from.of.ballots) if (index < record) this.ballots.set(index, ballot);
    for (const delta of from.of.deltas.slice(0, deltas)) this.#remember(delta);
    this.now = from.now;
    this.witnesses = from.witnesses;
  }

  get state(): ElectionState {
    return this.rulebook.state;
  }

  snapshot(): Snapshot {
    return {
      of: this,
      state: structuredClone(this.state),
      now: this.now,
      sizes: [this.record.size, this.passes.size, this.deltas.length],
      witnesses: this.witnesses,
    };
  }

  addDocument(bytes: Uint8Array): Uint8Array {
    const hash = sha256(bytes);
    this.documents.set(bytesToHex(hash), bytes);
    return hash;
  }

  /** Leaf hash of the entry that a step appended. */
  leaf(step: string): Uint8Array {
    const place = this.places.get(step);
    if (place === undefined) throw new Error(`no entry was appended by “${step}”`);
    return this.record.leaves[place]!;
  }

  append({ type, payload }: { readonly type: number; readonly payload: Uint8Array }): void {
    const index = this.record.size;
    const bytes = this.record.next(type, this.alter(payload), this.envelope);
    this.envelope = {};
    this.alter = (unchanged) => unchanged;
    const leaf = this.record.push(bytes);
    this.places.set(this.step, index);
    const decoded = decodeEntry(bytes);
    if (!decoded.ok) return;
    const entry = { index, type: decoded.value.type, payload: decoded.value.payload, leafHash: leaf };
    const judge = new Judge();
    const judgement = this.rulebook.judge(entry, this.#inputs(), judge);
    this.refusals.push(...judge.refusals);
    judgement.apply();
    if (!judgement.ballot) return;
    this.#remember(judgement.ballot);
    const ballot = decodeBallot(entry.payload);
    if (ballot.ok) this.ballots.set(index, ballot.value);
  }

  appendPass(payload: Uint8Array, type: number = EntryType.pass): void {
    this.passes.push(this.passes.next(type, payload, this.passEnvelope));
    this.passEnvelope = {};
  }

  /** A signed checkpoint of the record or the pass log as it is now, unless told otherwise. */
  checkpoint(which: "record" | "passes", changes: CheckpointChanges = {}): string {
    const log = this[which];
    const { size = log.size, time = this.now, witnesses = this.witnesses } = changes;
    const text = encodeCheckpoint({
      origin: changes.origin ?? log.origin,
      size,
      root: changes.root ?? log.root(size),
    });
    const party = logParty(changes.origin ?? log.origin);
    const signatures = [
      signNote(text, party.key, party.signer),
      ...witnesses.map((number) => {
        const { key, signer } = witnessParty(number);
        return cosign(text, time + number, key, signer);
      }),
    ];
    const note = encodeNote({ text, signatures });
    return changes.text?.(note) ?? note;
  }

  /** Payload of an anchor: both logs, each with exactly the quorum. */
  anchorPayload(board: CheckpointChanges = {}, passes: CheckpointChanges = {}): Uint8Array {
    const witnesses = this.witnesses.slice(0, this.state.witnesses?.quorum ?? 3);
    return encodeRecord(anchor, {
      board: this.checkpoint("record", { witnesses, ...board }),
      passes: this.checkpoint("passes", { witnesses, ...passes }),
    });
  }

  #remember(delta: BallotDelta): void {
    this.deltas.push(delta);
    this.view.apply(delta);
  }

  #inputs(): RuleInputs {
    return {
      ballots: this.view,
      recordRoot: (size) => (size <= this.record.size ? this.record.root(size) : undefined),
      passesRoot: () => undefined,
      document: (hash) => this.documents.get(bytesToHex(hash)),
      passesPerClass: () => undefined,
      classSums: () => undefined,
      countedBitmap: () => undefined,
    };
  }
}

export interface Played {
  readonly script: readonly Step[];
  readonly run: Run;
  /** Before every step, and after the last. */
  readonly snapshots: readonly Snapshot[];
}

export async function play(script: readonly Step[]): Promise<Played> {
  const run = new Run();
  const snapshots: Snapshot[] = [];
  for (const step of script) {
    snapshots.push(run.snapshot());
    run.step = step.name;
    await step.act(run);
  }
  snapshots.push(run.snapshot());
  return { script, run, snapshots };
}

/** Plays a changed script from where it first differs. Steps that cannot be made any more are left out and named. */
export async function replay(honest: Played, script: readonly Step[]): Promise<Run> {
  let same = 0;
  while (same < script.length && script[same] === honest.script[same]) same++;
  if (same === script.length && same === honest.script.length) return honest.run;
  const run = new Run(honest.snapshots[same]);
  for (const step of script.slice(same)) {
    run.step = step.name;
    try {
      await step.act(run);
    } catch (error) {
      run.omitted.push({ name: step.name, why: (error as Error).message });
    }
  }
  return run;
}
