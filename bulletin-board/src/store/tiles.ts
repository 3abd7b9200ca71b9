import { decodeBundle, type TileFetcher, type TileId, tilePath, tileWidth } from "../log/index.ts";
import type { ObjectStore } from "./object-store.ts";

/** The bytes of a tile, out of the full one where the partial is already swept away. Throws if neither is there or has the right length. */
export const tileFetcher =
  (objects: ObjectStore): TileFetcher =>
  async (tile: TileId) => {
    const partial = await objects.get(tilePath(tile));
    const bytes = partial ?? (await objects.get(tilePath({ ...tile, width: tileWidth })));
    if (bytes === null) throw new Error(`${tilePath(tile)} is missing`);
    if (bytes.length !== (partial === null ? tileWidth : tile.width) * 32) {
      throw new Error(`${tilePath(tile)} has a wrong length`);
    }
    return bytes.subarray(0, tile.width * 32);
  };

/** The entries of a bundle in a tree of that width, out of the full one where the partial is swept away; null if there is neither. Throws on a damaged one. */
export async function fetchBundle(objects: ObjectStore, index: number, width: number): Promise<Uint8Array[] | null> {
  for (const held of width === tileWidth ? [tileWidth] : [width, tileWidth]) {
    const path = tilePath({ level: "entries", index, width: held });
    const bytes = await objects.get(path);
    if (bytes === null) continue;
    const entries = decodeBundle(bytes, held);
    if (!entries.ok) throw new Error(`${path}: ${entries.error.detail}`);
    return entries.value.slice(0, width);
  }
  return null;
}
