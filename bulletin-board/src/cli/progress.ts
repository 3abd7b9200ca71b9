/** One line of progress on a terminal, rewritten in place; plain lines now and then where there is no terminal. */
import type { Progress } from "../verify/index.ts";

export class TerminalProgress {
  readonly #out: NodeJS.WriteStream;
  readonly #silent: boolean;
  readonly #start = performance.now();
  #last = 0;

  constructor(out: NodeJS.WriteStream, silent: boolean) {
    this.#out = out;
    this.#silent = silent;
  }

  show({ stage, done, total, ballots }: Progress): void {
    const now = performance.now();
    const interval = this.#out.isTTY ? 200 : 5000;
    if (this.#silent || stage === "end" || now - this.#last < interval) return;
    this.#last = now;
    const seconds = (now - this.#start) / 1000;
    const left = done === 0 ? "" : `, about ${Math.ceil((seconds / done) * (total - done))} s left`;
    const line = `${stage} ${done} of ${total} entries, ${ballots} ballots proved, ${(done / seconds).toFixed(0)}/s${left}`;
    this.#out.write(this.#out.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }

  end(): void {
    if (!this.#silent && this.#out.isTTY && this.#last > 0) this.#out.write("\r\u001b[K");
  }
}
