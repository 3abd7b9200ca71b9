import { equalBytes, err, ok, type Result } from "@hanpyo/crypto";
import type pg from "pg";
import {
  type Checkpoint,
  continuesChain,
  decodeEntry,
  Frontier,
  firstPrev,
  leafHash,
  parseTilePath,
  tilePath,
  tileWidth,
} from "../log/index.ts";
import type { Appended, EntryStore } from "./entry-store.ts";
import { nodeSha256 } from "./node-crypto.ts";
import type { ObjectStore } from "./object-store.ts";
import { fetchBundle } from "./tiles.ts";

export interface RecoverOptions {
  readonly store: EntryStore;
  readonly objects: ObjectStore;
  /** The last signed checkpoint, its signature already verified. */
  readonly signed: Checkpoint;
  /** The name under which the entry was submitted; it is asked for every entry of the log in order, also those that are there. */
  readonly submissionOf: (entry: { type: number; payload: Uint8Array; leafHash: Uint8Array }) => Uint8Array;
  /** Runs in the transaction of each batch, as in `EntryStore.append`. */
  readonly also?: (tx: pg.PoolClient, appended: readonly Appended[]) => Promise<void>;
}

export interface Recovered {
  /** Entries the database had. */
  readonly before: number;
  /** Entries it has now: at least the signed size, and whatever published bundles continue the chain beyond. */
  readonly after: number;
}

/**
 * Replays published bundles above a restored, older database. Everything is checked before anything is inserted: the
 * rows that are there and the bundles make one chain, and its root at the signed size is the signed one. Entries beyond
 * it, whose bundles were durable before the next signature, are adopted because the chain proves that they continue it.
 * Refused (a sentence) if something does not fit; nothing was changed then.
 */
export async function recover(options: RecoverOptions): Promise<Result<Recovered, string>> {
  const { store, objects, signed, submissionOf } = options;
  const before = await store.head();
  const frontier = new Frontier(nodeSha256);
  let prev = firstPrev(store.origin, nodeSha256);
  const fits = (body: Uint8Array): boolean => {
    const entry = decodeEntry(body);
    if (!entry.ok || !continuesChain(entry.value, frontier.size, prev)) return false;
    prev = leafHash(body, nodeSha256);
    frontier.append(prev);
    return true;
  };
  const rootHolds = (): boolean => frontier.size !== signed.size || equalBytes(frontier.root(), signed.root);
  if (!rootHolds()) return err("the signed root of size 0 is not that of the empty tree");
  for await (const { index, body, leafHash: stored } of store.rows(0, before.size)) {
    if (!fits(body) || !equalBytes(prev, stored)) return err(`entry ${index} of the database breaks its chain`);
    if (!rootHolds()) return err("the database does not lead to the signed root: it is not an older state of this log");
  }
  for await (const body of published(objects, before.size, signed.size)) {
    const index = frontier.size;
    if (!fits(body)) {
      if (index >= signed.size) break; // what lies beyond the signature and does not continue us is not ours
      return err(`entry ${index} of the bundles does not continue the database's chain`);
    }
    if (!rootHolds()) return err("the bundles do not lead to the signed root");
  }
  if (frontier.size < signed.size) return err(`the bundles end at ${frontier.size}, below the signed ${signed.size}`);

  const after = frontier.size;
  for await (const { body, leafHash: leaf } of store.rows(0, before.size)) nameOf(submissionOf, body, leaf);
  let batch: { type: number; payload: Uint8Array; submission: Uint8Array; leaf: Uint8Array }[] = [];
  const insert = async (): Promise<void> => {
    if (batch.length === 0) return;
    await store.transaction(async (log) => {
      const appended = await log.append(batch);
      for (const [i, { leafHash: leaf, duplicate }] of appended.entries()) {
        if (duplicate || !equalBytes(leaf, batch[i]!.leaf)) throw new Error("a replayed entry came out differently");
      }
      await options.also?.(log.tx, appended);
    });
    batch = [];
  };
  let index = before.size;
  for await (const body of published(objects, before.size, signed.size)) {
    if (index++ === after) break;
    const leaf = leafHash(body, nodeSha256);
    batch.push({ ...nameOf(submissionOf, body, leaf), leaf });
    if (batch.length === 512) await insert();
  }
  await insert();
  return ok({ before: before.size, after });
}

function nameOf(submissionOf: RecoverOptions["submissionOf"], body: Uint8Array, leaf: Uint8Array) {
  const entry = decodeEntry(body);
  if (!entry.ok) throw new Error(entry.error.detail); // checked in the first pass
  const { type, payload } = entry.value;
  return { type, payload, submission: submissionOf({ type, payload, leafHash: leaf }) };
}

/** The published entries from `from` on: all below `size`, and beyond as far as bundles reach. */
async function* published(objects: ObjectStore, from: number, size: number): AsyncGenerator<Uint8Array> {
  for (let index = Math.floor(from / tileWidth); ; index++) {
    const start = index * tileWidth;
    const least = Math.max(0, Math.min(tileWidth, size - start));
    const widest = await widestBundle(objects, index);
    if (widest < Math.max(least, 1)) return;
    const entries = (await fetchBundle(objects, index, widest))!;
    yield* entries.slice(Math.max(0, from - start));
    if (widest < tileWidth) return;
  }
}

/** Width of the widest bundle of this index that lies there: 256 if it is full, 0 if there is none. */
async function widestBundle(objects: ObjectStore, index: number): Promise<number> {
  if ((await objects.get(tilePath({ level: "entries", index, width: tileWidth }))) !== null) return tileWidth;
  const partials = tilePath({ level: "entries", index, width: 1 }).replace(/\/1$/, "");
  let widest = 0;
  for await (const path of objects.list(partials)) {
    const tile = parseTilePath(path);
    if (tile.ok) widest = Math.max(widest, tile.value.width);
  }
  return widest;
}
