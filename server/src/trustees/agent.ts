/**
 * A trustee's own software. It believes the record under its witnesses and its own folder, never a server's word: it
 * takes part in the ceremony, proves its backup, verifies everything before it decrypts, and decrypts one tally only.
 */
import {
  authorDrill,
  ceremonyOf,
  type Ed25519Signer,
  EntryType,
  makeShare,
  RecordFollower,
  type Surroundings,
  type Trouble,
} from "@hanpyo/bulletin-board";
import { bytesToHex, err, ok, type Result } from "@hanpyo/crypto";
import { CeremonyParticipant, type CeremonyStep, sendEntry } from "./participant.ts";
import type { FolderFault, PartyFolder } from "./party-folder.ts";

export interface TrusteeOptions {
  readonly around: Surroundings;
  readonly server: string;
  readonly folder: PartyFolder;
  /** E and the trustee's index, where its owner states them; both are pinned in the folder at the first signature. */
  readonly election?: Uint8Array | undefined;
  readonly index?: number | undefined;
}

/** Why an agent does not do what it was asked; `detail` is for its owner. */
export interface AgentFault {
  readonly code: "not-a-trustee" | "too-early" | "not-verified" | "second-tally" | "nothing-to-open" | "key-differs";
  readonly detail: string;
}
const fault = (code: AgentFault["code"], detail: string) => err<AgentFault>({ code, detail });

export type AgentTrouble = Trouble | FolderFault | AgentFault;

/** A verification of the record up to the encrypted tally, checks 1–20 (18 without its audit). */
export interface TallyVerification {
  readonly ok: boolean;
  /** One line per check, for people. */
  readonly lines: readonly string[];
  /** Entries of the record that were verified. */
  readonly size: number;
  /** The checkpoint they stand under, a signed note. */
  readonly checkpoint: string;
}
/** Verifies the record at a server, by itself, from its first byte. */
export type TallyVerifier = (server: string, around: Surroundings) => Promise<Result<TallyVerification, Trouble>>;

export class TrusteeAgent {
  readonly follower: RecordFollower;
  readonly index: number;
  readonly #folder: PartyFolder;
  readonly #key: Ed25519Signer;

  private constructor(follower: RecordFollower, folder: PartyFolder, key: Ed25519Signer, index: number) {
    this.follower = follower;
    this.index = index;
    this.#folder = folder;
    this.#key = key;
  }

  /** Reads the record so far and finds this folder's key among the trustees. */
  static async open(options: TrusteeOptions): Promise<Result<TrusteeAgent, AgentTrouble>> {
    const key = options.folder.key();
    if (!key.ok) return key;
    const follower = await RecordFollower.open(options);
    if (!follower.ok) return follower;
    const election = bytesToHex(follower.value.election);
    const pinned = options.folder.pinned();
    if (pinned !== null && pinned.election !== election)
      return err({ code: "other-election", detail: `this folder belongs to election ${pinned.election}` });
    const wanted = bytesToHex(key.value.publicKey);
    const index = follower.value.definition.trustees.findIndex((it) => bytesToHex(it.key) === wanted) + 1;
    if (index === 0) return fault("not-a-trustee", "the definition does not name this folder's key as a trustee's");
    if (options.index !== undefined && options.index !== index)
      return fault("not-a-trustee", `this folder holds the key of trustee ${index}`);
    return ok(new TrusteeAgent(follower.value, options.folder, key.value, index));
  }

  /** One step of the ceremony. */
  step(): Promise<Result<CeremonyStep, AgentTrouble>> {
    const { follower, index } = this;
    return new CeremonyParticipant({ follower, folder: this.#folder, group: 0, index, key: this.#key }).step();
  }

  /** Whether the record holds this trustee's drill for the completed round. */
  get drilled(): boolean {
    return this.follower.state.drills.has(this.index);
  }

  /** Proves, from the backup file, that it holds the share. Posting it twice changes nothing. */
  async drill(): Promise<Result<"sent" | "there", AgentTrouble>> {
    const advanced = await this.follower.advance();
    if (!advanced.ok) return advanced;
    const ceremony = this.follower.state.ceremonies[0];
    const { completed } = ceremony;
    if (!completed) return fault("too-early", "the ceremony is not complete");
    if (this.drilled) return ok("there");
    const share = await this.#share();
    if (!share.ok) return share;
    const name = `drill-${completed.round}`;
    let payload = this.#folder.message(name);
    if (payload === null) {
      const hand = { ceremony: ceremonyOf(this.follower.state, 0, completed), key: this.#key };
      payload = authorDrill(hand, share.value, completed.lastConfirm).payload;
      this.#folder.keepMessage(name, payload);
    }
    const sent = await sendEntry(this.follower, { type: EntryType.drill, payload });
    return sent.ok ? ok("sent") : sent;
  }

  /**
   * Verifies, notes the tally durably beside the key, and only then decrypts and posts. A folder that has noted a tally
   * decrypts no other one, whatever a record says; asked again for the same, it sends the same share.
   */
  async share(verify: TallyVerifier): Promise<Result<"sent" | "there", AgentTrouble>> {
    const advanced = await this.follower.advance();
    if (!advanced.ok) return advanced;
    const { state, election, server, around } = this.follower;
    if (state.tally === null || state.context === null) return fault("too-early", "there is no encrypted tally yet");
    const note = { context: bytesToHex(state.context), tally: bytesToHex(state.tally.leafHash) };
    const known = this.#folder.tallyNote();
    if (known !== null && (known.context !== note.context || known.tally !== note.tally))
      return fault("second-tally", `this folder has decrypted the tally ${known.tally}; it decrypts no other`);
    if (state.shares.has(this.index)) return ok("there");

    const verified = await verify(server, around);
    if (!verified.ok) return verified;
    const covers = verified.value.ok && verified.value.size > state.tally.entry;
    if (!covers) return fault("not-verified", verified.value.lines.join("\n"));
    // The verifier read the record anew; it must be the one that this agent follows.
    const same = await this.follower.accept(verified.value.checkpoint);
    if (!same.ok) return same;
    const secret = await this.#share();
    if (!secret.ok) return secret;

    this.#folder.noteTally(note);
    const name = `share-${note.tally.slice(0, 16)}`;
    let payload = this.#folder.message(name);
    if (payload === null) {
      const made = makeShare({ election, context: state.context, tally: state.tally, secret: secret.value }, this.#key);
      if (!made.ok) return fault("nothing-to-open", "every sum is below the smallest group; nothing is opened");
      payload = made.value.payload;
      this.#folder.keepMessage(name, payload);
    }
    const sent = await sendEntry(this.follower, { type: EntryType.share, payload });
    return sent.ok ? ok("sent") : sent;
  }

  /** The share from the backup, if it is this trustee's of the completed round. */
  async #share() {
    const share = await this.#folder.backup();
    if (!share.ok) return share;
    const expected = this.follower.state.ceremonies[0].completed?.shareKeys.get(this.index);
    if (!expected || bytesToHex(expected) !== bytesToHex(share.value.keys.encoded))
      return fault("key-differs", "the backup does not hold the share that the record expects of this trustee");
    return ok(share.value);
  }
}
