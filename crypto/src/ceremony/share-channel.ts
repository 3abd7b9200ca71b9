/** Sealing and opening shares: what dealers, receivers and judges of a complaint do, and nobody who only reads a record. */
import { type KeyPair, randomKeyPair } from "../group/keypair.ts";
import { decodeNonIdentity, encodePoint, G, multiply, type Point } from "../group/ristretto.ts";
import { decodeScalar, encodeScalar } from "../group/scalar.ts";
import { err, ok, type Result } from "../result.ts";
import { openUnder, sealUnder } from "./channel-cipher.ts";
import { type Ceremony, ceremonyTranscript, revealsByParty, type VerifiedReveal } from "./parameters.ts";
import { evaluateCommitments, evaluatePolynomial } from "./polynomial.ts";
import type { DealerSecret } from "./reveal.ts";
import type { EncryptedShare, Shares } from "./shares.ts";

function channelInfo(
  ceremony: Ceremony,
  from: number,
  to: number,
  ephemeral: Uint8Array,
  channel: Uint8Array,
): Uint8Array {
  return ceremonyTranscript("channel", ceremony)
    .number("from", from)
    .number("to", to)
    .append("ephemeral", ephemeral)
    .append("channel", channel)
    .hash();
}

/** One share under a given ephemeral key: `dealShares` makes a fresh one for each. */
export function sealShare(
  ceremony: Ceremony,
  from: number,
  to: VerifiedReveal,
  share: bigint,
  ephemeral: KeyPair,
): EncryptedShare {
  const dh = multiply(to.channel, ephemeral.secret.reveal());
  const info = channelInfo(ceremony, from, to.index, ephemeral.encoded, encodePoint(to.channel));
  return { to: to.index, ephemeral: ephemeral.encoded, ciphertext: sealUnder(dh, info, encodeScalar(share)) };
}

/** The party's shares message, after the verified reveal of every party. */
export function dealShares(ceremony: Ceremony, secret: DealerSecret, reveals: readonly VerifiedReveal[]): Shares {
  const byParty = revealsByParty(ceremony, reveals);
  const coefficients = secret.coefficients.reveal();
  const others = ceremony.parties.filter((index) => index !== secret.index);
  return {
    index: secret.index,
    shares: others.map((to) => {
      const share = evaluatePolynomial(coefficients, to);
      return sealShare(ceremony, secret.index, byParty.get(to)!, share, randomKeyPair());
    }),
  };
}

/** Why a share is bad. */
export type ShareFault = "ephemeral" | "cipher" | "scalar" | "commitments";

/** f_from(to), opened with the Diffie–Hellman point, which the receiver computes and a complaint reveals. */
export function openShareWith(
  ceremony: Ceremony,
  from: VerifiedReveal,
  to: VerifiedReveal,
  share: EncryptedShare,
  dh: Point,
): Result<bigint, ShareFault> {
  const info = channelInfo(ceremony, from.index, to.index, share.ephemeral, encodePoint(to.channel));
  const opened = openUnder(dh, info, share.ciphertext);
  if (!opened.ok) return err("cipher");
  const value = decodeScalar(opened.value);
  if (!value.ok) return err("scalar");
  const expected = evaluateCommitments(from.coefficients, to.index);
  return multiply(G, value.value).equals(expected) ? ok(value.value) : err("commitments");
}

/** The receiver's opening of a share that `from` sent to it. The value is secret. */
export function openShare(
  ceremony: Ceremony,
  secret: DealerSecret,
  reveals: readonly VerifiedReveal[],
  from: number,
  share: EncryptedShare,
): Result<bigint, ShareFault> {
  const byParty = revealsByParty(ceremony, reveals);
  const [sender, receiver] = [byParty.get(from), byParty.get(secret.index)];
  if (sender === undefined || receiver === undefined) throw new RangeError("not a party of this round");
  if (share.to !== secret.index) throw new RangeError("a share to somebody else");
  const ephemeral = decodeNonIdentity(share.ephemeral);
  if (!ephemeral.ok) return err("ephemeral");
  return openShareWith(ceremony, sender, receiver, share, multiply(ephemeral.value, secret.channel.secret.reveal()));
}
