import { setTimeout as wait } from "node:timers/promises";
import { type Clock, equalBytes, utf8ToBytes } from "@hanpyo/crypto";
import {
  type Checkpoint,
  type Cosignature,
  decodeNote,
  decodeUtf8,
  encodeNote,
  type NoteSignature,
  openUnwitnessed,
  type Policy,
  type TileTree,
  verifyNote,
} from "../log/index.ts";
import { checkpointOfNote, type SignerPort } from "../signer/signer.ts";
import type { WitnessPort } from "../witness/client.ts";
import type { EntryStore } from "./entry-store.ts";
import { PartialSweeper } from "./garbage.ts";
import { nodeVerify } from "./node-crypto.ts";
import type { ObjectStore } from "./object-store.ts";
import { Inconsistent, TileWriter } from "./tile-writer.ts";

/** The database ends before what was signed: it was restored from an older state, and `board recover` brings it back. */
export class BehindSigned extends Error {
  override readonly name = "BehindSigned";
}

/** Our own key has signed another history: stop, keep the note as evidence. */
export class ForkFound extends Error {
  override readonly name = "ForkFound";
  /** A note under our key that contradicts our log. */
  readonly evidence: string;

  constructor(message: string, evidence: string) {
    super(message);
    this.evidence = evidence;
  }
}

/** Newer times were asked for, and fewer than k witnesses gave them; what was published stands. May be tried again. */
export class QuorumMissing extends Error {
  override readonly name = "QuorumMissing";
}

/** A checkpoint that readers can now see. */
export interface Published {
  readonly checkpoint: Checkpoint;
  readonly note: string;
  readonly cosignatures: readonly Cosignature[];
  /** Whether the quorum cosigned it; without, nothing under it may be called recorded. */
  readonly witnessed: boolean;
}

/** Something an operator must see. `fork` has stopped the integrator; `witness` has not. */
export type Alarm =
  | { readonly kind: "fork"; readonly detail: string; readonly evidence: string }
  | { readonly kind: "witness"; readonly witness: string; readonly detail: string };

export interface IntegratorOptions {
  readonly store: EntryStore;
  readonly objects: ObjectStore;
  readonly signer: SignerPort;
  readonly policy: Policy;
  readonly witnesses: readonly WitnessPort[];
  readonly clock: Clock;
  /** Milliseconds a witness has for one answer; default 5,000. */
  readonly witnessTimeout?: number;
  /** Milliseconds without quorum after which checkpoints are published unwitnessed; default 60,000. */
  readonly unwitnessedAfter?: number;
  /** Whether an empty log gets a checkpoint too: anchors name one of the pass log before its first entry. */
  readonly signEmpty?: boolean;
  readonly onPublished?: (published: Published) => void | Promise<void>;
  readonly onAlarm?: (alarm: Alarm) => void;
}

/** After the quorum is there, slower witnesses may still join the same note for this many milliseconds. */
const graceAfterQuorum = 100;
/** Entries under one checkpoint at most, so that a large backlog does not wait for one late signature. */
const entriesPerStep = 65_536;

/** Milliseconds between two looks for partial tiles to remove. */
const sweepInterval = 60_000;

interface Signed {
  readonly note: string;
  readonly text: string;
  readonly checkpoint: Checkpoint;
  readonly logLine: NoteSignature;
  /** Cosignature lines that hold, by witness name. */
  readonly lines: Map<string, { line: NoteSignature; cosignature: Cosignature }>;
}

/**
 * Rows → bundles and tiles → signature → cosignatures → `checkpoint`. There is normally one per log, and two do no
 * harm: they derive the same bytes, and the signer repeats or refuses.
 */
export class Integrator {
  readonly #options: IntegratorOptions;
  readonly #writer: TileWriter;
  #policy: Policy;
  #witnesses: readonly WitnessPort[];
  #signed: Signed | null = null;
  #published: Published | null = null;
  /** The published note's text and number of cosignatures. */
  #publishedForm = "";
  /** When the oldest checkpoint that is signed but not published witnessed was signed. */
  #withoutQuorumSince: number | null = null;
  /** The size each witness last cosigned, as far as we know. */
  readonly #witnessSizes = new Map<string, number>();
  readonly #asking = new Map<string, AbortController>();
  #queue: Promise<unknown> = Promise.resolve();
  #dead: unknown = null;

  private constructor(options: IntegratorOptions, writer: TileWriter) {
    this.#options = options;
    this.#writer = writer;
    this.#policy = options.policy;
    this.#witnesses = options.witnesses;
  }

