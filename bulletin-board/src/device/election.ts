/**
 * An election as a device sees it: the record's entries up to the opening, read under a witnessed checkpoint and judged by
 * the one rulebook. Keys of trustees and registrars come from there and from nowhere else.
 */
import {
  type BallotContext,
  ballotContext,
  bytesToHex,
  decodeNonIdentity,
  equalBytes,
  ok,
  type Point,
  type Result,
} from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  decodeCheckpoint,
  decodeEntry,
  decodeNote,
  decodeUtf8,
  decodeVkey,
  Frontier,
  leafHash,
  type Policy,
  policy,
  tileWidth,
  type VerifierKey,
} from "../log/index.ts";
import { BareRulebook } from "../record/bare-rulebook.ts";
import { type DefinitionBody, definition, definitionBody } from "../record/definition.ts";
import { EntryType } from "../record/entry-types.ts";
import { Judge } from "../record/judge.ts";
import type { RuleInputs } from "../record/rule.ts";
import { decodeRecord } from "../record/schema/cbor.ts";
import { type ElectionState, initialState } from "../record/state.ts";
import { decodePolicyDocument, decodeTrustSnapshot, type PolicyDocument, type TrustSnapshot } from "./documents.ts";
import { headRules } from "./head-rules.ts";
import { LogReader, type ProvedEntry } from "./log-reader.ts";
import { type Overview, overviewShape } from "./overview.ts";
import { call, getFile, type Surroundings, type Trouble, trouble } from "./transport.ts";

/** A registrar's keys of the record, and where it is. */
export interface RegistrarView {
  /** From 1. */
  readonly index: number;
  readonly name: string;
  /** Its own address, ending with a slash; a hint of the board's. */
  readonly url: string;
  /** RSA modulus per class. */
  readonly moduli: readonly Uint8Array[];
  readonly endorsement: Point;
  /** X_i of the nullifier key. */
  readonly nullifierKey: Point;
}

export interface Election {
  /** E */
  readonly id: Uint8Array;
  readonly definition: DefinitionBody;
  /** After the last entry read: the opening, or the newest before there is one. */
  readonly state: ElectionState;
  readonly policy: PolicyDocument;
  readonly trust: TrustSnapshot;
  /** All n, ascending; empty until the record holds the keys of every one. */
  readonly registrars: readonly RegistrarView[];
  readonly acknowledgementKey: VerifierKey;
  /** Null before the opening. */
  readonly voting: Voting | null;
}

export interface Voting {
  /** C, the leaf hash of the opening. */
  readonly context: Uint8Array;
  readonly entry: number;
  /** What ballots of a class are encrypted under. */
  ballotContext(classIndex: number): BallotContext;
}

export interface Board {
  readonly url: string;
  readonly overview: Overview;
  readonly record: LogReader;
  readonly passes: LogReader;
  readonly election: Election;
}

/** What a page asks the board for its overview. */
export function readOverview(around: Surroundings, url: string): Promise<Result<Overview, Trouble>> {
  return call(around, `${url}/api/election`, null, overviewShape);
}

/** A document by its SHA-256, checked. */
export async function readDocument(
  around: Surroundings,
  url: string,
  hash: Uint8Array,
): Promise<Result<Uint8Array, Trouble>> {
  const file = await getFile(around, `${url}/documents/${bytesToHex(hash)}`);
  if (!file.ok) return file;
  if (file.value === null || !equalBytes(sha256(file.value), hash))
    return trouble("document-missing", `document ${bytesToHex(hash)}`);
  return ok(file.value);
}

interface Bootstrap {
  readonly id: Uint8Array;
  readonly definition: DefinitionBody;
  readonly record: Policy;
  readonly passes: Policy;
  readonly acknowledgement: VerifierKey;
}

/** What the checkpoint says, unverified: tiles are there for its size, and not for every size that the board has had. */
async function publishedSize(around: Surroundings, url: string): Promise<Result<number, Trouble>> {
  const file = await getFile(around, `${url}/record/checkpoint`, 65_536);
  if (!file.ok) return file;
  if (file.value === null) return trouble("unavailable", "no checkpoint yet");
  const text = decodeUtf8(file.value);
  const note = text.ok ? decodeNote(text.value) : text;
  const checkpoint = note.ok ? decodeCheckpoint(note.value.text) : note;
  return checkpoint.ok ? ok(checkpoint.value.size) : trouble("checkpoint-invalid", checkpoint.error.detail);
}

