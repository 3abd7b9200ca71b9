/** The one clock of a test election: all its processes add the milliseconds of this file to the system's time. */
import { renameSync, writeFileSync } from "node:fs";
import { fileClock } from "@hanpyo/bulletin-board/node";
import type { Clock } from "@hanpyo/crypto";

export class DrivenClock {
  readonly file: string;
  readonly clock: Clock;
  #offset = 0;

  constructor(file: string) {
    this.file = file;
    this.#write();
    this.clock = fileClock(file);
  }

  /** Seconds since 1970. */
  get seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  advance(seconds: number): void {
    this.#offset += 1000 * seconds;
    this.#write();
  }

  /** As a whole: a reader must never meet an empty file. */
  #write(): void {
    writeFileSync(`${this.file}.new`, `${this.#offset}\n`);
    renameSync(`${this.file}.new`, this.file);
  }
}
