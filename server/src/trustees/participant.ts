/**
 * A party's part in a key ceremony, one step at a time: looks at the record, does what is due, and says what it waits for.
 * Every step can be repeated after a crash: secrets and messages are in the folder before anything is sent.
 */
import {
  type AuthoredEntry,
  authorComplaint,
  authorConfirm,
  authorReveal,
  authorShares,
  type CeremonyRound,
  ceremonyOf,
  type Ed25519Signer,
  EntryType,
  type PartyHand,
  type RecordFollower,
  receiveShares,
  submitEntry,
  type Trouble,
} from "@hanpyo/bulletin-board";
import { bytesToHex, newDealer, ok, type Result } from "@hanpyo/crypto";
import type { FolderFault, PartyFolder } from "./party-folder.ts";

/** Where the ceremony stands for this party. `sent` = it sent that message just now; `waiting` = for those parties. */
export type CeremonyStep =
  | { readonly kind: "sent"; readonly round: number; readonly message: Message }
  | {
      readonly kind: "waiting";
      readonly round: number;
      readonly for: readonly number[];
      readonly message: "reveal" | "shares" | "confirm";
    }
  /** The round ended and no other began: too few parties remain, or officials must restart. */
  | { readonly kind: "ended"; readonly round: number; readonly named: readonly number[] }
  /** This party was named and takes no part any more. */
  | { readonly kind: "excluded"; readonly round: number }
  | { readonly kind: "completed"; readonly round: number };

type Message = "reveal" | "shares" | "confirm" | "complaint";

export interface ParticipantOptions {
  readonly follower: RecordFollower;
  readonly folder: PartyFolder;
  /** 0 = trustees, 1 = registrars. */
  readonly group: 0 | 1;
  readonly index: number;
  readonly key: Ed25519Signer;
}

export class CeremonyParticipant {
  readonly #options: ParticipantOptions;

  constructor(options: ParticipantOptions) {
    this.#options = options;
  }

  /** Reads the record and does at most one thing. */
  async step(): Promise<Result<CeremonyStep, Trouble | FolderFault>> {
    const { follower, folder, group, index } = this.#options;
    const advanced = await follower.advance();
    if (!advanced.ok) return advanced;
    const pinned = folder.pin({ election: bytesToHex(follower.election), index });
    if (!pinned.ok) return pinned;
    const state = follower.state.ceremonies[group];
    const round = state.rounds.at(-1);
    if (!round) throw new Error("a definition starts the first round");
    if (!round.parties.includes(index)) return ok({ kind: "excluded", round: round.round });
    if (state.completed) {
      folder.eraseDealer(state.completed.round);
      return ok({ kind: "completed", round: round.round });
    }
    if (round.ended) return ok({ kind: "ended", round: round.round, named: round.ended.named });
    if (!round.reveals.has(index)) return this.#reveal(round);
    const unrevealed = round.parties.filter((party) => !round.reveals.has(party));
    if (unrevealed.length > 0) return ok({ kind: "waiting", round: round.round, for: unrevealed, message: "reveal" });
    if (!round.shares.has(index)) return this.#shares(round);
    const unshared = round.parties.filter((party) => !round.shares.has(party));
    if (unshared.length > 0) return ok({ kind: "waiting", round: round.round, for: unshared, message: "shares" });
    if (!round.confirms.has(index)) return this.#judgeShares(round);
    folder.eraseDealer(round.round);
    const unconfirmed = round.parties.filter((party) => !round.confirms.has(party));
    return ok({ kind: "waiting", round: round.round, for: unconfirmed, message: "confirm" });
  }

  async #reveal(round: CeremonyRound): Promise<Result<CeremonyStep, Trouble | FolderFault>> {
    if (this.#kept(round, "reveal")) return this.#send(round, "reveal");
    const hand = this.#hand(round);
    const known = await this.#options.folder.dealer(round.round);
    if (!known.ok) return known;
    const secret = known.value ?? newDealer(hand.ceremony, this.#options.index);
    if (known.value === null) await this.#options.folder.saveDealer(secret);
    return this.#send(round, "reveal", () => authorReveal(hand, secret));
  }

  async #shares(round: CeremonyRound): Promise<Result<CeremonyStep, Trouble | FolderFault>> {
    if (this.#kept(round, "shares")) return this.#send(round, "shares");
    const secret = await this.#dealer(round);
    if (!secret.ok) return secret;
    return this.#send(round, "shares", () => authorShares(this.#hand(round), secret.value, round));
  }

  /** Confirms after the backup is written and read back; complains where a share is bad. */
  async #judgeShares(round: CeremonyRound): Promise<Result<CeremonyStep, Trouble | FolderFault>> {
    const { folder, index } = this.#options;
    // Sent already and not yet under a witnessed checkpoint: the secrets are erased, the message is not.
    for (const message of ["complaint", "confirm"] as const)
      if (this.#kept(round, message)) return this.#send(round, message);
    const hand = this.#hand(round);
    const secret = await this.#dealer(round);
    if (!secret.ok) return secret;
    const share = receiveShares(hand.ceremony, secret.value, round);
    if (!share.ok)
      return this.#send(round, "complaint", () => authorComplaint(hand, secret.value, round, share.error.from));
    const saved = await folder.saveBackup(share.value);
    if (!saved.ok) return saved;
    const sent = await this.#send(round, "confirm", () => authorConfirm(hand, index, round));
    if (sent.ok) folder.eraseDealer(round.round);
    return sent;
  }

  async #dealer(round: CeremonyRound) {
    const secret = await this.#options.folder.dealer(round.round);
    if (!secret.ok) return secret;
    if (secret.value !== null) return ok(secret.value);
    const error: FolderFault = {
      code: "damaged",
      detail: `the secrets of round ${round.round} are not in this folder; the officials have to restart the round`,
    };
    return { ok: false as const, error };
  }

  #kept(round: CeremonyRound, message: Message): boolean {
    return this.#options.folder.message(this.#name(round, message)) !== null;
  }

  #name(round: CeremonyRound, message: Message): string {
    return `${this.#options.group === 0 ? "trustee" : "registrar"}-round-${round.round}-${message}`;
  }

  /** Sends the message that was kept, or makes and keeps it first. */
  async #send(
    round: CeremonyRound,
    message: Message,
    make?: () => AuthoredEntry,
  ): Promise<Result<CeremonyStep, Trouble>> {
    const { folder, follower } = this.#options;
    const name = this.#name(round, message);
    let payload = folder.message(name);
    if (payload === null) {
      if (!make) throw new Error(`the message ${name} is gone from its folder`);
      payload = make().payload;
      folder.keepMessage(name, payload);
    }
    const sent = await sendEntry(follower, { type: EntryType[message], payload });
    return sent.ok ? ok({ kind: "sent", round: round.round, message }) : sent;
  }

  #hand(round: CeremonyRound): PartyHand {
    const { follower, group, key } = this.#options;
    return { ceremony: ceremonyOf(follower.state, group, round), key };
  }
}

/** Sends an entry to the board that is followed. */
export function sendEntry(follower: RecordFollower, entry: AuthoredEntry) {
  const { around, server, definition } = follower;
  const { origin, keys } = definition;
  return submitEntry({ around, server, origin, acknowledgementKey: keys.acknowledgement }, entry);
}
