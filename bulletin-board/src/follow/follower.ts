/**
 * A party's or official's own view of an election under way: reads the record as its witnesses vouch for it, from any
 * server, and folds it through the rulebook. Whoever signs anything decides by this view, never by what a server says.
 * Ballots are counted, not judged, and proofs over them are the verifier's: memory does not grow with the votes.
 */
import { bytesToHex, equalBytes, ok, type Result } from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { LogReader } from "../device/log-reader.ts";
import { getFile, type Surroundings, type Trouble, trouble } from "../device/transport.ts";
import {
  decodeBundle,
  decodeCheckpoint,
  decodeEntry,
  decodeNote,
  decodeUtf8,
  decodeVkey,
  leafHash,
  maxEntryLength,
  type Policy,
  policy,
  tilePath,
  tileWidth,
} from "../log/index.ts";
import { decodeBallot } from "../record/ballot-entry.ts";
import { type DefinitionBody, definition, definitionBody } from "../record/definition.ts";
import { EntryType } from "../record/entry-types.ts";
import { Judge } from "../record/judge.ts";
import { type RecordEntry, Rulebook, type RuleInputs } from "../record/rulebook.ts";
import { decodeRecord } from "../record/schema/cbor.ts";
import type { ElectionState, WitnessPolicy } from "../record/state.ts";

/** Longest document that a rule asks for. */
const documentLimit = 16 * 2 ** 20;
/** Entries read at a time. */
const stretch = 16 * tileWidth;

export interface FollowOptions {
  readonly around: Surroundings;
  /** Address of the board, without a slash at its end. */
  readonly server: string;
  /** E, where it is known from elsewhere: another election's record is then refused. */
  readonly election?: Uint8Array | undefined;
}

export class RecordFollower {
  readonly around: Surroundings;
  readonly server: string;
  readonly definition: DefinitionBody;
  /** E */
  readonly election: Uint8Array;
  readonly #rulebook: Rulebook;
  readonly #documents = new Map<string, Uint8Array>();
  #reader: LogReader;
  #witnesses: WitnessPolicy | null = null;
  #size = 0;
  #last: Uint8Array | null = null;

  private constructor(options: FollowOptions, body: DefinitionBody, election: Uint8Array, keys: Policy) {
    this.around = options.around;
    this.server = options.server;
    this.definition = body;
    this.election = election;
    this.#rulebook = new Rulebook(body.origin);
    this.#reader = new LogReader(options.around, `${options.server}/record`, keys);
  }

  /** Reads the definition, then everything up to the newest witnessed checkpoint. `unavailable` while there is none. */
  static async open(options: FollowOptions): Promise<Result<RecordFollower, Trouble>> {
    const first = await firstEntry(options.around, options.server);
    if (!first.ok) return first;
    const election = leafHash(first.value);
    if (options.election && !equalBytes(election, options.election))
      return trouble("wrong-election", "the board carries another election than the one that was asked for");
    const entry = decodeEntry(first.value);
    if (!entry.ok) return trouble("form-invalid", `entry 0: ${entry.error.detail}`);
    const outer = decodeRecord(definition, entry.value.payload);
    if (!outer.ok) return trouble("definition-invalid", outer.error);
    const body = decodeRecord(definitionBody, outer.value.body);
    if (!body.ok) return trouble("definition-invalid", body.error);
    const keys = policyOf(body.value);
    if (!keys.ok) return keys;
    const follower = new RecordFollower(options, body.value, election, keys.value);
    const advanced = await follower.advance();
    return advanced.ok ? ok(follower) : advanced;
  }

  /** The election as of the last `advance`; only read it. */
  get state(): ElectionState {
    return this.#rulebook.state;
  }

  /** Entries read so far. */
  get size(): number {
    return this.#size;
  }

  /** Leaf hash of the newest entry that was read. */
  get head(): Uint8Array | null {
    return this.#last;
  }

