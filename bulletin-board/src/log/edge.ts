import { concatBytes } from "@hanpyo/crypto";
import { foldRight, nodeHash, subtreesOf } from "./merkle.ts";
import { nobleSha256, type Sha256 } from "./sha256.ts";
import { nodeFromTile, type TileId, tileWidth } from "./tile.ts";

/** A tile of hashes and its bytes. */
export interface TileData {
  readonly id: TileId & { readonly level: number };
  readonly bytes: Uint8Array;
}

/** The growing right edge of a tree as its partial tiles, from which full tiles fall off: what a tile writer keeps. */
export class TreeEdge {
  readonly #sha256: Sha256;
  /** Per tile level the hashes of the partial tile, fewer than 256. */
  readonly #levels: Uint8Array[][];
  #size: number;

  /** Starts empty, or from the hashes of the partial tiles of a tree of `size` leaves (level by level, empty where there is none). */
  constructor(sha256: Sha256 = nobleSha256, size = 0, levels: readonly (readonly Uint8Array[])[] = []) {
    this.#sha256 = sha256;
    this.#size = size;
    this.#levels = levels.map((level) => [...level]);
    for (let level = 0, rows = size; rows > 0; level++, rows = Math.floor(rows / tileWidth)) {
      this.#levels[level] ??= [];
      if (this.#levels[level]!.length !== rows % tileWidth)
        throw new RangeError(`edge level ${level} has a wrong width`);
    }
  }

  get size(): number {
    return this.#size;
  }

  clone(): TreeEdge {
    return new TreeEdge(this.#sha256, this.#size, this.#levels);
  }

  /** Appends a leaf hash and returns the tiles it filled, lowest level first. */
  append(leaf: Uint8Array): TileData[] {
    const full: TileData[] = [];
    let hash = leaf;
    for (let level = 0; ; level++) {
      this.#levels[level] ??= [];
      const row = this.#levels[level]!;
      row.push(hash);
      if (row.length < tileWidth) break;
      const index = Math.floor(this.#size / tileWidth ** (level + 1));
      full.push({ id: { level, index, width: tileWidth }, bytes: concatBytes(...row) });
      hash = this.#tileRoot(row);
      this.#levels[level] = [];
    }
    this.#size++;
    return full;
  }

  /** The partial tiles of the present size. */
  partials(): TileData[] {
    return this.#levels.flatMap((row, level) => {
      if (row.length === 0) return [];
      const index = Math.floor(this.#size / tileWidth ** (level + 1));
      return [{ id: { level, index, width: row.length }, bytes: concatBytes(...row) }];
    });
  }

  root(): Uint8Array {
    const peaks: Uint8Array[] = [];
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const row = this.#levels[level]!;
      for (const node of subtreesOf(0, row.length)) peaks.push(nodeFromTile(node, row, this.#sha256));
    }
    return foldRight(peaks, this.#sha256);
  }

  #tileRoot(row: readonly Uint8Array[]): Uint8Array {
    let hashes = row;
    while (hashes.length > 1) {
      const next: Uint8Array[] = [];
      for (let i = 0; i < hashes.length; i += 2) next.push(nodeHash(hashes[i]!, hashes[i + 1]!, this.#sha256));
      hashes = next;
    }
    return hashes[0]!;
  }
}
