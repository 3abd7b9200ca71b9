/**
 * The folder of a party that starts unattended: the same files as a trustee's, but the secrets stand in files of their owner
 * alone instead of under a passphrase that nobody is there to type. Protecting the disk is the operator's part
 * (docs/operations.md).
 */
import { existsSync } from "node:fs";
import path from "node:path";
import {
  bytesToHex,
  type DealerSecret,
  decodeDealerSecret,
  decodeShareSecret,
  encodeDealerSecret,
  encodeShareSecret,
  err,
  ok,
  type Result,
  Secret,
  type ShareSecret,
} from "@hanpyo/crypto";
import { eraseFile, readIfThere, writeDurably } from "../trustees/files.ts";
import { type FolderFault, PartyFolder } from "../trustees/party-folder.ts";

const damaged = (detail: string) => err<FolderFault>({ code: "damaged", detail });

export class ServerFolder extends PartyFolder {
  constructor(folder: string) {
    super(folder, new Secret("unused: this folder has no passphrase"));
  }

  override async saveDealer(secret: DealerSecret): Promise<void> {
    writeDurably(this.#dealer(secret.round), encodeDealerSecret(secret).reveal());
  }

  override async dealer(round: number): Promise<Result<DealerSecret | null, FolderFault>> {
    const file = readIfThere(this.#dealer(round));
    if (file === null) return ok(null);
    const secret = decodeDealerSecret(new Secret(file));
    return secret.ok ? secret : damaged(`the secrets of round ${round}: ${secret.error}`);
  }

  override eraseDealer(round: number): void {
    eraseFile(this.#dealer(round));
  }

  override async saveBackup(share: ShareSecret): Promise<Result<null, FolderFault>> {
    writeDurably(this.#share, encodeShareSecret(share).reveal());
    const back = await this.backup();
    if (!back.ok) return back;
    const same = bytesToHex(back.value.keys.encoded) === bytesToHex(share.keys.encoded);
    return same ? ok(null) : damaged("the share is not what was written");
  }

  override async backup(): Promise<Result<ShareSecret, FolderFault>> {
    const file = readIfThere(this.#share);
    if (file === null) return err({ code: "no-backup", detail: `${this.#share} is not there` });
    const share = decodeShareSecret(new Secret(file));
    return share.ok ? share : damaged(`the share: ${share.error}`);
  }

  /** Destroys the share of the key for good: after the contest period, on its operator's command. */
  destroyShare(): void {
    eraseFile(this.#share);
    writeDurably(path.join(this.path, "share.destroyed"), "");
  }

  get shareDestroyed(): boolean {
    return existsSync(path.join(this.path, "share.destroyed"));
  }

  get #share(): string {
    return path.join(this.path, "share.secret");
  }

  #dealer(round: number): string {
    return path.join(this.path, `dealer-${round}.secret`);
  }
}
