/**
 * A whole board in memory, for tests of those who read and write records: real checkpoints, real cosignatures, the real
 * rulebook, behind the `fetch` that its readers are given. It has no signer process, no database and no proofs of ballots.
 */
import { bytesToHex, equalBytes, err, ok, type Result } from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeBase64url } from "../device/base64url.ts";
import type { FetchAnswer, Surroundings } from "../device/transport.ts";
import {
  acknowledgementKeyName,
  cosign,
  emptyRoot,
  encodeBundle,
  encodeCheckpoint,
  encodeEntry,
  encodeNote,
  encodeVkey,
  firstPrev,
  foldRight,
  keyType,
  leafHash,
  nobleSigner,
  nodeFromTile,
  parseTilePath,
  signNote,
  subtreesOf,
  verifierKey,
} from "../log/index.ts";
import { EntryType, isActType } from "../record/entry-types.ts";
import { Judge, type Refusal } from "../record/judge.ts";
import { acknowledgementMessage } from "../record/messages.ts";
import { Rulebook, type RuleInputs } from "../record/rulebook.ts";
import { encodeRecord } from "../record/schema/cbor.ts";
import { anchor } from "../record/tally-entries.ts";
import { MemoryBallotView } from "../verify/memory-ballot-view.ts";

const secret = (name: string): Uint8Array => sha256(new Uint8Array([...name].map((c) => c.charCodeAt(0))));

export interface MemoryBoardOptions {
  readonly origin: string;
  /** Keys differ by name: two boards of one name are two histories under the same keys. */
  readonly name?: string;
  readonly witnesses?: number;
  readonly quorum?: number;
}

export class MemoryBoard {
  readonly origin: string;
  readonly rulebook: Rulebook;
  readonly documents = new Map<string, Uint8Array>();
  readonly quorum: number;
  /** Seconds; tests move it. */
  now = 1_800_000_000;
  readonly #options: MemoryBoardOptions;
  readonly #entries: Uint8Array[] = [];
  readonly #leaves: Uint8Array[] = [];
  readonly #view = new MemoryBallotView();
  readonly #record;
  readonly #passes;
  readonly #acknowledgement;
  readonly #witnesses;

