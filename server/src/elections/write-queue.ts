/**
 * The one writer: every append to either log runs here, one after the other, so that judging, appending and applying an
 * entry is one step with respect to every other entry.
 */
export class WriteQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #length = 0;

  /** Jobs that run or wait. */
  get length(): number {
    return this.#length;
  }

  /** Runs `job` after all that were queued before; its failure is its caller's alone. */
  run<T>(job: () => Promise<T>): Promise<T> {
    this.#length++;
    const result = this.#tail.then(job);
    const done = (): void => {
      this.#length--;
    };
    this.#tail = result.then(done, done);
    return result;
  }

  /** Resolves when everything queued so far is done. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
