/** How often one holder key and one connection may fail or ask; in memory only, by keys that are never written down. */
import type { Clock } from "@hanpyo/crypto";

export interface Allowance {
  /** So many … */
  readonly times: number;
  /** … in so many milliseconds. */
  readonly within: number;
}

const most = 100_000;

export class Limiter {
  readonly #clock: Clock;
  readonly #allowance: Allowance;
  readonly #counts = new Map<string, { count: number; until: number }>();

  constructor(clock: Clock, allowance: Allowance) {
    this.#clock = clock;
    this.#allowance = allowance;
  }

  /** Whether one more is allowed; it is not counted. */
  allows(key: string): boolean {
    const known = this.#counts.get(key);
    return known === undefined || known.until <= this.#clock.now() || known.count < this.#allowance.times;
  }

  count(key: string): void {
    const now = this.#clock.now();
    const known = this.#counts.get(key);
    if (known !== undefined && known.until > now) {
      known.count++;
      return;
    }
    this.#counts.delete(key);
    this.#counts.set(key, { count: 1, until: now + this.#allowance.within });
    if (this.#counts.size > most) this.#forget(now);
  }

  /** Drops what is over, and if that is not enough, the oldest. */
  #forget(now: number): void {
    for (const [key, { until }] of this.#counts) if (until <= now) this.#counts.delete(key);
    for (const key of this.#counts.keys()) {
      if (this.#counts.size <= most / 2) break;
      this.#counts.delete(key);
    }
  }
}
