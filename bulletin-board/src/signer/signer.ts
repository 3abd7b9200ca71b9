import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type Clock, equalBytes, err, ok, type Result } from "@hanpyo/crypto";
import {
  type Checkpoint,
  decodeBase64,
  decodeCheckpoint,
  type Ed25519Signer,
  emptyRoot,
  encodeBase64,
  encodeCheckpoint,
  encodeNote,
  isKeyName,
  keyType,
  openUnwitnessed,
  signNote,
  type VerifierKey,
  verifierKey,
  verifyConsistency,
} from "../log/index.ts";
import { DurableCell, makeFolder, replaceFile } from "../store/durable.ts";
import { nodeSha256, nodeVerify } from "../store/node-crypto.ts";
import { keyFile, readKeyFile } from "./key-file.ts";

/** A request to sign the tree of `size` entries; `proof` is the consistency proof from the last signed size `oldSize`. */
export interface SignRequest {
  readonly size: number;
  readonly root: Uint8Array;
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
}

/**
 * `smaller`: below the last signed size; `other-root`: a second root for that size; `old-size`: the proof starts
 * elsewhere; `proof`: it does not hold; `clock`: time went back behind the last signature; `origin`: not signed for here.
 */
export type SignerRefusalCode = "smaller" | "other-root" | "old-size" | "proof" | "clock" | "origin";

export interface SignerRefusal {
  readonly code: SignerRefusalCode;
  /** The last signed note, or null. */
  readonly last: string | null;
}

/** What the integrator needs of a signer, in process or over HTTP. Connection failures throw. */
export interface SignerPort {
  /** The last signed note, or null if nothing was ever signed. */
  last(): Promise<string | null>;
  /** The signed checkpoint note without cosignatures. */
  sign(request: SignRequest): Promise<Result<string, SignerRefusal>>;
}

/** Hex SHA-256 of an origin: its folder and URL segment, as in tlog-witness. */
export const originHash = (origin: string): string => createHash("sha256").update(origin).digest("hex");

interface Lock {
  /** Milliseconds since 1970 of the last signature. */
  readonly time: number;
  readonly note: string | null;
}

