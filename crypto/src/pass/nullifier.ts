/**
 * The nullifier: a pseudorandom function of the person key under a key that q registrars share, after the idea of RFC
 * 9497 and threshold PRFs (Naor, Pinkas and Reingold 1999), each share with its DLEQ proof (docs/protocol.md 7.3).
 */
import { combinePointShares, type PointShare } from "../ceremony/lagrange.ts";
import type { KeyPair } from "../group/keypair.ts";
import { decodeNonIdentity, encodePoint, hashToGroup, type Point } from "../group/ristretto.ts";
import { type DleqFault, dleqImage, dleqProve, dleqVerify } from "../proof/dleq.ts";
import { err, ok, type Result } from "../result.ts";
import { Transcript } from "../transcript.ts";

/** M, the group element of a person key. Everything made of it is as confidential as the person key itself. */
export function personPoint(election: Uint8Array, personKey: Uint8Array): Point {
  return hashToGroup(new Transcript("person").append("election", election).append("person", personKey).digest());
}

function shareTranscript(election: Uint8Array, registrar: number, person: Point): Transcript {
  return new Transcript("nullifier-share")
    .append("election", election)
    .number("registrar", registrar)
    .append("person", encodePoint(person));
}

export interface NullifierShare {
  /** M^{k_i}, 32 bytes. */
  readonly share: Uint8Array;
  /** 96 bytes. */
  readonly proof: Uint8Array;
}

/** A registrar's share; `keys` is k_i with X_i = g^{k_i} of the completed ceremony, `registrar` its index. */
export function evaluateNullifier(
  election: Uint8Array,
  registrar: number,
  keys: KeyPair,
  person: Point,
): NullifierShare {
  const image = dleqImage(keys, person);
  const proof = dleqProve(shareTranscript(election, registrar, person), keys, person, image);
  return { share: encodePoint(image), proof };
}

export type NullifierShareFault = "share" | DleqFault;

/** The share as a point, if its proof holds for X_i = `key`. */
export function verifyNullifierShare(
  election: Uint8Array,
  registrar: number,
  key: Point,
  person: Point,
  { share, proof }: NullifierShare,
): Result<PointShare, NullifierShareFault> {
  const image = decodeNonIdentity(share);
  if (!image.ok) return err("share");
  const statement = { key, base: person, image: image.value };
  const verdict = dleqVerify(shareTranscript(election, registrar, person), statement, proof);
  return verdict.ok ? ok({ index: registrar, point: image.value }) : verdict;
}

/** PRF_k(person), 32 bytes, from exactly `threshold` verified shares of different registrars; throws otherwise. */
export function combineNullifier(shares: readonly PointShare[], threshold: number): Uint8Array {
  if (shares.length !== threshold) throw new RangeError("as many shares as the threshold");
  return encodePoint(combinePointShares(shares));
}

/** N, the 32 bytes under which a pass stands in the pass log. Never of the class: a person cannot hold two. */
export function nullifier(election: Uint8Array, denomination: number, copy: number, prf: Uint8Array): Uint8Array {
  return new Transcript("nullifier")
    .append("election", election)
    .number("denomination", denomination)
    .number("copy", copy)
    .append("prf", prf)
    .hash();
}
