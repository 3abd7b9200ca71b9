/** The ballots that a later one replaced, each with its h: they are read again at the count, from a source nobody trusts. */
import { equalBytes } from "@hanpyo/crypto";

export class ReplacedBallots {
  readonly #entries: number[] = [];
  /** h of each, joined: one flat array in place of an object per re-vote. */
  #hashes = new Uint8Array(32 * 64);

  get size(): number {
    return this.#entries.length;
  }

  add(entry: number, h: Uint8Array): void {
    const at = 32 * this.#entries.length;
    if (at === this.#hashes.length) {
      const wider = new Uint8Array(2 * this.#hashes.length);
      wider.set(this.#hashes);
      this.#hashes = wider;
    }
    this.#hashes.set(h, at);
    this.#entries.push(entry);
  }

  /** Entries, ascending. */
  *entries(): Generator<number> {
    for (const { entry } of this.ascending()) yield entry;
  }

  /** Ascending by entry; `is` says whether a ballot that was read again is the one that was replaced. */
  *ascending(): Generator<{ readonly entry: number; readonly is: (h: Uint8Array) => boolean }> {
    const order = Uint32Array.from(this.#entries.keys()).sort((a, b) => this.#entries[a]! - this.#entries[b]!);
    for (const i of order) {
      const kept = this.#hashes.subarray(32 * i, 32 * i + 32);
      yield { entry: this.#entries[i]!, is: (h) => equalBytes(h, kept) };
    }
  }
}
