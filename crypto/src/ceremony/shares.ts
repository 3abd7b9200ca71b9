/** Second message of a round: to every other party its share, encrypted under a fresh Diffie–Hellman key. */
import { decodeNonIdentity } from "../group/ristretto.ts";
import { err, ok, type Result } from "../result.ts";
import type { Ceremony } from "./parameters.ts";

export const SHARE_CIPHERTEXT_BYTES = 48;

export interface EncryptedShare {
  readonly to: number;
  /** 32 bytes. */
  readonly ephemeral: Uint8Array;
  /** 48 bytes. */
  readonly ciphertext: Uint8Array;
}

export interface Shares {
  readonly index: number;
  /** One for every other party of the round, ascending. */
  readonly shares: readonly EncryptedShare[];
}

/** Why a shares message is refused by anybody; whether its shares are good only the receivers can say. */
export type SharesFault = "party" | "recipients" | "ephemeral" | "ciphertext";

export function verifyShares(ceremony: Ceremony, message: Shares): Result<null, SharesFault> {
  if (!ceremony.parties.includes(message.index)) return err("party");
  const others = ceremony.parties.filter((index) => index !== message.index);
  if (message.shares.length !== others.length) return err("recipients");
  for (const [i, share] of message.shares.entries()) {
    if (share.to !== others[i]) return err("recipients");
    if (!decodeNonIdentity(share.ephemeral).ok) return err("ephemeral");
    if (share.ciphertext.length !== SHARE_CIPHERTEXT_BYTES) return err("ciphertext");
  }
  return ok(null);
}
