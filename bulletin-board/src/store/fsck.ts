import { equalBytes } from "@hanpyo/crypto";
import {
  continuesChain,
  decodeEntry,
  encodeBundle,
  firstPrev,
  leafHash,
  openUnwitnessed,
  type Policy,
  type TileData,
  type TileId,
  TreeEdge,
  tilePath,
  tileWidth,
  tileWidthAt,
} from "../log/index.ts";
import type { EntryStore } from "./entry-store.ts";
import { nodeSha256, nodeVerify } from "./node-crypto.ts";
import type { ObjectStore } from "./object-store.ts";

/** What was compared, and every contradiction found (at most 100 are kept). */
export interface FsckReport {
  readonly rows: number;
  readonly objects: number;
  /** Size of the published checkpoint, or null if there is none. */
  readonly checkpoint: number | null;
  readonly witnessed: boolean;
  readonly faults: readonly string[];
  /** Objects written anew. */
  readonly repaired: number;
}

const maxFaults = 100;

/**
 * Compares the rows with themselves (chain, leaf hashes, head), with bundles and tiles, and with the published
 * checkpoint (signature, root). With `repair`, missing or damaged objects are derived anew, but only if the rows are
 * whole and lead to the signed root. Streams; memory does not grow with the log.
 */
export async function fsck(
  store: EntryStore,
  objects: ObjectStore,
  policy: Policy,
  { repair = false } = {},
): Promise<FsckReport> {
  const faults: string[] = [];
  const fault = (text: string): void => void (faults.length < maxFaults && faults.push(text));
  const bytes = await objects.get("checkpoint");
  const opened = bytes === null ? null : openUnwitnessed(Buffer.from(bytes).toString("utf8"), policy, nodeVerify);
  if (opened?.ok === false) fault(`checkpoint: ${opened.error.detail}`);
  const signed = opened?.ok ? opened.value.checkpoint : null;
  const limit = signed?.size ?? 0;
  const head = await store.head();
  if (head.size < limit) fault(`the database ends at ${head.size}, below the checkpoint's ${limit}: run recover`);

  const broken: { path: string; bytes: Uint8Array }[] = [];
  let compared = 0;
  const compare = async (id: TileId, expected: Uint8Array): Promise<void> => {
    const path = tilePath(id);
    let found = await objects.get(path);
    if (found === null && id.width < tileWidth) {
      // Partials are swept once the full one exists; that one is compared by itself.
      if ((await objects.get(tilePath({ ...id, width: tileWidth }))) !== null) return;
    }
    compared++;
    found ??= new Uint8Array(0);
    if (equalBytes(found, expected)) return;
    fault(`${path} is ${found.length === 0 ? "missing" : "not what the rows give"}`);
    broken.push({ path, bytes: expected });
    if (broken.length >= 10_000) throw new Error("more than 10,000 objects are damaged");
  };
  const compareTiles = async (tiles: readonly TileData[]): Promise<void> => {
    for (const tile of tiles) await compare(tile.id, tile.bytes);
  };

  const edge = new TreeEdge(nodeSha256);
  let prev = firstPrev(store.origin, nodeSha256);
  let bundle: Uint8Array[] = [];
  let rowsWhole = true;
  let rootHolds = signed === null;
  const checkRoot = async (): Promise<void> => {
    if (signed === null || edge.size !== limit) return;
    rootHolds = equalBytes(edge.root(), signed.root);
    if (!rootHolds) fault(`the rows do not lead to the checkpoint's root of size ${limit}`);
    await compareTiles(edge.partials());
    const width = tileWidthAt("entries", Math.floor(limit / tileWidth), limit);
    if (width > 0)
      await compare({ level: "entries", index: Math.floor(limit / tileWidth), width }, encodeBundle(bundle));
  };
  await checkRoot();
  for await (const { index, body, leafHash: stored } of store.rows(0, head.size)) {
    const leaf = leafHash(body, nodeSha256);
    const entry = decodeEntry(body);
    if (!entry.ok || !continuesChain(entry.value, index, prev) || !equalBytes(leaf, stored)) {
      rowsWhole = false;
      fault(`entry ${index} ${entry.ok ? "does not continue the chain or has a wrong leaf hash" : entry.error.detail}`);
    }
    prev = leaf;
    bundle.push(body);
    const full = edge.append(leaf);
    // Above the checkpoint nothing has to exist yet.
    if (index < limit) {
      await compareTiles(full);
      if (bundle.length === tileWidth) {
        await compare(
          { level: "entries", index: Math.floor(index / tileWidth), width: tileWidth },
          encodeBundle(bundle),
        );
      }
    }
    if (bundle.length === tileWidth) bundle = [];
    await checkRoot();
  }
  if (!equalBytes(prev, head.leafHash)) {
    rowsWhole = false;
    fault("the head's leaf hash is not that of the last entry");
  }
  let repaired = 0;
  if (repair && rowsWhole && rootHolds && signed !== null && head.size >= limit) {
    for (const object of broken) await objects.put(object);
    repaired = broken.length;
  }
  return {
    rows: edge.size,
    objects: compared,
    checkpoint: signed?.size ?? null,
    witnessed: opened?.ok === true && opened.value.cosignatures.length >= policy.k,
    faults,
    repaired,
  };
}
