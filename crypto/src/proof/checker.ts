/** Pairing of the two devices of the second-phone check, screen to screen. */
import type { KeyPair } from "../group/keypair.ts";
import { decodeNonIdentity } from "../group/ristretto.ts";
import { err, type Result } from "../result.ts";
import { Transcript } from "../transcript.ts";
import { type SchnorrFault, schnorrProve, schnorrVerify } from "./schnorr.ts";

export const PAIRING_NONCE_BYTES = 16;

/** One side's part of the pairing: a fresh nonce (16 bytes) and a fresh X25519 key (32 bytes). */
export interface PairingSide {
  readonly nonce: Uint8Array;
  readonly channel: Uint8Array;
}

/** What B shows: its side, with a key made for this one ballot and the proof that B holds it. */
export interface CheckerHello extends PairingSide {
  /** 32 bytes. */
  readonly checker: Uint8Array;
  /** 64 bytes. */
  readonly proof: Uint8Array;
}

function checkerTranscript(election: Uint8Array, checker: Uint8Array, { nonce, channel }: PairingSide): Transcript {
  return new Transcript("checker")
    .append("election", election)
    .append("checker", checker)
    .append("nonce", nonce)
    .append("channel", channel);
}

export function checkerHello(election: Uint8Array, checker: KeyPair, side: PairingSide): CheckerHello {
  const proof = schnorrProve(checkerTranscript(election, checker.encoded, side), checker);
  return { nonce: side.nonce, channel: side.channel, checker: checker.encoded, proof };
}

export type CheckerFault = "checker" | "nonce" | "channel" | SchnorrFault;

/**
 * What A checks before it encrypts. The proof matters: a "checker" that nobody holds, or that the person standing behind B
 * holds no secret of, would make A's proofs convincing to others.
 */
export function verifyCheckerHello(election: Uint8Array, hello: CheckerHello): Result<null, CheckerFault> {
  const key = decodeNonIdentity(hello.checker);
  if (!key.ok) return err("checker");
  if (hello.nonce.length !== PAIRING_NONCE_BYTES) return err("nonce");
  if (hello.channel.length !== 32) return err("channel");
  return schnorrVerify(checkerTranscript(election, hello.checker, hello), key.value, hello.proof);
}

/** The hash of the pairing, 32 bytes: both must have seen the same keys, so a relay between them is noticed. */
export function checkerSession(
  context: Uint8Array,
  checker: Uint8Array,
  deviceB: PairingSide,
  deviceA: PairingSide,
): Uint8Array {
  return new Transcript("session")
    .append("context", context)
    .append("checker", checker)
    .list("nonces", [deviceB.nonce, deviceA.nonce])
    .list("channels", [deviceB.channel, deviceA.channel])
    .hash();
}
