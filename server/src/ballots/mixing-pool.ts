import { randomInt } from "node:crypto";

/**
 * Holds first ballots until a batch is old enough and releases it in random order, so that the order of the record does not
 * tell the order of arrival. A ballot in the pool is not acknowledged.
 */
export class MixingPool<T> {
  readonly #release: (batch: readonly T[]) => void;
  readonly #milliseconds: number;
  #held: T[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** `release` gets each batch, shuffled; a batch is released `seconds` after its first item came. */
  constructor(seconds: number, release: (batch: readonly T[]) => void) {
    this.#milliseconds = 1000 * seconds;
    this.#release = release;
  }

  get size(): number {
    return this.#held.length;
  }

  add(item: T): void {
    this.#held.push(item);
    this.#timer ??= setTimeout(() => this.flush(), this.#milliseconds);
  }

  /** Releases what is held now, before the first anchor past the end and at a stop. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const batch = this.#held;
    this.#held = [];
    if (batch.length > 0) this.#release(shuffled(batch));
  }
}

/** Fisher–Yates with the system's generator: every order is as likely as every other. */
export function shuffled<T>(items: readonly T[], below: (bound: number) => number = (bound) => randomInt(bound)): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
