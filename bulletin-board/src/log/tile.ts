import { ok, type Result } from "@hanpyo/crypto";
import { fault, type LogFault } from "./fault.ts";
import { foldRight, nodeHash, subtreesOf, type TreeNode } from "./merkle.ts";
import { consistencyRanges, hashRanges, inclusionRanges } from "./proof.ts";
import { nobleSha256, type Sha256 } from "./sha256.ts";
import { decodeDecimal } from "./text.ts";

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256;

/** A tile of hashes (level 0..63) or a bundle of entries; `width` is 1..256. */
export interface TileId {
  readonly level: number | "entries";
  readonly index: number;
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]` (c2sp.org/tlog-tiles). */
export function tilePath(tile: TileId): string {
  if (!Number.isSafeInteger(tile.index) || tile.index < 0) throw new RangeError("tile index is out of range");
  if (!Number.isInteger(tile.width) || tile.width < 1 || tile.width > tileWidth)
    throw new RangeError("tile width is 1..256");
  if (tile.level !== "entries" && !(Number.isInteger(tile.level) && tile.level >= 0 && tile.level < 64)) {
    throw new RangeError("tile level is 0..63");
  }
  let number = String(tile.index % 1000).padStart(3, "0");
  for (let rest = Math.floor(tile.index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    number = `x${String(rest % 1000).padStart(3, "0")}/${number}`;
  }
  return `tile/${tile.level}/${number}${tile.width === tileWidth ? "" : `.p/${tile.width}`}`;
}

/** Strict: only what `tilePath` writes. */
export function parseTilePath(path: string): Result<TileId, LogFault> {
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (match === null) return fault("malformed", "not a tile path");
  const level = match[1] === "entries" ? "entries" : Number(match[1]);
  const index = Number(match[2]!.replaceAll(/[x/]/g, ""));
  const width = match[3] === undefined ? ok(tileWidth) : decodeDecimal(match[3]);
  if (!width.ok || width.value < 1 || (match[3] !== undefined && width.value >= tileWidth)) {
    return fault("malformed", "tile width is not 1..255");
  }
  if (!Number.isSafeInteger(index) || (level !== "entries" && level > 63))
    return fault("malformed", "tile out of range");
  const tile: TileId = { level, index, width: width.value };
  return tilePath(tile) === path ? ok(tile) : fault("malformed", "tile path is not canonical");
}

/** How many hashes the tile at this place holds in a tree of `size` leaves: 0 if none, at most 256. */
export function tileWidthAt(level: number | "entries", index: number, size: number): number {
  const rows = Math.floor(size / tileWidth ** (level === "entries" ? 0 : level));
  return Math.max(0, Math.min(tileWidth, rows - index * tileWidth));
}

/** The partial tiles and the partial bundle at the right edge of a tree of `size` leaves. */
export function partialTiles(size: number): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0, rows = size; rows > 0; level++, rows = Math.floor(rows / tileWidth)) {
    const width = rows % tileWidth;
    if (width === 0) continue;
    tiles.push({ level, index: Math.floor(rows / tileWidth), width });
    if (level === 0) tiles.push({ level: "entries", index: Math.floor(rows / tileWidth), width });
  }
  return tiles;
}

/** The hashes of a tile of this width. */
export function decodeTile(bytes: Uint8Array, width: number): Result<Uint8Array[], LogFault> {
  if (bytes.length !== width * 32) return fault("malformed", `a tile of width ${width} is ${width * 32} bytes`);
  return ok(Array.from({ length: width }, (_, i) => bytes.subarray(i * 32, i * 32 + 32)));
}

/** The smallest tile of a tree of `size` leaves that yields this node. */
export function tileOfNode(node: TreeNode, size: number): TileId {
  const level = Math.floor(node.level / 8);
  const first = node.index * 2 ** (node.level - level * 8);
  const index = Math.floor(first / tileWidth);
  const width = tileWidthAt(level, index, size);
  if (first + 2 ** (node.level - level * 8) > index * tileWidth + width) {
    throw new RangeError(`no node ${node.level}/${node.index} in a tree of ${size}`);
  }
  return { level, index, width };
}

/** A node's hash out of the hashes of its tile. */
export function nodeFromTile(node: TreeNode, hashes: readonly Uint8Array[], sha256: Sha256 = nobleSha256): Uint8Array {
  const span = 2 ** (node.level % 8);
  const first = (node.index * span) % tileWidth;
  let row = hashes.slice(first, first + span);
  if (row.length !== span) throw new RangeError("the tile does not hold the node");
  while (row.length > 1) row = row.flatMap((hash, i) => (i % 2 === 0 ? [nodeHash(hash, row[i + 1]!, sha256)] : []));
  return row[0]!;
}

/** Fetches a tile's bytes, checked for their length only; a throw passes through. */
export type TileFetcher = (tile: TileId) => Promise<Uint8Array>;

/**
 * Roots and proofs of a tree of `size` leaves from its tiles. The tiles are not trusted and not checked here:
 * verify what comes out against a signed root.
 */
export class TileTree {
  readonly #fetch: TileFetcher;
  readonly #sha256: Sha256;
  readonly size: number;

  constructor(size: number, fetch: TileFetcher, sha256: Sha256 = nobleSha256) {
    this.size = size;
    this.#fetch = fetch;
    this.#sha256 = sha256;
  }

  async root(size: number = this.size): Promise<Uint8Array> {
    return size === 0 ? foldRight([], this.#sha256) : (await this.#hashes([[0, size]]))[0]!;
  }

  inclusionProof(index: number, size: number = this.size): Promise<Uint8Array[]> {
    return this.#hashes(inclusionRanges(index, size));
  }

  consistencyProof(first: number, second: number = this.size): Promise<Uint8Array[]> {
    return this.#hashes(consistencyRanges(first, second));
  }

  async #hashes(ranges: readonly (readonly [number, number])[]): Promise<Uint8Array[]> {
    const wanted = new Map<string, TileId>();
    for (const [from, to] of ranges) {
      for (const node of subtreesOf(from, to)) {
        const tile = tileOfNode(node, this.size);
        wanted.set(tilePath(tile), tile);
      }
    }
    const tiles = new Map<string, Uint8Array[]>();
    await Promise.all(
      [...wanted].map(async ([path, tile]) => {
        const hashes = decodeTile(await this.#fetch(tile), tile.width);
        if (!hashes.ok) throw new Error(`${path}: ${hashes.error.detail}`);
        tiles.set(path, hashes.value);
      }),
    );
    const hashOf = (node: TreeNode) =>
      nodeFromTile(node, tiles.get(tilePath(tileOfNode(node, this.size)))!, this.#sha256);
    return hashRanges(ranges, hashOf, this.#sha256);
  }
}
