/** Reads the record from its first entry to its last: form, chain, tree, rulebook, proofs (checks 1, 2, 4–17, 19–23). */
import { ballotHash, bytesToHex, equalBytes } from "@hanpyo/crypto";
import { decodeEntry, firstPrev, leafHash } from "../log/index.ts";
import { clientBody, proposal } from "../record/acts.ts";
import { decodeBallot } from "../record/ballot-entry.ts";
import { definitionBody, definition as definitionSchema } from "../record/definition.ts";
import { EntryType, isActType } from "../record/entry-types.ts";
import type { Judge } from "../record/judge.ts";
import { type RecordEntry, Rulebook, type RuleInputs } from "../record/rulebook.ts";
import { judgeDecodedBallot } from "../record/rules/ballots.ts";
import { decodeRecord } from "../record/schema/cbor.ts";
import { count } from "../record/tally-entries.ts";
import { BallotProofs, ballotContexts } from "./ballot-proofs.ts";
import { EntryBitmap } from "./bitmap.ts";
import { MemoryBallotView } from "./memory-ballot-view.ts";
import type { VerifierPlatform } from "./platform.ts";
import { ReplacedBallots } from "./replaced-ballots.ts";
import type { Stopwatch } from "./report.ts";
import { RootHistory } from "./root-history.ts";
import { type RecordSource, readSelected, UnreadableSource } from "./source.ts";

/** What the pass log is held against afterwards: its size at an anchor, its root there, first ballots per class by then. */
export interface PassesAtAnchor {
  readonly entry: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly firstBallots: readonly number[];
}

/** Ballots that are verified together. */
const chunk = 1024;

export class RecordStream {
  readonly rulebook: Rulebook;
  readonly anchors: PassesAtAnchor[] = [];
  readonly #source: RecordSource;
  readonly #platform: VerifierPlatform;
  readonly #judge: Judge;
  readonly #watch: Stopwatch;
  readonly #size: number;
  readonly #view = new MemoryBallotView();
  readonly #bitmap = new EntryBitmap();
  readonly #replaced = new ReplacedBallots();
  readonly #roots: RootHistory;
  readonly #documents = new Map<string, Uint8Array | undefined>();
  /** Leaf hashes of entries that papers speak of. */
  readonly #wanted: ReadonlyMap<number, (leaf: Uint8Array, payload: Uint8Array) => void>;
  #prev: Uint8Array;
  #next = 0;
  #proofs: BallotProofs | undefined;
  #counted: { readonly hash: Uint8Array; readonly counted: readonly number[] } | undefined;
  #sums: ReturnType<BallotProofs["classSums"]> | undefined;

  constructor(
    origin: string,
    source: RecordSource,
    size: number,
    platform: VerifierPlatform,
    judge: Judge,
    watch: Stopwatch,
    wanted: ReadonlyMap<number, (leaf: Uint8Array, payload: Uint8Array) => void>,
  ) {
    this.rulebook = new Rulebook(origin);
    this.#source = source;
    this.#size = size;
    this.#platform = platform;
    this.#judge = judge;
    this.#watch = watch;
    this.#wanted = wanted;
    this.#roots = new RootHistory(platform.sha256);
    this.#prev = firstPrev(origin, platform.sha256);
  }

  /** Ballots whose proofs have been verified so far. */
  get ballotsVerified(): number {
    return this.#proofs?.verified ?? 0;
  }
  get overruled(): number {
    return this.#proofs?.overruled ?? 0;
  }
  get ballotView(): MemoryBallotView {
    return this.#view;
  }
  /** Entries that a later ballot of the same pseudonym replaced. */
  get replaced(): number {
    return this.#replaced.size;
  }

  root(): Uint8Array | undefined {
    return this.#roots.root(this.#next);
  }

