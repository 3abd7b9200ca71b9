/**
 * Reads a log from any mirror of its tiles and believes nothing but the witnesses: every checkpoint carries their quorum and
 * continues the one before; every entry is proved. Look-ups fetch whole bundles, so that they do not tell what was wanted.
 */
import { equalBytes, ok, type Result } from "@hanpyo/crypto";
import {
  type Checkpoint,
  decodeBundle,
  decodeEntry,
  decodeUtf8,
  type Entry,
  encodeNote,
  encodeTlogProof,
  leafHash,
  maxEntryLength,
  nobleSha256,
  type OpenedCheckpoint,
  openCheckpoint,
  type Policy,
  type Sha256,
  type TileId,
  TileTree,
  tilePath,
  tileWidth,
  tileWidthAt,
  verifyConsistency,
  verifyInclusion,
} from "../log/index.ts";
import { getFile, type Surroundings, type Trouble, trouble } from "./transport.ts";

/** An entry that stands under a witnessed checkpoint. */
export interface ProvedEntry {
  readonly entry: Entry;
  readonly leaf: Uint8Array;
}

/** A tile that could not be had; caught inside this file only, since `TileTree` lets throws pass. */
class MissingTile extends Error {
  readonly trouble: Trouble;
  constructor(reason: Trouble) {
    super(reason.detail);
    this.trouble = reason;
  }
}

export class LogReader {
  readonly #around: Surroundings;
  readonly #url: string;
  readonly #policy: Policy;
  readonly #sha256: Sha256;
  #last: OpenedCheckpoint | null = null;
  readonly #tiles = new Map<string, Uint8Array>();

