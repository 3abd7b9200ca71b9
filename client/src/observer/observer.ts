/** The observers' side behind the page: follows the board and verifies everything; surroundings are handed in. */
import {
  type Board,
  type CheckPart,
  type Fetch,
  httpSource,
  type OpenedCheckpoint,
  openBoard,
  readOverview,
  type Surroundings,
  type Trouble,
  UnreadableSource,
  type VerifierPlatform,
  type Progress as VerifierProgress,
  verifyElection,
} from "@hanpyo/bulletin-board";
import { bytesToHex } from "@hanpyo/crypto";
import { comparisonCode } from "./comparison.ts";
import type {
  FromObserver,
  LiveBoard,
  ReceiptPaper,
  RunningPart,
  ToObserver,
  VerificationProgress,
} from "./messages.ts";
import { Tail } from "./tail.ts";
import { observedElection } from "./view.ts";

export interface ObserverSurroundings extends Surroundings {
  online(): boolean;
  readonly platform: VerifierPlatform;
}

/** Thrown out of a verification to end it; caught where it was started. */
class Stopped extends Error {}

/** Progress is told at most this often, ms. */
const TELL_EVERY = 200;

export class Observer {
  readonly #around: ObserverSurroundings;
  readonly #post: (message: FromObserver) => void;
  #board: Board | null = null;
  #tail: Tail | null = null;
  #base = "";
  #refreshing = false;
  #again = false;
  #running = false;
  #stopped = false;
  /** Resolves when a paused verification may go on. */
  #gate: Promise<void> | null = null;
  #open: (() => void) | null = null;

  constructor(around: ObserverSurroundings, post: (message: FromObserver) => void) {
    this.#around = around;
    this.#post = post;
  }

  async receive(message: ToObserver): Promise<void> {
    switch (message.type) {
      case "open":
        this.#base = message.base;
        return this.#refresh();
      case "refresh":
        return this.#refresh();
      case "verify":
        return this.#verify(message.receipts);
      case "pause":
        this.#gate ??= new Promise((resolve) => {
          this.#open = resolve;
        });
        return;
      case "resume":
        this.#release();
        return;
      case "stop":
        this.#stopped = true;
        this.#release();
        return;
    }
  }

  #release(): void {
    this.#open?.();
    this.#open = null;
    this.#gate = null;
  }

  /** One at a time; asked for while one runs, it runs once more. */
  async #refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#again = true;
      return;
    }
    this.#refreshing = true;
    do {
      this.#again = false;
      const trouble = await this.#refreshOnce();
      if (trouble) this.#post({ type: "unreachable", why: this.#why(trouble), detail: trouble.detail });
    } while (this.#again);
    this.#refreshing = false;
  }

  async #refreshOnce(): Promise<Trouble | null> {
    if (this.#board === null) {
      const opened = await openBoard(this.#around, this.#base);
      if (!opened.ok) return opened.error;
      this.#board = opened.value;
      this.#tail = new Tail(opened.value);
      this.#post({ type: "opened", election: observedElection(opened.value.election) });
    }
    const overview = await readOverview(this.#around, this.#board.url);
    if (!overview.ok) return overview.error;
    const under = await this.#board.record.checkpoint();
    if (!under.ok) return under.error;
    const read = await this.#tail!.read(under.value);
    if (!read.ok) return read.error;
    this.#post({ type: "board", board: this.#live(under.value, overview.value) });
    return null;
  }

  #live({ checkpoint, cosignatures }: OpenedCheckpoint, overview: Board["overview"]): LiveBoard {
    const { witnesses } = this.#board!.record.policy;
    return {
      size: checkpoint.size,
      root: bytesToHex(checkpoint.root),
      passes: overview.passes,
      signed: witnesses.map((key) => cosignatures.find((it) => it.witness.name === key.name)?.time ?? null),
      phase: overview.phase,
      end: overview.end,
      turnout: overview.turnout,
      series: this.#tail!.series(overview.turnout.total, overview.now),
      newest: this.#tail!.newest,
      result: this.#tail!.result,
      skew: overview.now - this.#around.clock.now() / 1000,
    };
  }

  #why({ code }: Trouble): "offline" | "server" | "untrusted" {
    if (!this.#around.online()) return "offline";
    return code === "unavailable" || code === "overloaded" ? "server" : "untrusted";
  }

  async #verify(receipts: readonly ReceiptPaper[]): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.#stopped = false;
    this.#release();
    const { platform } = this.#around;
    const start = platform.stopwatch();
    let paused = 0;
    let told = Number.NEGATIVE_INFINITY;
    const worked = () => platform.stopwatch() - start - paused;
    const get = (url: string) => read(this.#around.fetch, url);
    try {
      const report = await verifyElection(httpSource(this.#base, get), {
        platform,
        papers: { receipts, acknowledgements: [], refusals: [] },
        client: (name) => get(`${this.#base}/${name}`),
        onProgress: (progress) => {
          if (platform.stopwatch() - told < TELL_EVERY && progress.stage !== "end") return;
          told = platform.stopwatch();
          this.#post({ type: "progress", progress: { ...copied(progress), worked: worked() } });
        },
        onBundle: async () => {
          await platform.breathe();
          if (this.#gate) {
            const since = platform.stopwatch();
            await this.#gate;
            paused += platform.stopwatch() - since;
          }
          if (this.#stopped) throw new Stopped();
        },
      });
      this.#post({ type: "report", report, code: comparisonCode(report), worked: worked() });
    } catch (error) {
      if (error instanceof Stopped) this.#post({ type: "stopped" });
      else if (error instanceof UnreadableSource) this.#post({ type: "unreadable", detail: error.message });
      else throw error;
    } finally {
      this.#running = false;
    }
  }
}

/** Counts per part, copied: the verifier's own go on changing. */
function copied({ stage, done, total, ballots, judge }: VerifierProgress): Omit<VerificationProgress, "worked"> {
  const parts: Partial<Record<CheckPart, RunningPart>> = {};
  for (const [part, held] of judge.held) parts[part] = { held, failed: 0 };
  for (const { part } of judge.refusals) {
    const { held, failed } = parts[part] ?? { held: 0, failed: 0 };
    parts[part] = { held, failed: failed + 1 };
  }
  return { stage, done, total, ballots, parts };
}

/** Bytes at an address of the board; undefined where there is none. Throws `UnreadableSource` where nothing answers. */
async function read(fetch: Fetch, url: string): Promise<Uint8Array | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(url, {
        method: "GET",
        headers: {},
        credentials: "omit",
        referrerPolicy: "no-referrer",
        redirect: "error",
        cache: "no-store",
        timeout: 30_000,
      });
      if (answer.status === 404 || answer.status === 410) return undefined;
      if (answer.status === 200) return await bytesOf(answer);
      if (attempt === 4) throw new UnreadableSource(`${url} answers ${answer.status}`);
    } catch (error) {
      if (error instanceof UnreadableSource || attempt === 4) {
        throw error instanceof UnreadableSource ? error : new UnreadableSource(`${url} does not answer`);
      }
    }
  }
}

async function bytesOf(answer: Awaited<ReturnType<Fetch>>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = answer.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part?.value) {
      parts.push(part.value);
      length += part.value.length;
    }
    if (!part || part.done) break;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