/** Signs the checkpoints of one origin and durably remembers the last one; it can be made to repeat itself, never to contradict itself. */
export class CheckpointSigner implements SignerPort {
  readonly key: VerifierKey;
  readonly #signer: Ed25519Signer;
  readonly #cell: DurableCell;
  readonly #clock: Clock;
  #lock: Lock;
  #last: Checkpoint | null;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(key: VerifierKey, signer: Ed25519Signer, cell: DurableCell, clock: Clock) {
    this.key = key;
    this.#signer = signer;
    this.#cell = cell;
    this.#clock = clock;
    this.#lock = decodeLock(cell.value);
    this.#last = this.#lock.note === null ? null : openLast(this.#lock.note, key);
  }

  /** Makes key and empty lock of an origin in its own folder below `folder`; opens them if they are there. */
  static async create(folder: string, origin: string, clock: Clock): Promise<CheckpointSigner> {
    if (!isKeyName(origin)) throw new RangeError("not an origin");
    const own = path.join(folder, originHash(origin));
    await makeFolder(own, 0o700);
    // The origin file comes last: a folder with it is complete, so that a lost lock is never mistaken for a new log.
    if ((await readdir(own)).includes("origin")) return CheckpointSigner.open(folder, origin, clock);
    await keyFile(path.join(own, "key"));
    if ((await DurableCell.open(own, "lock")) === null) {
      await DurableCell.create(own, "lock", encodeLock({ time: 0, note: null }));
    }
    await replaceFile(path.join(own, "origin"), `${origin}\n`);
    return CheckpointSigner.open(folder, origin, clock);
  }

  /** Throws if the key, the lock or the origin is missing, or if the clock is behind the last signature. */
  static async open(folder: string, origin: string, clock: Clock): Promise<CheckpointSigner> {
    const own = path.join(folder, originHash(origin));
    if ((await readFile(path.join(own, "origin"), "utf8")) !== `${origin}\n`)
      throw new Error(`${own} is of another origin`);
    const signer = await readKeyFile(path.join(own, "key"));
    const cell = await DurableCell.open(own, "lock");
    if (cell === null) throw new Error(`${own} has lost its lock: nothing may be signed with this key again`);
    const made = new CheckpointSigner(verifierKey(origin, keyType.note, signer.publicKey), signer, cell, clock);
    if (clock.now() < made.#lock.time) throw new Error("the clock is behind the last signature");
    return made;
  }

  async last(): Promise<string | null> {
    return this.#lock.note;
  }

  /** One at a time. The note is durable before it is returned. Throws if it could not be made durable. */
  sign(request: SignRequest): Promise<Result<string, SignerRefusal>> {
    const answer = this.#queue.then(() => this.#sign(request));
    this.#queue = answer.catch(() => {}); // the caller of `sign` gets the error; the next one its own
    return answer;
  }

  async #sign({ size, root, oldSize, proof }: SignRequest): Promise<Result<string, SignerRefusal>> {
    const refuse = (code: SignerRefusalCode) => err({ code, last: this.#lock.note });
    const last = this.#last ?? { size: 0, root: emptyRoot(nodeSha256) };
    if (size < last.size) return refuse("smaller");
    if (this.#lock.note !== null && size === last.size) {
      return equalBytes(root, last.root) ? ok(this.#lock.note) : refuse("other-root");
    }
    if (oldSize !== last.size) return refuse("old-size");
    if (!verifyConsistency(proof, last, { size, root }, nodeSha256)) return refuse("proof");
    const time = this.#clock.now();
    if (time < this.#lock.time) return refuse("clock");
    const checkpoint: Checkpoint = { origin: this.key.name, size, root };
    const text = encodeCheckpoint(checkpoint);
    const lock = { time, note: encodeNote({ text, signatures: [signNote(text, this.key, this.#signer)] }) };
    await this.#cell.replace(encodeLock(lock));
    this.#lock = lock;
    this.#last = checkpoint;
    return ok(lock.note);
  }
}

const encodeLock = ({ time, note }: Lock): string =>
  `${time}\n${note === null ? "" : encodeBase64(Buffer.from(note))}\n`;

function decodeLock(text: string): Lock {
  const match = /^(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]*)\n$/.exec(text);
  const note = decodeBase64(match?.[2] ?? "");
  if (match === null || !note.ok) throw new Error("the signer's lock is damaged");
  return { time: Number(match[1]), note: match[2] === "" ? null : Buffer.from(note.value).toString("utf8") };
}

function openLast(note: string, key: VerifierKey): Checkpoint {
  const opened = openUnwitnessed(note, { log: key, witnesses: [], k: 0 }, nodeVerify);
  if (!opened.ok) throw new Error(`the signer's lock does not hold a note of its key: ${opened.error.detail}`);
  return opened.value.checkpoint;
}

/** All origins of one signer's folder. */
export class SignerHost {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #signers = new Map<string, CheckpointSigner>();

  private constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Opens every complete origin in the folder. */
  static async open(folder: string, clock: Clock): Promise<SignerHost> {
    const host = new SignerHost(path.resolve(folder), clock);
    await makeFolder(host.#folder, 0o700);
    for (const name of await readdir(host.#folder)) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const files = await readdir(path.join(host.#folder, name));
      if (!files.includes("origin")) continue; // its making was interrupted, and nobody was told its key
      const origin = (await readFile(path.join(host.#folder, name, "origin"), "utf8")).trimEnd();
      host.#signers.set(name, await CheckpointSigner.open(host.#folder, origin, clock));
    }
    return host;
  }

  /** Makes key and lock of an origin, or opens them. */
  async create(origin: string): Promise<CheckpointSigner> {
    const hash = originHash(origin);
    const signer = this.#signers.get(hash) ?? (await CheckpointSigner.create(this.#folder, origin, this.#clock));
    this.#signers.set(hash, signer);
    return signer;
  }

  /** By `originHash`. */
  byHash(hash: string): CheckpointSigner | undefined {
    return this.#signers.get(hash);
  }
}

/** The checkpoint a note of the signer's talks about; throws if it is none (its own process is not an outsider). */
export function checkpointOfNote(note: string): Checkpoint {
  const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
  const checkpoint = decodeCheckpoint(text);
  if (!checkpoint.ok) throw new Error(`not a checkpoint note: ${checkpoint.error.detail}`);
  return checkpoint.value;
}
