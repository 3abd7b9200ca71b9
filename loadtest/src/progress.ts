/** Progress of a long run on a terminal: one line that changes, and lines that stay. Plain lines where there is no terminal. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #start = performance.now();
  #line = "";

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** A step that is done or begins, with the seconds since the start. */
  step(text: string): void {
    this.#clear();
    this.#out.write(`${((performance.now() - this.#start) / 1000).toFixed(1).padStart(7)} s  ${text}\n`);
  }

  /** Replaces the changing line; nothing without a terminal. */
  update(text: string): void {
    if (!this.#out.isTTY) return;
    this.#clear();
    this.#line = text;
    this.#out.write(text);
  }

  #clear(): void {
    if (this.#line !== "") this.#out.write("\r\x1b[2K");
    this.#line = "";
  }
}