  async entry(bytes: Uint8Array): Promise<void> {
    const judge = this.#judge;
    const index = this.#next++;
    judge.entry = index;
    const leaf = leafHash(bytes, this.#platform.sha256);
    const prev = this.#prev;
    this.#prev = leaf;
    this.#roots.append(leaf);
    const decoded = decodeEntry(bytes);
    if (!decoded.ok) {
      const large = decoded.error.code === "too-large";
      judge.refuse(large ? "1d" : "1a", "form-invalid", decoded.error.detail);
      return;
    }
    judge.require("1a", true, "form-invalid", "");
    judge.require("1d", true, "form-invalid", "");
    judge.require(
      "1c",
      decoded.value.index === index,
      "wrong-position",
      () => `it says it is entry ${decoded.value.index}`,
    );
    judge.require(
      "2a",
      equalBytes(decoded.value.prev, prev),
      "chain-broken",
      "prev is not the leaf hash of the entry before",
    );
    const { type, payload } = decoded.value;
    this.#wanted.get(index)?.(leaf, payload);
    const entry: RecordEntry = { index, type, payload, leafHash: leaf };
    if (type === EntryType.ballot) await this.#ballot(entry);
    else await this.#other(entry);
  }

  /** Proofs of ballots that still wait. */
  async finish(): Promise<void> {
    await this.#proofs?.flush();
  }

  async #ballot(entry: RecordEntry): Promise<void> {
    const decoded = decodeBallot(entry.payload);
    const judge = this.#judge;
    if (!judge.require("1a", decoded.ok, "malformed", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok) return;
    const ballot = decoded.value;
    const judgement = judgeDecodedBallot(this.rulebook.state, entry, ballot, { ballots: this.#view }, judge);
    this.rulebook.state.newest = { entry: entry.index, type: entry.type };
    const delta = judgement.ballot;
    if (!delta) return;
    judgement.apply();
    const before = this.#view.pseudonym(delta.pseudonym);
    this.#view.apply(delta);
    this.#bitmap.set(entry.index);
    if (before) {
      this.#bitmap.clear(before.latestEntry);
      this.#replaced.add(before.latestEntry, before.latest);
    }
    if (!this.#proofs) {
      const contexts = ballotContexts(this.rulebook.state);
      if (!contexts) return;
      this.#proofs = new BallotProofs(this.rulebook.state, contexts, this.#platform, judge, this.#watch);
    }
    this.#proofs.push(entry.index, ballot, delta.replaces === null);
    if (this.#proofs.queued >= chunk) {
      await this.#proofs.flush();
      await this.#platform.breathe();
    }
  }

  async #other(entry: RecordEntry): Promise<void> {
    const judge = this.#judge;
    for (const hash of documentsOf(entry)) await this.#loadDocument(hash);
    if (entry.type === EntryType.count) await this.#prepareCount();
    judge.entry = entry.index;
    const judgement = this.rulebook.judge(entry, this.#inputs(), judge);
    judgement.apply();
    const { anchor, firstBallots } = this.rulebook.state;
    if (entry.type === EntryType.anchor && anchor?.entry === entry.index) {
      this.#roots.forgetBelow(anchor.boardSize);
      this.anchors.push({
        entry: entry.index,
        size: anchor.passesSize,
        root: anchor.passesRoot,
        firstBallots: [...firstBallots],
      });
    }
  }

  #inputs(): RuleInputs {
    return {
      ballots: this.#view,
      recordRoot: (size) => this.#roots.root(size),
      passesRoot: () => undefined,
      passesPerClass: () => undefined,
      document: (hash) => this.#documents.get(bytesToHex(hash)),
      classSums: () => this.#sums,
      countedBitmap: () => this.#counted,
    };
  }

  /** All proofs, the ballots that were replaced taken out of the sums, the bitmap. */
  async #prepareCount(): Promise<void> {
    await this.#proofs?.flush();
    const { state } = this.rulebook;
    if (this.#proofs) {
      const replaced = this.#replaced.ascending();
      for await (const { index, entry } of readSelected(this.#source.record, this.#size, this.#replaced.entries())) {
        const decoded = decodeEntry(entry);
        const ballot = decoded.ok ? decodeBallot(decoded.value.payload) : decoded;
        // Read a second time, it must be what was verified the first time: h commits to class and ciphertexts.
        const expected = replaced.next();
        if (expected.done || !ballot.ok || !expected.value.is(ballotHash(state.context!, ballot.value.core)))
          throw new UnreadableSource(`entry ${index} is another one when it is read again`);
        this.#proofs.subtract(index, ballot.value);
      }
      this.#sums = this.#proofs.classSums();
    } else if (state.ballots === 0)
      this.#sums = state.definition?.contests.map(() => state.definition!.classes.map(() => null));
    const document = this.#bitmap.document(state.lastBallot);
    this.#counted = { hash: this.#platform.sha256(document), counted: state.firstBallots };
  }

  async #loadDocument(hash: Uint8Array): Promise<void> {
    const name = bytesToHex(hash);
    if (this.#documents.has(name)) return;
    const bytes = await this.#source.document(name);
    const matches = bytes !== undefined && equalBytes(this.#platform.sha256(bytes), hash);
    this.#judge.require(
      "1e",
      matches,
      "document-missing",
      () => `document ${name} is ${bytes === undefined ? "missing" : "another one"}`,
    );
    this.#documents.set(name, matches ? bytes : undefined);
  }
}

/** Hashes of the documents an entry names. */
export function documentsOf(entry: Pick<RecordEntry, "type" | "payload">): readonly Uint8Array[] {
  if (entry.type === EntryType.definition) {
    const outer = decodeRecord(definitionSchema, entry.payload);
    const body = outer.ok ? decodeRecord(definitionBody, outer.value.body) : outer;
    return body.ok ? [body.value.policy, body.value.trust, body.value.client] : [];
  }
  if (entry.type === EntryType.proposal) {
    const decoded = decodeRecord(proposal, entry.payload);
    if (!decoded.ok || !isActType(decoded.value.act) || decoded.value.act !== EntryType.client) return [];
    const body = decodeRecord(clientBody, decoded.value.body);
    return body.ok ? [body.value.digests] : [];
  }
  if (entry.type === EntryType.count) {
    const decoded = decodeRecord(count, entry.payload);
    return decoded.ok ? [decoded.value.bitmap] : [];
  }
  return [];
}