/** Reads entry 0 before anything can be verified: it names the keys under which it then must stand. */
async function bootstrap(around: Surroundings, url: string): Promise<Result<Bootstrap, Trouble>> {
  const published = await publishedSize(around, url);
  if (!published.ok) return published;
  const size = published.value;
  if (size === 0) return trouble("unavailable", "the record is empty");
  const width = Math.min(size, tileWidth);
  const blind = new LogReader(around, `${url}/record`, undefined as never);
  const bundle = await blind.bundle(0, width);
  if (!bundle.ok) return bundle;
  const bytes = bundle.value[0]!;
  const entry = decodeEntry(bytes);
  if (!entry.ok || entry.value.type !== EntryType.definition)
    return trouble("definition-invalid", "entry 0 is not a definition");
  const outer = decodeRecord(definition, entry.value.payload);
  const body = outer.ok ? decodeRecord(definitionBody, outer.value.body) : outer;
  if (!body.ok) return trouble("definition-invalid", body.error);
  const record = decodeVkey(body.value.keys.record);
  const passes = decodeVkey(body.value.keys.passes);
  const acknowledgement = decodeVkey(body.value.keys.acknowledgement);
  const witnesses: VerifierKey[] = [];
  for (const text of body.value.witnesses) {
    const key = decodeVkey(text);
    if (!key.ok) return trouble("definition-invalid", key.error.detail);
    witnesses.push(key.value);
  }
  if (!record.ok || !passes.ok || !acknowledgement.ok) return trouble("definition-invalid", "a key of the logs");
  const recordPolicy = policy(record.value, witnesses, body.value.witnessQuorum);
  const passesPolicy = policy(passes.value, witnesses, body.value.witnessQuorum);
  if (!recordPolicy.ok || !passesPolicy.ok) return trouble("definition-invalid", "the witnesses");
  return ok({
    id: leafHash(bytes),
    definition: body.value,
    record: recordPolicy.value,
    passes: passesPolicy.value,
    acknowledgement: acknowledgement.value,
  });
}

/** Entries 0 to the opening (or to the end of the record while there is none), proved. */
async function readHead(reader: LogReader, size: number): Promise<Result<readonly ProvedEntry[], Trouble>> {
  const under = reader.last!;
  const entries: ProvedEntry[] = [];
  while (entries.length < size) {
    const to = Math.min(size, entries.length + tileWidth);
    const next = await reader.range(entries.length, to, under, entries.at(-1)?.leaf ?? null);
    if (!next.ok) return next;
    for (const entry of next.value) {
      entries.push(entry);
      if (entry.entry.type === EntryType.open) return ok(entries);
    }
  }
  return ok(entries);
}

const noBallots: RuleInputs["ballots"] = {
  pseudonym: () => undefined,
  ballot: () => undefined,
  firstRandomness: () => undefined,
};

/** Runs the rulebook over the head of the record; whatever it refuses ends here. */
async function judgeHead(
  body: DefinitionBody,
  entries: readonly ProvedEntry[],
  documents: ReadonlyMap<string, Uint8Array>,
): Promise<Result<ElectionState, Trouble>> {
  const rules = await headRules(body, entries);
  if (!rules.ok) return rules;
  const book = new BareRulebook(initialState(body.origin), rules.value.table, rules.value.tools);
  const tree = new Frontier();
  const roots = [tree.root()];
  const inputs: RuleInputs = {
    ballots: noBallots,
    recordRoot: (size) => roots[size],
    passesRoot: () => undefined,
    document: (hash) => documents.get(bytesToHex(hash)),
    passesPerClass: () => undefined,
    classSums: () => undefined,
    countedBitmap: () => undefined,
  };
  for (const { entry, leaf } of entries) {
    const judge = new Judge();
    const judged = book.judge(
      { index: entry.index, type: entry.type, payload: entry.payload, leafHash: leaf },
      inputs,
      judge,
    );
    const [refusal] = judge.refusals;
    if (refusal !== undefined)
      return trouble(refusal.code, `check ${refusal.part}, entry ${entry.index}: ${refusal.detail}`, {
        index: entry.index,
      });
    judged.apply();
    tree.append(leaf);
    roots.push(tree.root());
  }
  return ok(book.state);
}

