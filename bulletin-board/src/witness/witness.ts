import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { type Clock, equalBytes } from "@hanpyo/crypto";
import {
  type Checkpoint,
  cosign,
  decodeBase64,
  decodeCheckpoint,
  decodeNote,
  decodeUtf8,
  decodeVkey,
  type Ed25519Signer,
  emptyRoot,
  encodeNote,
  encodeSignatureLine,
  encodeVkey,
  keyType,
  type SignedNote,
  type VerifierKey,
  verifierKey,
  verifyConsistency,
  verifyNote,
} from "../log/index.ts";
import { keyFile } from "../signer/key-file.ts";
import { originHash } from "../signer/signer.ts";
import { DurableCell, makeFolder, replaceFile } from "../store/durable.ts";
import { nodeSha256, nodeVerify } from "../store/node-crypto.ts";

/** What goes back to the caller, with the exact status codes of c2sp.org/tlog-witness. */
export interface WitnessResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface WitnessOptions {
  /** Its key and what it has cosigned; nobody else's. */
  readonly folder: string;
  /** Key name, a schema-less URL. */
  readonly name: string;
  readonly clock: Clock;
  /** Path before `/add-checkpoint`, without a slash at its end; default none. */
  readonly prefix?: string;
}

/** The newest tree of a log that this witness has cosigned. */
interface Witnessed {
  /** Seconds since 1970 of the cosignature. */
  readonly time: number;
  readonly checkpoint: Checkpoint;
  /** The log's signature and ours. */
  readonly note: SignedNote;
}

const maxBody = 200_000;
const plainText = "text/plain; charset=utf-8";

const respond = (status: number, body: string, contentType: string = plainText): WitnessResponse => ({
  status,
  contentType,
  body,
});

/** One log as the witness knows it. Requests are answered one after the other: check and record are one step. */
class WitnessedLog {
  readonly key: VerifierKey;
  readonly #cell: DurableCell;
  #newest: Witnessed | null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(key: VerifierKey, cell: DurableCell) {
    this.key = key;
    this.#cell = cell;
    this.#newest = decodeState(cell.value);
  }

  get newest(): Witnessed | null {
    return this.#newest;
  }

  /** Runs `step` alone; it returns what to record, if anything, beside its answer. */
  alone<T>(step: () => { readonly answer: T; readonly record?: Witnessed }): Promise<T> {
    const run = this.#queue.then(async () => {
      const { answer, record } = step();
      if (record !== undefined) {
        await this.#cell.replace(encodeNote(record.note));
        this.#newest = record;
      }
      return answer;
    });
    this.#queue = run.catch(() => {}); // its caller has the error
    return run;
  }
}

/** A C2SP tlog-witness: it cosigns a log's checkpoint only if it is consistent with the last one it cosigned. */
export class Witness {
  readonly key: VerifierKey;
  readonly prefix: string;
  readonly #folder: string;
  readonly #signer: Ed25519Signer;
  readonly #clock: Clock;
  readonly #logs = new Map<string, WitnessedLog>();

  private constructor(options: WitnessOptions, signer: Ed25519Signer) {
    this.key = verifierKey(options.name, keyType.cosignature, signer.publicKey);
    this.prefix = options.prefix ?? "";
    this.#folder = path.resolve(options.folder);
    this.#signer = signer;
    this.#clock = options.clock;
  }

  /** Opens the folder, generating the key the first time, with every log added before. */
  static async open(options: WitnessOptions): Promise<Witness> {
    const folder = path.resolve(options.folder);
    await makeFolder(folder, 0o700);
    const witness = new Witness(options, await keyFile(path.join(folder, "key")));
    for (const hash of await readdir(folder)) {
      if (!/^[0-9a-f]{64}$/.test(hash)) continue;
      const own = path.join(folder, hash);
      if (!(await readdir(own)).includes("vkey")) continue; // its adding was interrupted and never confirmed
      const key = decodeVkey((await readFile(path.join(own, "vkey"), "utf8")).trimEnd());
      const cell = await DurableCell.open(own, "newest");
      if (!key.ok || cell === null) throw new Error(`${own} is damaged: what was cosigned there is unknown`);
      witness.#logs.set(hash, new WitnessedLog(key.value, cell));
    }
    return witness;
  }

