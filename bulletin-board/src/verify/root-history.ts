/** Roots of a growing tree at sizes that are asked for later: the frontier at a base size and the leaf hashes since. */
import { Frontier, type Sha256 } from "../log/index.ts";

export class RootHistory {
  #base: Frontier;
  #since: Uint8Array[] = [];

  constructor(sha256: Sha256) {
    this.#base = new Frontier(sha256);
  }

  get size(): number {
    return this.#base.size + this.#since.length;
  }

  append(leafHash: Uint8Array): void {
    this.#since.push(leafHash);
  }

  /** The root at a size from the base on; undefined for one that is forgotten or not reached. */
  root(size: number): Uint8Array | undefined {
    if (size < this.#base.size || size > this.size) return undefined;
    const frontier = this.#base.clone();
    for (const leaf of this.#since.slice(0, size - this.#base.size)) frontier.append(leaf);
    return frontier.root();
  }

  /** Roots below this size are not asked for any more: sizes in anchors never shrink. */
  forgetBelow(size: number): void {
    const count = Math.min(Math.max(0, size - this.#base.size), this.#since.length);
    for (const leaf of this.#since.splice(0, count)) this.#base.append(leaf);
  }
}
