/**
 * A party's own folder: its signing key, the election it belongs to, the secrets of a ceremony under a passphrase, and
 * every message it signed, kept before it is sent so that a message is sent again as it was and never twice differently.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { type Ed25519Signer, nobleSigner } from "@hanpyo/bulletin-board";
import {
  bytesToHex,
  type DealerSecret,
  decodeDealerSecret,
  decodeShareSecret,
  decryptBackup,
  encodeDealerSecret,
  encodeShareSecret,
  encryptBackup,
  err,
  hexToBytes,
  ok,
  type Result,
  randomBytes,
  type Secret,
  type ShareSecret,
} from "@hanpyo/crypto";
import { eraseFile, readIfThere, writeDurably } from "./files.ts";

/** Why a folder does not give what was asked of it; `detail` is for its owner. */
export interface FolderFault {
  readonly code: "no-key" | "no-backup" | "passphrase" | "damaged" | "other-election";
  readonly detail: string;
}
const fault = (code: FolderFault["code"], detail: string) => err<FolderFault>({ code, detail });

/** What a folder is pinned to once its party has signed anything. */
export interface Pin {
  /** E as hex. */
  readonly election: string;
  readonly index: number;
}

/** What a party published for the tally, in its own words: it signs no second one. */
export interface TallyNote {
  /** C as hex. */
  readonly context: string;
  /** Leaf hash of the encrypted tally as hex. */
  readonly tally: string;
}

export class PartyFolder {
  readonly path: string;
  readonly #passphrase: Secret<string>;
  /** Opened once per process: the passphrase's key takes a second each time. */
  readonly #dealers = new Map<number, DealerSecret>();

  constructor(folder: string, passphrase: Secret<string>) {
    this.path = folder;
    this.#passphrase = passphrase;
  }

  /** The signing key of this folder, made if there is none. */
  createKey(): Ed25519Signer {
    const existing = readIfThere(this.#file("signing.key"));
    if (existing === null) writeDurably(this.#file("signing.key"), `${bytesToHex(randomBytes(32))}\n`);
    const key = this.key();
    if (!key.ok) throw new Error(key.error.detail);
    return key.value;
  }

  key(): Result<Ed25519Signer, FolderFault> {
    const bytes = readIfThere(this.#file("signing.key"));
    if (bytes === null) return fault("no-key", `${this.path} holds no signing key; make one with keygen`);
    const text = Buffer.from(bytes).toString("utf8").trim();
    if (!/^[0-9a-f]{64}$/.test(text)) return fault("damaged", "signing.key is not 32 bytes as hex");
    return ok(nobleSigner(hexToBytes(text)));
  }

  /** Binds the folder to one election and index; another one is refused for ever after. */
  pin(pin: Pin): Result<null, FolderFault> {
    const known = this.#json<Pin>("election.json");
    if (known === null) {
      writeDurably(this.#file("election.json"), `${JSON.stringify(pin)}\n`);
      return ok(null);
    }
    if (known.election === pin.election && known.index === pin.index) return ok(null);
    return fault("other-election", `this folder belongs to party ${known.index} of election ${known.election}`);
  }

  pinned(): Pin | null {
    return this.#json<Pin>("election.json");
  }

  async saveDealer(secret: DealerSecret): Promise<void> {
    this.#dealers.delete(secret.round);
    const file = await encryptBackup(encodeDealerSecret(secret), this.#passphrase);
    writeDurably(this.#dealerFile(secret.round), file);
    this.#dealers.set(secret.round, secret);
  }

  async dealer(round: number): Promise<Result<DealerSecret | null, FolderFault>> {
    const known = this.#dealers.get(round);
    if (known) return ok(known);
    const file = readIfThere(this.#dealerFile(round));
    if (file === null) return ok(null);
    const opened = await this.#open(file, `the secrets of round ${round}`);
    if (!opened.ok) return opened;
    const secret = decodeDealerSecret(opened.value);
    if (secret.ok) this.#dealers.set(round, secret.value);
    return secret.ok ? secret : fault("damaged", `the secrets of round ${round}: ${secret.error}`);
  }

  /** Channel key and polynomial of a round; what remains of them is the share in the backup. */
  eraseDealer(round: number): void {
    this.#dealers.delete(round);
    eraseFile(this.#dealerFile(round));
  }

  /** Writes the backup of the share and reads it back: only then may the party confirm. */
  async saveBackup(share: ShareSecret): Promise<Result<null, FolderFault>> {
    writeDurably(this.backupFile, await encryptBackup(encodeShareSecret(share), this.#passphrase));
    const back = await this.backup();
    if (!back.ok) return back;
    const same = bytesToHex(back.value.keys.encoded) === bytesToHex(share.keys.encoded);
    return same ? ok(null) : fault("damaged", "the backup does not hold what was written");
  }

  get backupFile(): string {
    return this.#file("backup.hanpyo");
  }

  async backup(): Promise<Result<ShareSecret, FolderFault>> {
    const file = readIfThere(this.backupFile);
    if (file === null) return fault("no-backup", `${this.backupFile} is not there`);
    const opened = await this.#open(file, "the backup");
    if (!opened.ok) return opened;
    const share = decodeShareSecret(opened.value);
    return share.ok ? share : fault("damaged", `the backup: ${share.error}`);
  }

  /** A signed message, as it was or will be sent. */
  message(name: string): Uint8Array | null {
    return readIfThere(this.#file("sent", `${name}.cbor`));
  }

  keepMessage(name: string, payload: Uint8Array): void {
    writeDurably(this.#file("sent", `${name}.cbor`), payload);
  }

  tallyNote(): TallyNote | null {
    return this.#json<TallyNote>("tally.json");
  }

  /** Durable before it returns. Throws if another tally is noted: the caller asks before. */
  noteTally(note: TallyNote): void {
    const known = this.tallyNote();
    if (known !== null && (known.context !== note.context || known.tally !== note.tally))
      throw new Error("another tally is noted in this folder");
    if (known === null) writeDurably(this.#file("tally.json"), `${JSON.stringify(note)}\n`);
  }

  /** Names of the rounds whose secrets are still there; for the owner's eyes. */
  openRounds(): string[] {
    return readdirSync(this.path).filter((name) => name.startsWith("round-"));
  }

  async #open(file: Uint8Array, what: string): Promise<Result<Secret<Uint8Array>, FolderFault>> {
    const opened = await decryptBackup(file, this.#passphrase);
    if (opened.ok) return opened;
    return opened.error === "passphrase"
      ? fault("passphrase", `the passphrase does not open ${what}`)
      : fault("damaged", `${what}: ${opened.error}`);
  }

  #json<T>(name: string): T | null {
    const bytes = readIfThere(this.#file(name));
    return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString("utf8")) as T);
  }

  #dealerFile(round: number): string {
    return this.#file(`round-${round}.secret`);
  }

  #file(...names: string[]): string {
    return path.join(this.path, ...names);
  }
}
