import { equalBytes, unwrap } from "@hanpyo/crypto";
import {
  continuesChain,
  decodeEntry,
  decodeTile,
  encodeBundle,
  firstPrev,
  leafHash,
  partialTiles,
  type TileId,
  TileTree,
  TreeEdge,
  tilePath,
  tileWidth,
} from "../log/index.ts";
import type { EntryStore } from "./entry-store.ts";
import { nodeSha256 } from "./node-crypto.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { tileFetcher } from "./tiles.ts";

/** Rows, tiles or checkpoints contradict each other: nothing more may be signed until somebody has looked (`board fsck`). */
export class Inconsistent extends Error {
  override readonly name = "Inconsistent";
}

/** Objects that are collected before they are written in one durable step. */
const objectsAtOnce = 64;

/** The right edge of a tree of `size` leaves out of its tiles. Throws if one is missing. */
export async function loadEdge(objects: ObjectStore, size: number): Promise<TreeEdge> {
  const fetch = tileFetcher(objects);
  const levels: Uint8Array[][] = [];
  for (const tile of partialTiles(size)) {
    if (tile.level === "entries") continue;
    while (levels.length < tile.level) levels.push([]);
    levels[tile.level] = unwrap(decodeTile(await fetch(tile), tile.width));
  }
  return new TreeEdge(nodeSha256, size, levels);
}

/** Derives bundles and tiles from the rows; it holds the right edge and the hash the next entry must name. */
export class TileWriter {
  readonly #store: EntryStore;
  readonly #objects: ObjectStore;
  #edge: TreeEdge;
  #prev: Uint8Array;

  private constructor(store: EntryStore, objects: ObjectStore, edge: TreeEdge, prev: Uint8Array) {
    this.#store = store;
    this.#objects = objects;
    this.#edge = edge;
    this.#prev = prev;
  }

  /**
   * Starts above a tree that was written before. Throws `Inconsistent` if the tiles at its right edge do not have
   * this root, or if the database has another last entry.
   */
  static async open(
    store: EntryStore,
    objects: ObjectStore,
    tree: { readonly size: number; readonly root: Uint8Array } | null,
  ): Promise<TileWriter> {
    if (tree === null || tree.size === 0) {
      return new TileWriter(store, objects, new TreeEdge(nodeSha256), firstPrev(store.origin, nodeSha256));
    }
    const { size, root } = tree;
    const edge = await loadEdge(objects, size);
    if (!equalBytes(edge.root(), root)) throw new Inconsistent(`the tiles of size ${size} do not have the signed root`);
    const index = Math.floor((size - 1) / tileWidth);
    const last: TileId = { level: 0, index, width: size - index * tileWidth };
    const prev = (await tileFetcher(objects)(last)).slice(-32);
    for await (const { body } of store.rows(size - 1, size)) {
      if (!equalBytes(leafHash(body, nodeSha256), prev)) {
        throw new Inconsistent(`entry ${size - 1} of the database is not the one that was signed`);
      }
    }
    return new TileWriter(store, objects, edge, prev);
  }

  get size(): number {
    return this.#edge.size;
  }

  root(): Uint8Array {
    return this.#edge.root();
  }

  /** The tree as it lies in the objects. */
  tree(): TileTree {
    return new TileTree(this.size, tileFetcher(this.#objects), nodeSha256);
  }

  /** Writes everything a tree of `size` entries needs. When it returns, that is durable; doing it twice writes the same bytes. */
  async extend(size: number): Promise<void> {
    if (size <= this.size) return;
    const edge = this.#edge.clone();
    let prev = this.#prev;
    let bundle: Uint8Array[] = [];
    let waiting: StoredObject[] = [];
    const flush = async (): Promise<void> => {
      await this.#objects.putImmutable(waiting);
      waiting = [];
    };
    const put = (id: TileId, bytes: Uint8Array): void => void waiting.push({ path: tilePath(id), bytes });
    for await (const { index, body, leafHash: stored } of this.#store.rows(edge.size - (edge.size % tileWidth), size)) {
      bundle.push(body);
      if (index >= edge.size) {
        const entry = decodeEntry(body);
        const leaf = leafHash(body, nodeSha256);
        if (!entry.ok || !continuesChain(entry.value, index, prev) || !equalBytes(leaf, stored)) {
          throw new Inconsistent(`entry ${index} of the database does not continue the chain`);
        }
        prev = leaf;
        for (const tile of edge.append(leaf)) put(tile.id, tile.bytes);
      }
      if (bundle.length === tileWidth) {
        put({ level: "entries", index: Math.floor(index / tileWidth), width: tileWidth }, encodeBundle(bundle));
        bundle = [];
        if (waiting.length >= objectsAtOnce) await flush();
      }
    }
    if (bundle.length > 0) {
      put({ level: "entries", index: Math.floor(size / tileWidth), width: bundle.length }, encodeBundle(bundle));
    }
    for (const tile of edge.partials()) put(tile.id, tile.bytes);
    await flush();
    this.#edge = edge;
    this.#prev = prev;
  }
}
