import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ChildOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A line of its output that says it is ready. */
  readonly ready: (line: string) => boolean;
  /** Its other lines. */
  readonly say: (line: string) => void;
  /** It ended too often in a row. */
  readonly onFatal: (error: Error) => void;
}

/** Ends within a minute after which the supervisor gives up. */
const endsPerMinute = 10;
const startPatience = 60_000;
const stopPatience = 10_000;

/** A child process of the server that is started again when it ends by itself, and ends with the server. */
export class Child {
  readonly #options: ChildOptions;
  #process: ChildProcess | null = null;
  #stopping = false;
  #ends: number[] = [];
  #firstReady: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when it has said that it is ready. Rejects where it does not come up. */
  async start(): Promise<void> {
    const { name } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} does not start`)), startPatience);
      this.#firstReady = {
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#spawn();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), stopPatience);
    await ended;
    clearTimeout(timer);
  }

  #spawn(): void {
    const { name, args, env, ready, say } = this.#options;
    // Its own group: Ctrl-C of a terminal goes to the server, which ends its children in their order.
    const child = spawn(process.execPath, ["--import", "tsx", ...args], {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.#process = child;
    let isReady = false;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (!isReady && ready(line)) {
        isReady = true;
        this.#firstReady?.resolve();
      } else say(`${name}: ${line}`);
    });
    createInterface({ input: child.stderr! }).on("line", (line) => say(`${name}: ${line}`));
    child.once("error", (error) => this.#firstReady?.reject(error));
    child.once("exit", (code, signal) => this.#ended(`${name} ended with ${signal ?? code}`));
  }

  #ended(what: string): void {
    if (this.#stopping) return;
    const now = performance.now();
    this.#ends = [...this.#ends.filter((at) => now - at < 60_000), now];
    this.#options.say(`${what}; it is started again`);
    if (this.#ends.length > endsPerMinute) {
      const error = new Error(`${what}, ${endsPerMinute} times within a minute`);
      this.#firstReady?.reject(error);
      this.#options.onFatal(error);
      return;
    }
    setTimeout(() => {
      if (!this.#stopping) this.#spawn();
    }, 200 * this.#ends.length);
  }
}
