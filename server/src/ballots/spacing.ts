import { bytesToHex } from "@hanpyo/crypto";

const firstMilliseconds = 1_000;
const longestMilliseconds = 600_000;
/** Whoever waits is let in at the latest this long before the end. */
const endMargin = 15_000;
/** Pseudonyms remembered; the oldest are forgotten first, which only lets them in sooner. */
const capacity = 200_000;

/**
 * Re-votes of one pseudonym are admitted 1 s after the last ballot, then 2 s, 4 s … up to 10 minutes: this may delay a ballot
 * and never refuses it. Kept in memory only.
 */
export class RevoteSpacing {
  readonly #last = new Map<string, { at: number; count: number }>();

  /** A ballot of this pseudonym was recorded. Only recorded ones count: strangers' garbage must not delay a voter. */
  recorded(pseudonym: Uint8Array, now: number): void {
    const key = bytesToHex(pseudonym);
    const before = this.#last.get(key);
    this.#last.delete(key);
    this.#last.set(key, { at: now, count: (before?.count ?? 0) + 1 });
    if (this.#last.size > capacity) this.#last.delete(this.#last.keys().next().value!);
  }

  /** Milliseconds until a ballot of this pseudonym is admitted; 0 = now. `end` in milliseconds. */
  wait(pseudonym: Uint8Array, now: number, end: number): number {
    const last = this.#last.get(bytesToHex(pseudonym));
    if (last === undefined) return 0;
    const spacing = Math.min(longestMilliseconds, firstMilliseconds * 2 ** Math.min(20, last.count - 1));
    return Math.max(0, Math.min(last.at + spacing, end - endMargin) - now);
  }
}
