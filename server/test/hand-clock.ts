import type { Clock } from "@hanpyo/crypto";

/** The system's clock moved by hand: only ever forward. */
export class HandClock implements Clock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  get seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  advance(seconds: number): void {
    if (seconds < 0) throw new RangeError("time does not go back");
    this.#offset += 1000 * seconds;
  }
}
