import { Fenced } from "./entry-store.ts";

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (answer: O) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit without timers: whatever queued while the last batch was in flight is the next batch. An error rejects
 * its whole batch; `Fenced` also stops the sequencer for good, and every later submit rejects with it.
 */
export class Sequencer<I, O> {
  readonly #process: (batch: readonly I[]) => Promise<readonly O[]>;
  readonly #cap: number;
  readonly #queue: Waiting<I, O>[] = [];
  #running: Promise<void> | null = null;
  #stopped: unknown = null;

  /** `process` answers a batch of at most `cap` items in their order. */
  constructor(process: (batch: readonly I[]) => Promise<readonly O[]>, cap = 512) {
    this.#process = process;
    this.#cap = cap;
  }

  /** Items that wait for the batch in flight. */
  get queued(): number {
    return this.#queue.length;
  }

  submit(item: I): Promise<O> {
    if (this.#stopped !== null) return Promise.reject(this.#stopped);
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is queued or in flight. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    await null; // what is submitted in one turn goes into one batch
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#cap);
      try {
        const answers = await this.#process(batch.map(({ item }) => item));
        if (answers.length !== batch.length) throw new Error("a batch was answered with another number of answers");
        for (const [i, { resolve }] of batch.entries()) resolve(answers[i]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
        if (error instanceof Fenced) {
          this.#stopped = error;
          for (const { reject } of this.#queue.splice(0)) reject(error);
        }
      }
    }
    this.#running = null;
  }
}