  /** `url` is the folder of `checkpoint` and `tile/`, without a slash at its end. */
  constructor(around: Surroundings, url: string, policy: Policy, sha256: Sha256 = nobleSha256) {
    this.#around = around;
    this.#url = url;
    this.#policy = policy;
    this.#sha256 = sha256;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** The newest checkpoint that was accepted. */
  get last(): OpenedCheckpoint | null {
    return this.#last;
  }

  /** Fetches the checkpoint; refused unless it carries the quorum. An older one than the last seen is answered by the last. */
  async checkpoint(): Promise<Result<OpenedCheckpoint, Trouble>> {
    const file = await getFile(this.#around, `${this.#url}/checkpoint`, 65_536);
    if (!file.ok) return file;
    if (file.value === null) return trouble("unavailable", "no checkpoint yet");
    const note = decodeUtf8(file.value);
    return note.ok ? this.accept(note.value) : trouble("checkpoint-invalid", note.error.detail);
  }

  /** The same for a checkpoint that came another way. Two histories are `promise-broken`. */
  async accept(note: string): Promise<Result<OpenedCheckpoint, Trouble>> {
    const opened = openCheckpoint(note, this.#policy);
    if (!opened.ok)
      return trouble(opened.error.code === "quorum" ? "quorum-missing" : "checkpoint-invalid", opened.error.detail);
    const last = this.#last;
    const next = opened.value;
    if (last !== null) {
      const [older, newer] =
        last.checkpoint.size <= next.checkpoint.size
          ? [last.checkpoint, next.checkpoint]
          : [next.checkpoint, last.checkpoint];
      const consistent = await this.#consistent(older, newer);
      if (!consistent.ok) return consistent;
      if (!consistent.value) return trouble("promise-broken", "two checkpoints of different histories");
      if (next.checkpoint.size <= last.checkpoint.size) return ok(last);
    }
    this.#last = next;
    return ok(next);
  }

  async #consistent(older: Checkpoint, newer: Checkpoint): Promise<Result<boolean, Trouble>> {
    return this.#tree(newer.size, async (tree) =>
      verifyConsistency(
        older.size === newer.size ? [] : await tree.consistencyProof(older.size),
        older,
        newer,
        this.#sha256,
      ),
    );
  }

  /** Runs `work` on the untrusted tree of that size; missing tiles come back as a value. */
  async #tree<T>(size: number, work: (tree: TileTree) => Promise<T>): Promise<Result<T, Trouble>> {
    const fetchTile = async (tile: TileId): Promise<Uint8Array> => {
      const bytes = await this.#tile(tile, tile.width * 32);
      if (!bytes.ok) throw new MissingTile(bytes.error);
      return bytes.value;
    };
    try {
      return ok(await work(new TileTree(size, fetchTile, this.#sha256)));
    } catch (error) {
      if (error instanceof MissingTile) return { ok: false, error: error.trouble };
      throw error;
    }
  }

  /** A hash tile of this width; where a partial one is gone, the wider one that replaced it holds the same at its start. */
  async #tile(tile: TileId, length: number): Promise<Result<Uint8Array, Trouble>> {
    const path = tilePath(tile);
    const known = this.#tiles.get(path);
    if (known !== undefined) return ok(known);
    let file = await getFile(this.#around, `${this.#url}/${path}`, tileWidth * 32);
    if (file.ok && file.value === null && tile.width < tileWidth)
      file = await getFile(this.#around, `${this.#url}/${tilePath({ ...tile, width: tileWidth })}`, tileWidth * 32);
    if (!file.ok) return file;
    if (file.value === null || file.value.length < length) return trouble("unavailable", `${path} is not there`);
    const bytes = file.value.slice(0, length);
    if (tile.width === tileWidth) this.#tiles.set(path, bytes);
    return ok(bytes);
  }

  /** The entries of a whole bundle as it is in a tree of `size`, not yet proved. */
  async bundle(index: number, size: number): Promise<Result<readonly Uint8Array[], Trouble>> {
    const width = tileWidthAt("entries", index, size);
    if (width === 0) return trouble("wrong-position", "the bundle lies beyond the checkpoint");
    const limit = tileWidth * (maxEntryLength + 2);
    const partial = tilePath({ level: "entries", index, width });
    let file = await getFile(this.#around, `${this.#url}/${partial}`, limit);
    let held = width;
    if (file.ok && file.value === null && width < tileWidth) {
      held = tileWidth;
      file = await getFile(this.#around, `${this.#url}/${tilePath({ level: "entries", index, width: held })}`, limit);
    }
    if (!file.ok) return file;
    if (file.value === null) return trouble("unavailable", `${partial} is not there`);
    const entries = decodeBundle(file.value, held);
    return entries.ok ? ok(entries.value.slice(0, width)) : trouble("form-invalid", entries.error.detail);
  }

  /** The entry at `index`, proved under this checkpoint (which this reader accepted). */
  async entry(index: number, under: OpenedCheckpoint): Promise<Result<ProvedEntry, Trouble>> {
    const { size } = under.checkpoint;
    if (index >= size) return trouble("wrong-position", "the entry lies beyond the checkpoint");
    const bundle = await this.bundle(Math.floor(index / tileWidth), size);
    if (!bundle.ok) return bundle;
    return this.prove(bundle.value[index % tileWidth]!, index, under);
  }

  /** Proves that these bytes are the entry at `index`. */
  async prove(bytes: Uint8Array, index: number, under: OpenedCheckpoint): Promise<Result<ProvedEntry, Trouble>> {
    const { size, root } = under.checkpoint;
    const leaf = leafHash(bytes, this.#sha256);
    const proof = await this.#tree(size, (tree) => tree.inclusionProof(index));
    if (!proof.ok) return proof;
    if (!verifyInclusion(proof.value, index, size, leaf, root, this.#sha256))
      return trouble("root-differs", `entry ${index} is not under the checkpoint`);
    const entry = decodeEntry(bytes);
    if (!entry.ok) return trouble("form-invalid", entry.error.detail);
    if (entry.value.index !== index) return trouble("wrong-position", `entry ${index} says ${entry.value.index}`);
    return ok({ entry: entry.value, leaf });
  }

  /** A receipt (tlog-proof) for the leaf at `index`, made from public tiles; `root-differs` if another leaf is there. */
  async receipt(index: number, leaf: Uint8Array, under: OpenedCheckpoint): Promise<Result<string, Trouble>> {
    const { size, root } = under.checkpoint;
    const proof = await this.#tree(size, (tree) => tree.inclusionProof(index));
    if (!proof.ok) return proof;
    if (!verifyInclusion(proof.value, index, size, leaf, root, this.#sha256))
      return trouble("root-differs", `another leaf stands at ${index}`);
    return ok(encodeTlogProof({ extra: null, index, proof: proof.value, checkpoint: encodeNote(under.note) }));
  }

  /**
   * Entries `from` to `to` (exclusive), proved by the chain: the last is under the checkpoint and each names the leaf hash of
   * the one before. `before` is what the first must name, or null where it is not known.
   */
  async range(
    from: number,
    to: number,
    under: OpenedCheckpoint,
    before: Uint8Array | null,
  ): Promise<Result<readonly ProvedEntry[], Trouble>> {
    const entries: { bytes: Uint8Array; leaf: Uint8Array; entry: Entry }[] = [];
    for (let at = from; at < to; ) {
      const bundle = await this.bundle(Math.floor(at / tileWidth), under.checkpoint.size);
      if (!bundle.ok) return bundle;
      const end = Math.min(to, (Math.floor(at / tileWidth) + 1) * tileWidth);
      for (; at < end; at++) {
        const bytes = bundle.value[at % tileWidth]!;
        const entry = decodeEntry(bytes);
        if (!entry.ok) return trouble("form-invalid", entry.error.detail);
        if (entry.value.index !== at) return trouble("wrong-position", `entry ${at} says ${entry.value.index}`);
        const prev = entries.at(-1)?.leaf ?? before;
        if (prev !== null && !equalBytes(entry.value.prev, prev)) return trouble("chain-broken", `at entry ${at}`);
        entries.push({ bytes, leaf: leafHash(bytes, this.#sha256), entry: entry.value });
      }
    }
    const last = entries.at(-1);
    if (last === undefined) return ok([]);
    const proved = await this.prove(last.bytes, to - 1, under);
    return proved.ok ? ok(entries.map(({ entry, leaf }) => ({ entry, leaf }))) : proved;
  }
}
