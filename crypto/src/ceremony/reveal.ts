/** First message of a round: commitments to the polynomial, proof of possession of its constant term, a channel key. */
import { type KeyPair, keyPairFrom, randomKeyPair } from "../group/keypair.ts";
import { decodeNonIdentity, encodePoint, G, multiply, type Point } from "../group/ristretto.ts";
import { randomScalar } from "../group/scalar.ts";
import { schnorrProve, schnorrVerify } from "../proof/schnorr.ts";
import { err, ok, type Result } from "../result.ts";
import { Secret } from "../secret.ts";
import type { Transcript } from "../transcript.ts";
import { assertCeremony, type Ceremony, ceremonyTranscript, type VerifiedReveal } from "./parameters.ts";

/** What a party keeps from its reveal until it confirms; then it is destroyed, and the share remains. */
export interface DealerSecret {
  readonly election: Uint8Array;
  readonly group: Ceremony["group"];
  readonly round: number;
  readonly index: number;
  /** a_0 … a_{threshold−1}, none zero. */
  readonly coefficients: Secret<readonly bigint[]>;
  readonly channel: KeyPair;
}

export interface Reveal {
  readonly index: number;
  /** 32 bytes each. */
  readonly coefficients: readonly Uint8Array[];
  /** 64 bytes. */
  readonly possession: Uint8Array;
  /** 32 bytes. */
  readonly channel: Uint8Array;
  /** 64 bytes. */
  readonly channelProof: Uint8Array;
}

/** Fresh secrets of one party for one round. */
export function newDealer(ceremony: Ceremony, index: number): DealerSecret {
  assertCeremony(ceremony);
  if (!ceremony.parties.includes(index)) throw new RangeError("not a party of this round");
  return {
    election: ceremony.election,
    group: ceremony.group,
    round: ceremony.round,
    index,
    coefficients: new Secret(Array.from({ length: ceremony.threshold }, randomScalar)),
    channel: randomKeyPair(),
  };
}

function possessionTranscript(
  ceremony: Ceremony,
  index: number,
  coefficients: readonly Uint8Array[],
  channel: Uint8Array,
): Transcript {
  return ceremonyTranscript("possession", ceremony)
    .number("index", index)
    .number("threshold", ceremony.threshold)
    .number("parties", ceremony.parties.length)
    .list("coefficients", coefficients)
    .append("channel", channel);
}

function channelTranscript(ceremony: Ceremony, index: number, coefficients: readonly Uint8Array[]): Transcript {
  return ceremonyTranscript("channel-key", ceremony).number("index", index).list("coefficients", coefficients);
}

/** The party's reveal. The same secret gives the same keys and other, equally valid, proofs. */
export function dealReveal(ceremony: Ceremony, secret: DealerSecret): Reveal {
  const values = secret.coefficients.reveal();
  const coefficients = values.map((value) => encodePoint(multiply(G, value)));
  const channel = secret.channel.encoded;
  const possession = possessionTranscript(ceremony, secret.index, coefficients, channel);
  return {
    index: secret.index,
    coefficients,
    possession: schnorrProve(possession, keyPairFrom(values[0]!)),
    channel,
    channelProof: schnorrProve(channelTranscript(ceremony, secret.index, coefficients), secret.channel),
  };
}

/** Why a reveal is refused. */
export type RevealFault = "party" | "coefficient-count" | "coefficient" | "possession" | "channel" | "channel-proof";

export function verifyReveal(ceremony: Ceremony, reveal: Reveal): Result<VerifiedReveal, RevealFault> {
  assertCeremony(ceremony);
  if (!ceremony.parties.includes(reveal.index)) return err("party");
  if (reveal.coefficients.length !== ceremony.threshold) return err("coefficient-count");
  const coefficients: Point[] = [];
  for (const bytes of reveal.coefficients) {
    const point = decodeNonIdentity(bytes);
    if (!point.ok) return err("coefficient");
    coefficients.push(point.value);
  }
  const channel = decodeNonIdentity(reveal.channel);
  if (!channel.ok) return err("channel");
  const possession = possessionTranscript(ceremony, reveal.index, reveal.coefficients, reveal.channel);
  if (!schnorrVerify(possession, coefficients[0]!, reveal.possession).ok) return err("possession");
  const channelProof = channelTranscript(ceremony, reveal.index, reveal.coefficients);
  if (!schnorrVerify(channelProof, channel.value, reveal.channelProof).ok) return err("channel-proof");
  return ok({ index: reveal.index, coefficients, channel: channel.value });
}