function registrarsOf(
  state: ElectionState,
  body: DefinitionBody,
  overview: Overview,
  board: string,
): readonly RegistrarView[] {
  const shareKeys = state.ceremonies[1].completed?.shareKeys;
  if (shareKeys === undefined) return [];
  const views = body.registrars.flatMap((party, i) => {
    const index = i + 1;
    const keys = state.registrarKeys.get(index)?.message;
    const endorsement = keys === undefined ? null : decodeNonIdentity(keys.endorsement);
    const share = decodeNonIdentity(shareKeys.get(index) ?? new Uint8Array(0));
    if (keys === undefined || endorsement === null || !endorsement.ok || !share.ok) return [];
    const url = overview.registrars.find((each) => each.index === index)?.url ?? "";
    // A demonstration's board relays to its registrars under its own address.
    const address = url.startsWith("/") ? `${board}${url}` : url;
    return [
      {
        index,
        name: party.name,
        url: address.endsWith("/") ? address : `${address}/`,
        moduli: keys.moduli,
        endorsement: endorsement.value,
        nullifierKey: share.value,
      },
    ];
  });
  return views.length === body.registrars.length ? views : [];
}

function votingOf(state: ElectionState, body: DefinitionBody): Voting | null {
  const joint = state.ceremonies[0].completed;
  if (state.context === null || state.openEntry === null || joint === undefined) return null;
  const key = decodeNonIdentity(joint.key);
  if (!key.ok) throw new Error("the rulebook accepted a ceremony without a key");
  const { context, openEntry: entry } = state;
  const known = new Map<number, BallotContext>();
  return {
    context,
    entry,
    ballotContext(classIndex) {
      const made =
        known.get(classIndex) ??
        ballotContext({
          context,
          key: key.value,
          class: classIndex,
          contests: body.classes[classIndex]!.contests.map((index) => ({ index, rule: body.contests[index]!.rule })),
        });
      known.set(classIndex, made);
      return made;
    },
  };
}

/**
 * Opens an election from its board: overview, entry 0, witnessed checkpoint, the head of the record through the rulebook,
 * policy and trust snapshot. `expected` is E where the page or a printed letter names it; without it the first answer counts.
 */
export async function openBoard(
  around: Surroundings,
  address: string,
  expected: Uint8Array | null = null,
): Promise<Result<Board, Trouble>> {
  const url = address.replace(/\/+$/, "");
  const overview = await readOverview(around, url);
  if (!overview.ok) return overview;
  const first = await bootstrap(around, url);
  if (!first.ok) return first;
  const { id, definition: body } = first.value;
  if (expected !== null && !equalBytes(expected, id))
    return trouble("wrong-election", "another election than expected");
  const record = new LogReader(around, `${url}/record`, first.value.record);
  const passes = new LogReader(around, `${url}/passes`, first.value.passes);
  const checkpoint = await record.checkpoint();
  if (!checkpoint.ok) return checkpoint;
  const head = await readHead(record, checkpoint.value.checkpoint.size);
  if (!head.ok) return head;
  if (!equalBytes(head.value[0]!.leaf, id)) return trouble("promise-broken", "entry 0 changed while it was read");
  const [policyBytes, trustBytes] = await Promise.all([
    readDocument(around, url, body.policy),
    readDocument(around, url, body.trust),
  ]);
  if (!policyBytes.ok) return policyBytes;
  if (!trustBytes.ok) return trustBytes;
  const rules = decodePolicyDocument(policyBytes.value);
  const trust = decodeTrustSnapshot(trustBytes.value);
  if (!rules.ok) return trouble("form-invalid", `policy: ${rules.error}`);
  if (!trust.ok) return trouble("form-invalid", `trust snapshot: ${trust.error}`);
  const documents = new Map([
    [bytesToHex(body.policy), policyBytes.value],
    [bytesToHex(body.trust), trustBytes.value],
  ]);
  const state = await judgeHead(body, head.value, documents);
  if (!state.ok) return state;
  const election: Election = {
    id,
    definition: body,
    state: state.value,
    policy: rules.value,
    trust: trust.value,
    registrars: registrarsOf(state.value, body, overview.value, url),
    acknowledgementKey: first.value.acknowledgement,
    voting: votingOf(state.value, body),
  };
  return ok({ url, overview: overview.value, record, passes, election });
}