  /**
   * Reads on to the newest witnessed checkpoint and gives the number of new entries. A record that breaks a rule is not
   * followed past that entry: the trouble names check, part and entry.
   */
  async advance(): Promise<Result<number, Trouble>> {
    this.#followWitnesses();
    const under = await this.#reader.checkpoint();
    if (!under.ok) return under;
    const before = this.#size;
    const { size } = under.value.checkpoint;
    while (this.#size < size) {
      const entries = await this.#reader.range(
        this.#size,
        Math.min(size, this.#size + stretch),
        under.value,
        this.#last,
      );
      if (!entries.ok) return entries;
      for (const { entry, leaf } of entries.value) {
        const applied = await this.#apply({
          index: entry.index,
          type: entry.type,
          payload: entry.payload,
          leafHash: leaf,
        });
        if (!applied.ok) return applied;
        this.#size = entry.index + 1;
        this.#last = leaf;
      }
    }
    return ok(this.#size - before);
  }

  /** Whether a checkpoint that came another way has its quorum and belongs to this history; `promise-broken` if it is another. */
  async accept(note: string): Promise<Result<null, Trouble>> {
    const accepted = await this.#reader.accept(note);
    return accepted.ok ? ok(null) : accepted;
  }

  /** A document named by the record, checked against its hash. */
  async document(hash: Uint8Array): Promise<Result<Uint8Array, Trouble>> {
    const name = bytesToHex(hash);
    const known = this.#documents.get(name);
    if (known) return ok(known);
    const file = await getFile(this.around, `${this.server}/documents/${name}`, documentLimit);
    if (!file.ok) return file;
    if (file.value === null || !equalBytes(sha256(file.value), hash))
      return trouble("document-missing", `document ${name}`);
    this.#documents.set(name, file.value);
    return ok(file.value);
  }

  async #apply(entry: RecordEntry): Promise<Result<null, Trouble>> {
    if (entry.type === EntryType.ballot) return this.#countBallot(entry);
    const wanted: Uint8Array[] = [];
    const inputs = this.#inputs(wanted);
    let judge = new Judge();
    let judgement = this.#rulebook.judge(entry, inputs, judge);
    if (wanted.length > 0) {
      for (const hash of wanted) {
        const fetched = await this.document(hash);
        if (!fetched.ok) return fetched;
      }
      judge = new Judge();
      judgement = this.#rulebook.judge(entry, inputs, judge);
    }
    const refusal = judge.refusals[0];
    if (refusal)
      return trouble(refusal.code, `check ${refusal.part} at entry ${entry.index}: ${refusal.detail}`, {
        index: entry.index,
      });
    judgement.apply();
    return ok(null);
  }

  /** What later rules ask of ballots: how many, the last one, first ballots per class. */
  #countBallot(entry: RecordEntry): Result<null, Trouble> {
    const ballot = decodeBallot(entry.payload);
    if (!ballot.ok)
      return trouble("malformed", `check 1a at entry ${entry.index}: ${ballot.error}`, { index: entry.index });
    const { state } = this;
    const { class: item } = ballot.value.core;
    if (ballot.value.passes.length > 0) state.firstBallots[item] = (state.firstBallots[item] ?? 0) + 1;
    state.ballots += 1;
    state.lastBallot = entry.index;
    state.newest = { entry: entry.index, type: entry.type };
    return ok(null);
  }

  #inputs(wanted: Uint8Array[]): RuleInputs {
    const unknown = () => undefined;
    return {
      ballots: { pseudonym: unknown, ballot: unknown, firstRandomness: unknown },
      recordRoot: unknown,
      passesRoot: unknown,
      document: (hash) => {
        const known = this.#documents.get(bytesToHex(hash));
        if (!known) wanted.push(hash);
        return known;
      },
      passesPerClass: unknown,
      classSums: unknown,
      countedBitmap: unknown,
    };
  }

  /** A confirmed change of witnesses is followed from the anchor that puts it in force. */
  #followWitnesses(): void {
    const { witnesses, recordKey } = this.state;
    if (!witnesses || !recordKey.current || witnesses === this.#witnesses) return;
    if (this.#witnesses !== null)
      this.#reader = new LogReader(this.around, `${this.server}/record`, {
        log: recordKey.current,
        witnesses: witnesses.witnesses,
        k: witnesses.quorum,
      });
    this.#witnesses = witnesses;
  }
}

/** Entry 0 as the server has it; nothing vouches for it yet. */
async function firstEntry(around: Surroundings, server: string): Promise<Result<Uint8Array, Trouble>> {
  const file = await getFile(around, `${server}/record/checkpoint`, 65_536);
  if (!file.ok) return file;
  if (file.value === null) return trouble("unavailable", "the board has no checkpoint yet");
  const text = decodeUtf8(file.value);
  const note = text.ok ? decodeNote(text.value) : text;
  const checkpoint = note.ok ? decodeCheckpoint(note.value.text) : note;
  if (!checkpoint.ok) return trouble("checkpoint-invalid", checkpoint.error.detail);
  const width = Math.min(tileWidth, checkpoint.value.size);
  if (width === 0) return trouble("unavailable", "the record is empty");
  const path = `${server}/record/${tilePath({ level: "entries", index: 0, width })}`;
  const bundle = await getFile(around, path, tileWidth * (maxEntryLength + 2));
  if (!bundle.ok) return bundle;
  if (bundle.value === null) return trouble("unavailable", "the first bundle is not there");
  const entries = decodeBundle(bundle.value, width);
  return entries.ok ? ok(entries.value[0]!) : trouble("form-invalid", entries.error.detail);
}

/** Whose signatures the definition asks for on a checkpoint of the record. */
export function policyOf(body: DefinitionBody): Result<Policy, Trouble> {
  const log = decodeVkey(body.keys.record);
  if (!log.ok) return trouble("definition-invalid", log.error.detail);
  const witnesses = [];
  for (const text of body.witnesses) {
    const key = decodeVkey(text);
    if (!key.ok) return trouble("definition-invalid", key.error.detail);
    witnesses.push(key.value);
  }
  const made = policy(log.value, witnesses, body.witnessQuorum);
  return made.ok ? made : trouble("definition-invalid", made.error.detail);
}
