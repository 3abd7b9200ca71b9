import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ProofFault, ProofSetting } from "./proof-check.ts";
import type { FromWorker, ToWorker } from "./proof-worker.ts";

interface Job {
  readonly payload: Uint8Array;
  readonly resolve: (verdict: ProofFault | null) => void;
  readonly reject: (error: Error) => void;
}

interface Worker {
  readonly process: ChildProcess;
  jobs: readonly Job[];
}

/** The pool is closed or its workers keep dying: the ballot was not judged, send it again. */
export class ProofsUnavailable extends Error {
  override readonly name = "ProofsUnavailable";
}

/** Batches of this size are near the best rate; more only adds delay. */
const maxBatch = 128;

/**
 * Checks proofs in child processes (`worker_threads` cannot load TypeScript on Node 20). Each free worker takes what is
 * queued, up to a batch; a worker that dies is replaced, its ballots are checked again.
 */
export class ProofPool {
  readonly #setting: ProofSetting;
  readonly #queue: Job[] = [];
  readonly #workers = new Set<Worker>();
  #closed = false;
  #deaths = 0;
  #next = 0;

  constructor(setting: ProofSetting, workers: number) {
    this.#setting = setting;
    for (let i = 0; i < workers; i++) this.#start();
  }

  /** Ballots that wait or are being checked. */
  get load(): number {
    let load = this.#queue.length;
    for (const { jobs } of this.#workers) load += jobs.length;
    return load;
  }

  /** Process ids, for tests that kill one. */
  get pids(): number[] {
    return [...this.#workers].map((worker) => worker.process.pid!);
  }

  /** Null where all proofs, the signature and the passes hold. Rejects with ProofsUnavailable only. */
  check(payload: Uint8Array): Promise<ProofFault | null> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new ProofsUnavailable("closed"));
      this.#queue.push({ payload, resolve, reject });
      // In the next turn, so that what arrives together is checked together.
      if (this.#queue.length === 1) setImmediate(() => this.#feed());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fail("closed");
    const ends = [...this.#workers].map(
      ({ process }) =>
        new Promise((resolve) => (process.exitCode === null ? process.once("exit", resolve) : resolve(null))),
    );
    for (const { process } of this.#workers) process.kill("SIGTERM");
    await Promise.all(ends);
  }

  #start(): void {
    const child = fork(fileURLToPath(new URL("./proof-worker.ts", import.meta.url)), [], {
      execArgv: ["--import", "tsx"],
      serialization: "advanced",
    });
    const worker: Worker = { process: child, jobs: [] };
    this.#workers.add(worker);
    child.on("message", (message) => this.#answered(worker, message as FromWorker));
    child.on("error", () => undefined); // "exit" follows, or it never ran and "exit" is emitted too
    child.once("exit", () => this.#died(worker));
    child.send({ kind: "setting", setting: this.#setting } satisfies ToWorker);
    this.#feed();
  }

  #answered(worker: Worker, { verdicts }: FromWorker): void {
    const { jobs } = worker;
    worker.jobs = [];
    this.#deaths = 0;
    for (const [i, job] of jobs.entries()) job.resolve(verdicts[i] ?? null);
    this.#feed();
  }

  #died(worker: Worker): void {
    this.#workers.delete(worker);
    if (this.#closed) return;
    this.#queue.unshift(...worker.jobs);
    this.#deaths++;
    // A ballot that ends every worker must not turn the server into a fork loop.
    if (this.#deaths > 5) this.#fail("proof checkers keep ending");
    setTimeout(() => {
      if (!this.#closed) this.#start();
    }, 100 * this.#deaths);
  }

  #fail(why: string): void {
    for (const { reject } of this.#queue.splice(0)) reject(new ProofsUnavailable(why));
  }

  #feed(): void {
    for (const worker of this.#workers) {
      if (this.#queue.length === 0) return;
      if (worker.jobs.length > 0 || !worker.process.connected) continue;
      worker.jobs = this.#queue.splice(0, Math.min(maxBatch, Math.ceil(this.#queue.length / this.#workers.size)));
      const payloads = worker.jobs.map(({ payload }) => payload);
      worker.process.send({ kind: "batch", id: this.#next++, payloads } satisfies ToWorker);
    }
  }
}