  /** Watches a log from now on. Adding it again is fine; another key for a known origin throws. */
  async addLog(key: VerifierKey): Promise<void> {
    if (key.type !== keyType.note) throw new RangeError("a log's key is a note key");
    const hash = originHash(key.name);
    const known = this.#logs.get(hash);
    if (known !== undefined) {
      if (encodeVkey(known.key) !== encodeVkey(key)) throw new Error(`${key.name} is known with another key`);
      return;
    }
    const own = path.join(this.#folder, hash);
    await makeFolder(own, 0o700);
    const cell = (await DurableCell.open(own, "newest")) ?? (await DurableCell.create(own, "newest", ""));
    await replaceFile(path.join(own, "vkey"), `${encodeVkey(key)}\n`);
    this.#logs.set(hash, new WitnessedLog(key, cell));
  }

  /** `POST <prefix>/add-checkpoint` with this body. */
  async addCheckpoint(body: string): Promise<WitnessResponse> {
    const request = decodeAddCheckpoint(body);
    if (request === null) return respond(400, "malformed\n");
    const { oldSize, proof, note, checkpoint } = request;
    const log = this.#logs.get(originHash(checkpoint.origin));
    if (log === undefined) return respond(404, "unknown origin\n");
    const verified = verifyNote(note, [log.key], nodeVerify);
    if (!verified.ok || verified.value.length === 0)
      return respond(403, "the log's signature is missing or does not hold\n");
    if (oldSize > checkpoint.size) return respond(400, "old size is above the checkpoint's\n");
    return log.alone<WitnessResponse>(() => {
      const last = log.newest?.checkpoint ?? { size: 0, root: emptyRoot(nodeSha256) };
      if (oldSize !== last.size) return { answer: respond(409, `${last.size}\n`, "text/x.tlog.size") };
      if (log.newest !== null && checkpoint.size === last.size && !equalBytes(checkpoint.root, last.root)) {
        return { answer: respond(422, "another root for a size that was cosigned\n") };
      }
      if (!verifyConsistency(proof, last, checkpoint, nodeSha256)) {
        return { answer: respond(422, "the consistency proof does not hold\n") };
      }
      const time = Math.floor(this.#clock.now() / 1000);
      if (time < (log.newest?.time ?? 0)) return { answer: respond(503, "this witness's clock went back\n") };
      const line = cosign(note.text, time, this.key, this.#signer);
      const ofLog = note.signatures.filter((it) => it.name === log.key.name && it.keyId === log.key.keyId);
      const record: Witnessed = { time, checkpoint, note: { text: note.text, signatures: [ofLog[0]!, line] } };
      return { answer: respond(200, encodeSignatureLine(line)), record };
    });
  }

  /** `GET <prefix>/<hash>/checkpoint`: the newest cosigned checkpoint of the origin with that hash. */
  checkpointOf(hash: string): WitnessResponse {
    const newest = this.#logs.get(hash)?.newest;
    return newest ? respond(200, encodeNote(newest.note)) : respond(404, "nothing cosigned\n");
  }

  /** Answers a `node:http` request; false if the path is not this witness's. Rejects if its state cannot be made durable. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const answer = await this.#route(request);
    if (answer === null) return false;
    if (answer === "gone") {
      response.destroy();
      return true;
    }
    response.writeHead(answer.status, { "content-type": answer.contentType }).end(answer.body);
    return true;
  }

  async #route(request: IncomingMessage): Promise<WitnessResponse | "gone" | null> {
    const target = request.url ?? "";
    if (target === `${this.prefix}/add-checkpoint`) {
      if (request.method !== "POST") return respond(405, "POST only\n");
      const bytes = await readBody(request);
      if (bytes === null) return "gone";
      if (bytes.length > maxBody) return respond(413, "too long\n");
      const body = decodeUtf8(bytes);
      return body.ok ? this.addCheckpoint(body.value) : respond(400, "malformed\n");
    }
    const match = target.startsWith(`${this.prefix}/`)
      ? /^([0-9a-f]{64})\/checkpoint$/.exec(target.slice(this.prefix.length + 1))
      : null;
    if (match === null) return null;
    return request.method === "GET" ? this.checkpointOf(match[1]!) : respond(405, "GET only\n");
  }
}

/** The body up to one chunk above the limit; null if the caller hung up, which is no failure of ours. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBody) break;
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}

/** Opens a witness: `createWitness(options)` then `addLog` and `handle`. */
export const createWitness = (options: WitnessOptions): Promise<Witness> => Witness.open(options);

/** Strict parse of an add-checkpoint body; null if it is not one. */
function decodeAddCheckpoint(body: string) {
  const blank = body.indexOf("\n\n");
  if (blank < 0) return null;
  const [old, ...hashes] = body.slice(0, blank).split("\n");
  const size = /^old (0|[1-9][0-9]{0,15})$/.exec(old!);
  if (size === null || !Number.isSafeInteger(Number(size[1])) || hashes.length > 63) return null;
  const proof = hashes.flatMap((line) => {
    const hash = decodeBase64(line);
    return hash.ok && hash.value.length === 32 ? [hash.value] : [];
  });
  if (proof.length !== hashes.length) return null;
  const note = decodeNote(body.slice(blank + 2));
  if (!note.ok) return null;
  const checkpoint = decodeCheckpoint(note.value.text);
  return checkpoint.ok ? { oldSize: Number(size[1]), proof, note: note.value, checkpoint: checkpoint.value } : null;
}

/** Reads what this witness itself wrote; throws if it is damaged. */
function decodeState(text: string): Witnessed | null {
  if (text === "") return null;
  const note = decodeNote(text);
  const checkpoint = note.ok ? decodeCheckpoint(note.value.text) : note;
  const line = note.ok ? note.value.signatures[1] : undefined;
  if (!note.ok || !checkpoint.ok || line?.signature.length !== 72) throw new Error("the witness's state is damaged");
  const time = Number(new DataView(line.signature.buffer, line.signature.byteOffset).getBigUint64(0));
  return { time, checkpoint: checkpoint.value, note: note.value };
}