  /**
   * Checks signer, tiles, database and published checkpoint against each other. Throws `BehindSigned` (database too
   * old) or `Inconsistent` (anything else that does not fit).
   */
  static async open(options: IntegratorOptions): Promise<Integrator> {
    const { store, objects, signer, policy } = options;
    const last = await signer.last();
    const lock = last === null ? null : checkpointOfNote(last);
    const published = await readPublished(objects, policy);
    if (published !== null && published.checkpoint.size > (lock?.size ?? -1)) {
      throw new Inconsistent(
        "the published checkpoint is newer than what the signer remembers: its folder was rolled back",
      );
    }
    const head = await store.head();
    if (lock !== null && head.size < lock.size) {
      throw new BehindSigned(`the database holds ${head.size} entries, ${lock.size} are signed: run board recover`);
    }
    const integrator = new Integrator(options, await TileWriter.open(store, objects, lock));
    if (last !== null) integrator.#signed = toSigned(last, policy);
    if (published !== null) {
      if (published.checkpoint.size === lock?.size) {
        if (!equalBytes(published.checkpoint.root, lock.root)) {
          throw new Inconsistent("the published checkpoint has another root than the signer's note of that size");
        }
        integrator.#adopt(published.note);
      }
      integrator.#published = published;
      integrator.#publishedForm = formOf(published);
    }
    return integrator;
  }

  /** The newest checkpoint that readers can see, or null. */
  get published(): Published | null {
    return this.#published;
  }

  /** From the next step on: after a witness change came into force. */
  setPolicy(policy: Policy, witnesses: readonly WitnessPort[]): void {
    this.#policy = policy;
    this.#witnesses = witnesses;
    const signed = this.#signed;
    if (signed === null) return;
    const lines = [...signed.lines.values()].map(({ line }) => line);
    this.#signed = toSigned(encodeNote({ text: signed.text, signatures: [signed.logLine, ...lines] }), policy);
  }

  /**
   * One step: integrates what is new, signs, asks the witnesses, publishes. With `refresh`, witnesses are asked for
   * newer times even if nothing is new, and fewer than k of them is `QuorumMissing`. Returns what is published now. Throws what the parts throw; `ForkFound`,
   * `Inconsistent` and `BehindSigned` are final, anything else may be tried again.
   */
  run({ refresh = false } = {}): Promise<Published | null> {
    const step = this.#queue.then(() => this.#step(refresh));
    this.#queue = step.catch(() => {}); // its caller has the error
    return step;
  }

