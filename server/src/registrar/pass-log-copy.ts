/**
 * A registrar's own full copy of the pass log, followed over HTTP: every entry under a checkpoint with the witnesses'
 * quorum, consistent with the last one, and judged by the rulebook. What the copy says of a nullifier is what is signed.
 */
import {
  type Election,
  encodeEntry,
  encodeNote,
  Judge,
  judgePass,
  LogReader,
  type PassRules,
  type PassView,
  type Policy,
  type Surroundings,
  type Trouble,
  trouble,
} from "@hanpyo/bulletin-board";
import { nodeSha256 } from "@hanpyo/bulletin-board/node";
import {
  bytesToHex,
  decodeNonIdentity,
  encodePoint,
  G,
  modOrder,
  multiplyPublic2,
  ok,
  type Result,
  type SchnorrEquation,
} from "@hanpyo/crypto";
import type { CopiedEntry, RegistrarStore } from "./store.ts";

const stretch = 1024;

export interface PassLogCopyOptions {
  readonly around: Surroundings;
  /** Folder of the pass log on the board or a mirror, without a slash at its end. */
  readonly url: string;
  readonly policy: Policy;
  readonly election: Election;
  readonly store: RegistrarStore;
}

/** Entries judged but not yet in the database: where each nullifier stands, and how many of each class. */
interface Fresh {
  readonly entries: ReadonlyMap<string, number>;
  readonly classes: ReadonlyMap<number, number>;
}

export class PassLogCopy {
  readonly #options: PassLogCopyOptions;
  readonly #reader: LogReader;
  readonly #rules: PassRules;
  readonly #perClass: Map<number, number>;
  #size: number;
  #leaf: Uint8Array | null;
  #running: Promise<Result<number, Trouble>> | null = null;
  #last: Trouble | null = null;

  private constructor(
    options: PassLogCopyOptions,
    reader: LogReader,
    state: { size: number; leaf: Uint8Array | null },
    perClass: Map<number, number>,
  ) {
    this.#options = options;
    this.#reader = reader;
    this.#size = state.size;
    this.#leaf = state.leaf;
    this.#perClass = perClass;
    const { election } = options;
    this.#rules = {
      election: election.id,
      definition: election.definition,
      endorsementKey: (registrar) => {
        const view = election.registrars[registrar - 1];
        return view === undefined ? undefined : encodePoint(view.endorsement);
      },
    };
  }

  /** Goes on from what the database holds, also from an older state that was restored: what is missing is read again. */
  static async open(options: PassLogCopyOptions): Promise<Result<PassLogCopy, Trouble>> {
    const { around, url, policy, store } = options;
    const reader = new LogReader(around, url, policy, nodeSha256);
    const state = await store.copyState();
    if (state.note !== null) {
      const known = await reader.accept(state.note);
      if (!known.ok) return known;
    }
    return ok(new PassLogCopy(options, reader, state, new Map(await store.passesPerClass())));
  }

  /** Entries held. */
  get size(): number {
    return this.#size;
  }

  /** Why the last look at the log brought nothing, or null. */
  get fault(): Trouble | null {
    return this.#last;
  }

  passes(classIndex: number): number {
    return this.#perClass.get(classIndex) ?? 0;
  }

  /** Reads on to the newest witnessed checkpoint and gives the entries held. Callers at the same time share one look. */
  advance(): Promise<Result<number, Trouble>> {
    this.#running ??= this.#advance().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #advance(): Promise<Result<number, Trouble>> {
    const done = await this.#read();
    this.#last = done.ok ? null : done.error;
    return done;
  }

  async #read(): Promise<Result<number, Trouble>> {
    const under = await this.#reader.checkpoint();
    if (!under.ok) return under;
    const { size } = under.value.checkpoint;
    const note = encodeNote(under.value.note);
    while (this.#size < size) {
      const entries = await this.#reader.range(
        this.#size,
        Math.min(size, this.#size + stretch),
        under.value,
        this.#leaf,
      );
      if (!entries.ok) return entries;
      const copied: CopiedEntry[] = [];
      const fresh = { entries: new Map<string, number>(), classes: new Map<number, number>() };
      for (const { entry, leaf } of entries.value) {
        const judged = await this.#judge(entry.type, entry.payload, entry.index, fresh);
        if (!judged.ok) return judged;
        const { nullifier, request } = judged.value;
        copied.push({
          entry: entry.index,
          leaf,
          body: encodeEntry(entry),
          nullifier,
          class: judged.value.class,
          request,
        });
        fresh.entries.set(bytesToHex(nullifier), entry.index);
        fresh.classes.set(judged.value.class, (fresh.classes.get(judged.value.class) ?? 0) + 1);
      }
      await this.#options.store.extendCopy(copied, size, note);
      for (const each of copied) this.#perClass.set(each.class, this.passes(each.class) + 1);
      this.#size += copied.length;
      this.#leaf = copied.at(-1)!.leaf;
    }
    return ok(this.#size);
  }

  async #judge(type: number, payload: Uint8Array, index: number, fresh: Fresh) {
    // The rulebook asks at once what the database can only answer later: the nullifier is looked up before.
    const judge = new Judge();
    judge.entry = index;
    const early: PassView = {
      nullifier: (nullifier) => fresh.entries.get(bytesToHex(nullifier)),
      passes: (classIndex) => this.passes(classIndex) + (fresh.classes.get(classIndex) ?? 0),
    };
    const judged = judgePass(this.#rules, early, type, payload, judge);
    const known = judged === null ? null : await this.#options.store.pass(judged.pass.nullifier);
    if (known !== null) judge.refuse("18c", "nullifier-repeated", "a pass under this nullifier is logged", known.entry);
    const [refusal] = judge.refusals;
    if (judged === null || refusal !== undefined)
      return trouble(refusal!.code, `check ${refusal!.part} at entry ${index}: ${refusal!.detail}`, { index });
    if (!judged.endorsements.every(holds))
      return trouble("endorsement-invalid", `check 18b at entry ${index}`, { index });
    return ok(judged.pass);
  }
}

/** g^s · P^−c = A, plainly: a registrar sees few entries at a time. */
function holds({ key, commitment, challenge, response }: SchnorrEquation): boolean {
  const point = decodeNonIdentity(key);
  const first = decodeNonIdentity(commitment);
  return point.ok && first.ok && multiplyPublic2(G, response, point.value, modOrder(-challenge)).equals(first.value);
}
