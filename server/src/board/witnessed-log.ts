import { EventEmitter } from "node:events";
import {
  encodeNote,
  encodeTlogProof,
  nobleSha256,
  openUnwitnessed,
  type Policy,
  TileTree,
  trimToQuorum,
} from "@hanpyo/bulletin-board";
import {
  type Alarm,
  type EntryStore,
  Integrator,
  nodeVerify,
  type ObjectStore,
  type Published,
  type SignerPort,
  tileFetcher,
  type WitnessPort,
} from "@hanpyo/bulletin-board/node";
import { type Clock, err, ok, type Result } from "@hanpyo/crypto";

export interface WitnessedLogParts {
  readonly store: EntryStore;
  readonly objects: ObjectStore;
  readonly signer: SignerPort;
  readonly clock: Clock;
  /** Milliseconds between steps; default 1,000. */
  readonly interval?: number;
  readonly onAlarm?: (alarm: Alarm) => void;
  /** A fork, a rolled-back database or damaged tiles: the server must end and somebody must look. */
  readonly onFatal: (error: unknown) => void;
}

interface LogEvents {
  published: [published: Published];
}

/** Too few witnesses answered in time; nothing under an unwitnessed checkpoint may be called recorded. */
export interface WitnessesMissing {
  readonly code: "witnesses-missing";
}

/** One log on its way out: tiles, signature, cosignatures, receipts. It rests until the definition has named the witnesses. */
export class WitnessedLog extends EventEmitter<LogEvents> {
  readonly #parts: WitnessedLogParts;
  #integrator: Integrator | null = null;
  #policy: Policy | null = null;
  #loop: { stop(): Promise<void> } | null = null;

  constructor(parts: WitnessedLogParts) {
    super();
    this.setMaxListeners(0);
    this.#parts = parts;
  }

  get store(): EntryStore {
    return this.#parts.store;
  }

  /** The newest checkpoint with its quorum, or null. */
  get latest(): Published | null {
    const published = this.#integrator?.published ?? null;
    return published?.witnessed ? published : null;
  }

  /** Starts signing, or goes on under another policy after a change of witnesses. */
  async begin(policy: Policy, witnesses: readonly WitnessPort[]): Promise<void> {
    this.#policy = policy;
    if (this.#integrator !== null) {
      this.#integrator.setPolicy(policy, witnesses);
      return;
    }
    const { store, objects, signer, clock, interval = 1000, onAlarm, onFatal } = this.#parts;
    this.#integrator = await Integrator.open({
      store,
      objects,
      signer,
      policy,
      witnesses,
      clock,
      signEmpty: true,
      onPublished: (published) => void this.emit("published", published),
      ...(onAlarm ? { onAlarm } : {}),
    });
    this.#loop = this.#integrator.start(interval, onFatal, () => undefined);
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /**
   * A checkpoint of at least `size` entries with its quorum, asked for now; with `fresh`, its times are of now too. Gives up
   * after `patience` milliseconds.
   */
  async reach(size: number, { fresh = false, patience = 20_000 } = {}): Promise<Result<Published, WitnessesMissing>> {
    const deadline = performance.now() + patience;
    while (this.#integrator !== null && performance.now() < deadline) {
      const known = this.latest;
      if (!fresh && known !== null && known.checkpoint.size >= size) return ok(known);
      try {
        const published = await this.#integrator.run({ refresh: fresh });
        if (published?.witnessed && published.checkpoint.size >= size) return ok(published);
      } catch {
        // What is final reaches `onFatal` through the loop; what is not is tried again until the deadline.
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return err({ code: "witnesses-missing" });
  }

  /** The note with exactly k cosignatures in the witnesses' order, the newest ones: the form an anchor carries. */
  anchorNote(published: Published): string {
    const policy = this.#policy!;
    const opened = openUnwitnessed(published.note, policy, nodeVerify);
    if (!opened.ok) throw new Error(`a checkpoint of our own does not open: ${opened.error.detail}`);
    const newest = [...opened.value.cosignatures].sort((a, b) => b.time - a.time).slice(0, policy.k);
    const cosignatures = opened.value.cosignatures.filter((cosignature) => newest.includes(cosignature));
    const trimmed = trimToQuorum({ ...opened.value, cosignatures }, policy);
    if (!trimmed.ok) throw new Error(`a checkpoint without its quorum: ${trimmed.error.detail}`);
    return encodeNote(trimmed.value);
  }

  /** The receipt of an entry under a witnessed checkpoint that covers it. */
  async receipt(index: number, under: Published): Promise<string> {
    const tree = new TileTree(under.checkpoint.size, tileFetcher(this.#parts.objects), nobleSha256);
    const proof = await tree.inclusionProof(index);
    return encodeTlogProof({ extra: null, index, proof, checkpoint: under.note });
  }
}
