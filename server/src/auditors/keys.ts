/**
 * An auditor's own folder: signing key, the 32-byte value whose hash stands in the definition, the secret of the auditors'
 * evidence key V, and what it revealed and signed. All auditors hold the same V for now; splitting it among them is later work.
 */
import path from "node:path";
import type { Ed25519Signer } from "@hanpyo/bulletin-board";
import {
  auditCommitment,
  bytesToHex,
  decodeScalar,
  encodeScalar,
  err,
  hexToBytes,
  type KeyPair,
  keyPairFrom,
  ok,
  type Result,
  randomBytes,
  randomScalar,
  Secret,
} from "@hanpyo/crypto";
import { readIfThere, writeDurably } from "../trustees/files.ts";
import { type FolderFault, PartyFolder } from "../trustees/party-folder.ts";
import { decodeReport } from "./report.ts";

export interface AuditorKeys {
  readonly signing: Ed25519Signer;
  /** 32 bytes, hidden until the count is on the record. */
  readonly value: Secret<Uint8Array>;
  /** V. */
  readonly evidence: KeyPair;
}

/** What a definition holds of an auditor, and V. */
export interface AuditorPublic {
  readonly key: Uint8Array;
  readonly commitment: Uint8Array;
  readonly evidenceKey: Uint8Array;
}

const fault = (code: FolderFault["code"], detail: string) => err<FolderFault>({ code, detail });

export class AuditorFolder {
  readonly path: string;
  readonly #party: PartyFolder;

  constructor(folder: string) {
    this.path = folder;
    this.#party = new PartyFolder(folder, new Secret("unused: this folder has no passphrase"));
  }

  /**
   * Makes what is missing. `evidence` is V's secret from another auditor's folder; without it a new V is made. A folder that
   * holds another V already is left as it is.
   */
  create(evidence?: Secret<bigint>): Result<AuditorKeys, FolderFault> {
    this.#party.createKey();
    if (readIfThere(this.#file("value")) === null) this.#writeHex("value", randomBytes(32));
    if (readIfThere(this.evidenceFile) === null)
      this.#writeHex("evidence.key", encodeScalar(evidence?.reveal() ?? randomScalar()));
    const keys = this.keys();
    if (keys.ok && evidence !== undefined && keys.value.evidence.secret.reveal() !== evidence.reveal())
      return fault("damaged", `${this.path} holds another evidence key already`);
    return keys;
  }

  keys(): Result<AuditorKeys, FolderFault> {
    const signing = this.#party.key();
    if (!signing.ok) return signing;
    const value = this.#readHex("value");
    if (!value.ok) return value;
    const evidence = readEvidenceKey(this.evidenceFile);
    if (!evidence.ok) return evidence;
    return ok({
      signing: signing.value,
      value: new Secret(value.value),
      evidence: keyPairFrom(evidence.value.reveal()),
    });
  }

  get evidenceFile(): string {
    return this.#file("evidence.key");
  }

  /** Binds the folder to one election: another one is refused for ever after. */
  pin(election: Uint8Array, index: number): Result<null, FolderFault> {
    return this.#party.pin({ election: bytesToHex(election), index });
  }

  /**
   * Notes for which draw (count and revealed values) this auditor signs, before it signs: an auditor that signed for any
   * draw it likes could help to choose the sample. A report of the same draw with other findings may follow.
   */
  pinReport(count: Uint8Array, unsigned: Uint8Array): Result<null, FolderFault> {
    const fields = decodeReport(unsigned);
    if (!fields.ok) return fault("damaged", `the report: ${fields.error}`);
    const values = fields.value.values.map((value) => (value === null ? "withheld" : bytesToHex(value)));
    const draw = [bytesToHex(count), ...values].join(" ");
    const known = this.#text("draw");
    if (known !== null && known !== draw)
      return fault("other-election", "this folder has signed the report of another draw; it signs no second one");
    if (known === null) writeDurably(this.#file("draw"), `${draw}\n`);
    return ok(null);
  }

  /** The report of this auditor's own work, without signatures: holds nothing about a person. */
  keepReport(unsigned: Uint8Array): void {
    writeDurably(this.#file("report.cbor"), unsigned);
  }

  report(): Uint8Array | null {
    return readIfThere(this.#file("report.cbor"));
  }

  #file(name: string): string {
    return path.join(this.path, name);
  }

  #text(name: string): string | null {
    const bytes = readIfThere(this.#file(name));
    return bytes === null ? null : Buffer.from(bytes).toString("utf8").trim();
  }

  #writeHex(name: string, bytes: Uint8Array): void {
    writeDurably(this.#file(name), `${bytesToHex(bytes)}\n`);
  }

  #readHex(name: string): Result<Uint8Array, FolderFault> {
    const text = this.#text(name);
    if (text === null) return fault("no-key", `${this.#file(name)} is not there; make it with keygen`);
    return /^[0-9a-f]{64}$/.test(text) ? ok(hexToBytes(text)) : fault("damaged", `${name} is not 32 bytes as hex`);
  }
}

/** V's secret from a file `evidence.key`. */
export function readEvidenceKey(file: string): Result<Secret<bigint>, FolderFault> {
  const bytes = readIfThere(file);
  if (bytes === null) return fault("no-key", `${file} is not there`);
  const text = Buffer.from(bytes).toString("utf8").trim();
  const scalar = /^[0-9a-f]{64}$/.test(text) ? decodeScalar(hexToBytes(text)) : err("form");
  return scalar.ok && scalar.value > 0n ? ok(new Secret(scalar.value)) : fault("damaged", `${file} holds no scalar`);
}

export const publicPart = ({ signing, value, evidence }: AuditorKeys): AuditorPublic => ({
  key: signing.publicKey,
  commitment: auditCommitment(value.reveal()),
  evidenceKey: evidence.encoded,
});