  /** Runs a step every `interval` milliseconds until stopped, and sweeps partial tiles; a final error ends it through `onFailure`, others are retried. */
  start(
    interval: number,
    onFailure: (error: unknown) => void,
    onRetry: (error: unknown) => void,
  ): { stop(): Promise<void> } {
    const ending = new AbortController();
    const { objects, clock } = this.#options;
    const sweeper = new PartialSweeper(objects, clock);
    let swept = clock.now();
    const loop = (async () => {
      while (!ending.signal.aborted) {
        try {
          await this.run();
          if (clock.now() - swept >= sweepInterval) {
            swept = clock.now();
            await sweeper.sweep();
            await objects.removeDrafts?.();
          }
        } catch (error) {
          if (this.#dead !== null) return onFailure(error);
          onRetry(error);
        }
        await wait(interval, undefined, { signal: ending.signal }).catch(() => {}); // aborted: the loop's condition sees it
      }
    })();
    return {
      stop: async () => {
        ending.abort();
        await loop;
      },
    };
  }

  async #step(refresh: boolean): Promise<Published | null> {
    if (this.#dead !== null) throw this.#dead;
    try {
      const { size } = await this.#options.store.head();
      if (size < this.#writer.size) throw new BehindSigned("the database has become shorter");
      do {
        await this.#writer.extend(Math.min(size, this.#writer.size + entriesPerStep));
        await this.#sign();
      } while (this.#writer.size < size);
      if (this.#signed === null) return null;
      let fresh = 0;
      if (refresh || this.#signed.lines.size < this.#witnesses.length)
        fresh = await this.#collect(this.#signed, refresh);
      await this.#publish(this.#signed);
      if (refresh && fresh < this.#policy.k)
        throw new QuorumMissing(`${fresh} of ${this.#policy.k} witnesses answered`);
      return this.#published;
    } catch (error) {
      if (error instanceof ForkFound || error instanceof Inconsistent || error instanceof BehindSigned) {
        this.#dead = error;
        if (error instanceof ForkFound) {
          this.#options.onAlarm?.({ kind: "fork", detail: error.message, evidence: error.evidence });
        }
      }
      throw error;
    }
  }

  async #sign(): Promise<void> {
    const { signer, store } = this.#options;
    const size = this.#writer.size;
    if ((size === 0 && !this.#options.signEmpty) || this.#signed?.checkpoint.size === size) return;
    const oldSize = this.#signed?.checkpoint.size ?? 0;
    const proof = await this.#writer.tree().consistencyProof(oldSize);
    const root = this.#writer.root();
    let answer = await signer.sign({ size, root, oldSize, proof });
    if (!answer.ok && answer.error.code === "old-size") {
      // A doubled integrator, or an answer that was lost: the signer's memory is the truth, and its tree must be ours.
      const last = answer.error.last === null ? 0 : checkpointOfNote(answer.error.last).size;
      answer = await signer.sign({
        size,
        root,
        oldSize: last,
        proof: await this.#writer.tree().consistencyProof(last),
      });
    }
    if (!answer.ok) {
      if (answer.error.code === "smaller") {
        const last = answer.error.last === null ? 0 : checkpointOfNote(answer.error.last).size;
        if ((await store.head()).size < last) throw new BehindSigned("the signer has signed a larger tree");
        throw new Error("another integrator was faster");
      }
      throw new Inconsistent(`the signer refuses size ${size}: ${answer.error.code}`);
    }
    this.#signed = toSigned(answer.value, this.#policy);
  }

  /** Asks every witness that is missing (or all); returns when all have answered, or shortly after the quorum is there. */
  async #collect(signed: Signed, refresh: boolean): Promise<number> {
    const missing = this.#witnesses.filter(({ key }) => refresh || !signed.lines.has(key.name));
    let left = missing.length;
    let fresh = refresh ? 0 : signed.lines.size;
    let fork: unknown = null;
    await new Promise<void>((resolve) => {
      if (left === 0) return resolve();
      for (const witness of missing) {
        const { name } = witness.key;
        // A slow witness that the last step did not need is asked anew instead of twice.
        this.#asking.get(name)?.abort();
        const asking = new AbortController();
        this.#asking.set(name, asking);
        const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(this.#options.witnessTimeout ?? 5_000)]);
        this.#ask(witness, signed, signal)
          .then(
            () => void fresh++,
            (error: unknown) => {
              if (error instanceof ForkFound) fork = error;
              if (asking.signal.aborted) return;
              const detail = error instanceof Error ? error.message : String(error);
              this.#options.onAlarm?.({ kind: "witness", witness: name, detail });
            },
          )
          .finally(() => {
            left--;
            if (left === 0 || fork !== null) resolve();
            else if (fresh === Math.max(1, this.#policy.k)) setTimeout(resolve, graceAfterQuorum);
          });
      }
    });
    if (fork !== null) throw fork;
    return fresh;
  }

  /** Adds the witness's cosignature to the note. Throws if there is none, and `ForkFound` if it proves a fork. */
  async #ask(witness: WitnessPort, signed: Signed, signal: AbortSignal): Promise<void> {
    const { name } = witness.key;
    const tree = this.#treeOf(signed);
    const send = async (oldSize: number) =>
      within(
        signal,
        witness.addCheckpoint({ oldSize, proof: await tree.consistencyProof(oldSize), note: signed.note }, signal),
      );
    let answer = await send(Math.min(this.#witnessSizes.get(name) ?? 0, signed.checkpoint.size));
    if (answer.kind === "conflict" && answer.size <= signed.checkpoint.size) answer = await send(answer.size);
    if (answer.kind === "conflict" || answer.kind === "inconsistent") {
      await this.#lookForFork(witness, signed, signal);
      throw new Error(`${answer.kind} without proof: the witness is wrong, or newer than this step`);
    }
    if (answer.kind === "refused") throw new Error(`refused with status ${answer.status}`);
    const verified = verifyNote({ text: signed.text, signatures: answer.lines }, [witness.key], nodeVerify);
    const time = verified.ok ? verified.value[0]?.time : undefined;
    if (time === undefined || time === null) throw new Error("its cosignature is missing or does not hold");
    const line = answer.lines.find((it) => it.name === name && it.keyId === witness.key.keyId)!;
    signed.lines.set(name, { line, cosignature: { witness: witness.key, time } });
    this.#witnessSizes.set(name, signed.checkpoint.size);
  }

  /**
   * A number or a status proves nothing, and one lying witness must not stop the board. But a witness also shows the
   * note it cosigned: if that is under our key and not our history, there is a fork, and that is final.
   */
  async #lookForFork(witness: WitnessPort, signed: Signed, signal: AbortSignal): Promise<void> {
    const { name } = this.#policy.log;
    const note = await within(signal, witness.checkpoint(name, signal));
    if (note === null) return;
    const opened = openUnwitnessed(note, { log: this.#policy.log, witnesses: [], k: 0 }, nodeVerify);
    if (!opened.ok) return;
    const { size, root } = opened.value.checkpoint;
    const newest = await this.#options.signer.last();
    if (size > (newest === null ? 0 : checkpointOfNote(newest).size)) {
      throw new ForkFound(`${witness.key.name} holds a larger tree under our key than the signer remembers`, note);
    }
    if (size <= signed.checkpoint.size && !equalBytes(await this.#treeOf(signed).root(size), root)) {
      throw new ForkFound(`${witness.key.name} holds another tree of size ${size} under our key`, note);
    }
  }

  #treeOf(signed: Signed): TileTree {
    if (signed.checkpoint.size !== this.#writer.size) throw new Error("the tree has grown meanwhile");
    return this.#writer.tree();
  }

  async #publish(signed: Signed): Promise<void> {
    const { clock, objects, unwitnessedAfter = 60_000, onPublished } = this.#options;
    const published = this.#toPublished(signed);
    if (published.witnessed) {
      this.#withoutQuorumSince = null;
    } else {
      this.#withoutQuorumSince ??= clock.now();
      if (clock.now() - this.#withoutQuorumSince < unwitnessedAfter) return;
    }
    const form = formOf(published);
    if (form === this.#publishedForm) return;
    const shown = await readPublished(objects, this.#policy);
    if (shown !== null && shown.checkpoint.size > signed.checkpoint.size)
      throw new Error("another integrator was faster");
    await objects.put({ path: "checkpoint", bytes: utf8ToBytes(published.note) });
    this.#published = published;
    this.#publishedForm = form;
    await onPublished?.(published);
  }

  #toPublished(signed: Signed): Published {
    const held = this.#policy.witnesses.flatMap(({ name }) => signed.lines.get(name) ?? []);
    return {
      checkpoint: signed.checkpoint,
      note: encodeNote({ text: signed.text, signatures: [signed.logLine, ...held.map(({ line }) => line)] }),
      cosignatures: held.map(({ cosignature }) => cosignature),
      witnessed: held.length >= this.#policy.k,
    };
  }

  /** Takes the cosignatures of an already published note over. */
  #adopt(note: string): void {
    const signed = toSigned(note, this.#policy);
    if (this.#signed !== null && signed.text === this.#signed.text) this.#signed = signed;
  }
}

/** What distinguishes a published note from the next: its text and its cosignatures. */
const formOf = (published: Published): string => published.note;

/** Rejects when the time is up even if the port does not listen to the signal. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error("no answer in time"));
    if (signal.aborted) late();
    signal.addEventListener("abort", late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", late));
  });
}

function toSigned(note: string, policy: Policy): Signed {
  const opened = openUnwitnessed(note, policy, nodeVerify);
  if (!opened.ok) throw new Inconsistent(`a checkpoint note of our own does not open: ${opened.error.detail}`);
  const lineOf = (key: { name: string; keyId: number }): NoteSignature =>
    opened.value.note.signatures.find((it) => it.name === key.name && it.keyId === key.keyId)!;
  const logLine = lineOf(policy.log);
  const { text } = opened.value.note;
  return {
    note: encodeNote({ text, signatures: [logLine] }),
    text,
    checkpoint: opened.value.checkpoint,
    logLine,
    lines: new Map(
      opened.value.cosignatures.map((cosignature) => [
        cosignature.witness.name,
        { line: lineOf(cosignature.witness), cosignature },
      ]),
    ),
  };
}

/** The published checkpoint, or null. Throws `Inconsistent` if it is not a note of our key. */
export async function readPublished(objects: ObjectStore, policy: Policy): Promise<Published | null> {
  const bytes = await objects.get("checkpoint");
  if (bytes === null) return null;
  const text = decodeUtf8(bytes);
  const note = text.ok ? decodeNote(text.value) : text;
  const opened = text.ok && note.ok ? openUnwitnessed(text.value, policy, nodeVerify) : note;
  if (!opened.ok || !("cosignatures" in opened.value))
    throw new Inconsistent("the published checkpoint is not of this log");
  const { checkpoint, cosignatures } = opened.value;
  return {
    checkpoint,
    cosignatures,
    note: encodeNote(opened.value.note),
    witnessed: cosignatures.length >= policy.k,
  };
}