  constructor(options: MemoryBoardOptions) {
    const { origin, name = "board", witnesses = 4, quorum = 3 } = options;
    this.#options = options;
    this.origin = origin;
    this.quorum = quorum;
    this.rulebook = new Rulebook(origin);
    const party = (key: string, type: 1 | 4, label: string) => {
      const signer = nobleSigner(secret(`${name}/${label}`));
      return { signer, key: verifierKey(key, type, signer.publicKey) };
    };
    this.#record = party(origin, keyType.note, "record");
    this.#passes = party(`${origin}/passes`, keyType.note, "passes");
    this.#acknowledgement = party(acknowledgementKeyName(origin), keyType.note, "ack");
    this.#witnesses = Array.from({ length: witnesses }, (_, i) =>
      party(`witness${i + 1}.example`, keyType.cosignature, `witness ${i + 1}`),
    );
  }

  /** Another board under the same keys that has seen the same: from here on their histories can differ. */
  clone(): MemoryBoard {
    const board = new MemoryBoard(this.#options);
    board.now = this.now;
    for (const [hash, bytes] of this.documents) board.documents.set(hash, bytes);
    for (const [index, bytes] of this.#entries.entries()) {
      const { type, payload } = { type: bytes[1]!, payload: bytes.slice(42) };
      board.#commit({ type, payload, bytes, leaf: this.#leaves[index]! });
    }
    return board;
  }

  /** What a definition says of keys and witnesses. */
  get keys() {
    return {
      keys: {
        record: encodeVkey(this.#record.key),
        passes: encodeVkey(this.#passes.key),
        acknowledgement: encodeVkey(this.#acknowledgement.key),
      },
      witnesses: this.#witnesses.map(({ key }) => encodeVkey(key)),
      witnessQuorum: this.quorum,
      witnessDishonest: 1,
    };
  }

  get size(): number {
    return this.#entries.length;
  }

  entry(index: number): Uint8Array {
    return this.#entries[index]!;
  }

  addDocument(bytes: Uint8Array): Uint8Array {
    const hash = sha256(bytes);
    this.documents.set(bytesToHex(hash), bytes);
    return hash;
  }

  /** Appends what the rulebook admits; `force` also what it refuses. Acts, close and count get their anchor before them. */
  append(
    type: number,
    payload: Uint8Array,
    force = false,
  ): Result<{ index: number; prev: Uint8Array; leaf: Uint8Array }, Refusal> {
    const anchored = isActType(type) || type === EntryType.close || type === EntryType.count;
    if (anchored) this.anchor();
    const index = this.size;
    const prev = this.#leaves.at(-1) ?? firstPrev(this.origin);
    const bytes = encodeEntry({ type, index, prev, payload });
    const leaf = leafHash(bytes);
    const known = this.#entries.findIndex((entry) => entry[1] === type && equalBytes(entry.subarray(42), payload));
    if (known >= 0 && !anchored && type !== EntryType.anchor)
      return ok({ index: known, prev: this.#leaves[known - 1] ?? firstPrev(this.origin), leaf: this.#leaves[known]! });
    const refusal = this.#commit({ type, payload, bytes, leaf }, force);
    if (refusal) return err(refusal);
    return ok({ index, prev, leaf });
  }

  /** Judges and applies an entry at the end; the refusal if it was refused and not forced. */
  #commit(
    entry: { type: number; payload: Uint8Array; bytes: Uint8Array; leaf: Uint8Array },
    force = false,
  ): Refusal | null {
    const { type, payload, bytes, leaf } = entry;
    const judge = new Judge();
    const judgement = this.rulebook.judge({ index: this.size, type, payload, leafHash: leaf }, this.#inputs(), judge);
    const refusal = judge.refusals[0];
    if (refusal && !force) return refusal;
    judgement.apply();
    if (judgement.ballot) this.#view.apply(judgement.ballot);
    this.#entries.push(bytes);
    this.#leaves.push(leaf);
    return null;
  }

  anchor(): void {
    const exact = this.quorum;
    const passes = this.#note({ origin: `${this.origin}/passes`, size: 0, root: emptyRoot() }, this.#passes, exact);
    const board = this.#note(
      { origin: this.origin, size: this.size, root: this.#root(this.size) },
      this.#record,
      exact,
    );
    const done = this.append(EntryType.anchor, encodeRecord(anchor, { board, passes }));
    if (!done.ok) throw new Error(`an anchor was refused: ${done.error.detail}`);
  }

  /** The newest checkpoint, with the cosignatures of so many witnesses. */
  checkpoint(cosignatures = this.#witnesses.length): string {
    return this.#note(
      { origin: this.origin, size: this.size, root: this.#root(this.size) },
      this.#record,
      cosignatures,
    );
  }

  /** Surroundings in which this board answers at http://board. */
  surroundings(): Surroundings {
    return {
      fetch: async (url, init) => this.#answer(new URL(url).pathname, init.method, init.body),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      clock: { now: () => this.now * 1000 },
      wait: () => Promise.resolve(),
    };
  }

  #answer(path: string, method: string, body: string | Uint8Array | undefined): FetchAnswer {
    if (method === "POST") return this.#post(Number(/^\/api\/entries\/(\d+)$/.exec(path)?.[1]), body as Uint8Array);
    if (path === "/record/checkpoint") return answer(200, Buffer.from(this.checkpoint()));
    const document = /^\/documents\/([0-9a-f]{64})$/.exec(path);
    if (document) {
      const found = this.documents.get(document[1]!);
      return found ? answer(200, found) : answer(404);
    }
    const tile = parseTilePath(path.replace("/record/", ""));
    if (!tile.ok) return answer(404);
    const { level, index, width } = tile.value;
    const span = level === "entries" ? 1 : 256 ** level;
    if ((index * 256 + width) * span > this.size) return answer(404);
    const items = Array.from({ length: width }, (_, i) => index * 256 + i);
    if (level === "entries") return answer(200, encodeBundle(items.map((i) => this.#entries[i]!)));
    return answer(200, Buffer.concat(items.map((i) => this.#fold(i * span, (i + 1) * span))));
  }

  #post(type: number, payload: Uint8Array): FetchAnswer {
    const done = this.append(type, Uint8Array.from(payload));
    if (!done.ok) return answer(422, Buffer.from(JSON.stringify({ code: done.error.code, part: done.error.part })));
    const message = acknowledgementMessage({ origin: this.origin, ...done.value, ballot: null });
    const { index, prev, leaf } = done.value;
    const acknowledgement = encodeBase64url(this.#acknowledgement.signer.sign(message));
    const json = { index, prev: encodeBase64url(prev), leaf: encodeBase64url(leaf), acknowledgement };
    return answer(201, Buffer.from(JSON.stringify(json)));
  }

  #note(
    checkpoint: Parameters<typeof encodeCheckpoint>[0],
    log: { signer: ReturnType<typeof nobleSigner>; key: ReturnType<typeof verifierKey> },
    cosignatures: number,
  ): string {
    const text = encodeCheckpoint(checkpoint);
    const signatures = [
      signNote(text, log.key, log.signer),
      ...this.#witnesses.slice(0, cosignatures).map(({ key, signer }) => cosign(text, this.now, key, signer)),
    ];
    return encodeNote({ text, signatures });
  }

  #root(size: number): Uint8Array {
    return size === 0 ? emptyRoot() : this.#fold(0, size);
  }

  #fold(from: number, to: number): Uint8Array {
    const peaks = subtreesOf(from, to).map((node) => {
      const first = node.index * 2 ** node.level;
      const leaves = this.#leaves.slice(first, first + 2 ** node.level);
      return node.level < 8
        ? nodeFromTile({ level: node.level, index: 0 }, leaves)
        : this.#halves(first, first + 2 ** node.level);
    });
    return foldRight(peaks);
  }

  #halves(from: number, to: number): Uint8Array {
    const middle = (from + to) / 2;
    return foldRight([this.#fold(from, middle), this.#fold(middle, to)]);
  }

  #inputs(): RuleInputs {
    return {
      ballots: this.#view,
      recordRoot: (size) => this.#root(size),
      passesRoot: () => undefined,
      document: (hash) => this.documents.get(bytesToHex(hash)),
      passesPerClass: () => undefined,
      classSums: () => undefined,
      countedBitmap: () => undefined,
    };
  }
}

function answer(status: number, bytes: Uint8Array = new Uint8Array(0)): FetchAnswer {
  return { status, body: new Response(Uint8Array.from(bytes)).body as FetchAnswer["body"] };
}
