/** What a person's device makes for a pass, all from one stored seed (docs/protocol.md 7.2 and 7.3). */
import { concatBytes } from "../bytes.ts";
import { type KeyPair, keyPairFrom } from "../group/keypair.ts";
import { challengeScalar } from "../group/scalar.ts";
import { err, ok, type Result } from "../result.ts";
import { Secret } from "../secret.ts";
import { Transcript } from "../transcript.ts";
import { encodeBase64Url } from "./base64url.ts";
import { type BlindFault, blind, type FinalizeFault, finalize, PSS_SALT_BYTES } from "./blind-rsa.ts";
import { toInteger } from "./integer.ts";

export const PASS_SEED_BYTES = 32;
export const REGISTRAR_NONCE_BYTES = 16;

/** Which pass of which person's: `denomination` is its weight, `copy` counts from 0. */
export interface PassName {
  /** E, 32 bytes. */
  readonly election: Uint8Array;
  readonly denomination: number;
  readonly copy: number;
}

export interface PassSecrets {
  /** x with P = g^x. */
  readonly pseudonym: KeyPair;
  /** 48 bytes of PSS salt for the registrar of this index. */
  salt(registrar: number): Uint8Array;
  /** r in 2..N−1 for the registrar of this index and its modulus. */
  blinding(registrar: number, modulus: Uint8Array): Secret<bigint>;
}

/** The secrets of one pass. None is derived from another. Throws for a seed that is not 32 bytes. */
export function passSecrets(seed: Secret<Uint8Array>, name: PassName): PassSecrets {
  const bytes = seed.reveal();
  if (bytes.length !== PASS_SEED_BYTES) throw new RangeError("a seed has 32 bytes");
  const derive = (purpose: string, registrar: number) =>
    new Transcript("seed")
      .append("seed", bytes)
      .text("purpose", purpose)
      .append("election", name.election)
      .number("denomination", name.denomination)
      .number("copy", name.copy)
      .number("registrar", registrar);
  return {
    pseudonym: keyPairFrom(challengeScalar(derive("pseudonym", 0))),
    salt: (registrar) => derive("pss-salt", registrar).digest().slice(0, PSS_SALT_BYTES),
    blinding(registrar, modulus) {
      const parts = [0, 1, 2, 3, 4].map((part) => derive(`blinding-${part}`, registrar).digest());
      return new Secret((toInteger(concatBytes(...parts)) % (toInteger(modulus) - 2n)) + 2n);
    },
  };
}

/** m, the 64 bytes that every registrar signs for a class and a pseudonym (32 bytes). */
export function passMessage(election: Uint8Array, classIndex: number, pseudonym: Uint8Array): Uint8Array {
  return new Transcript("pass")
    .append("election", election)
    .number("class", classIndex)
    .append("pseudonym", pseudonym)
    .digest();
}

/** The 32 bytes that stand in the pass log for one pass's blinded requests; `blinded` by ascending registrar, all n. */
export function requestHash(name: PassName, classIndex: number, blinded: readonly Uint8Array[]): Uint8Array {
  return new Transcript("pass-requests")
    .append("election", name.election)
    .number("class", classIndex)
    .number("denomination", name.denomination)
    .number("copy", name.copy)
    .list("blinded", blinded)
    .hash();
}

export interface PassRequest {
  readonly pseudonym: KeyPair;
  readonly message: Uint8Array;
  /** By registrar: the value it signs. */
  readonly blinded: readonly Uint8Array[];
  readonly request: Uint8Array;
  /** The pass's signature of the registrar of this index (from 1) out of its answer. */
  finish(registrar: number, blindSignature: Uint8Array): Result<Uint8Array, FinalizeFault>;
}

/** The registrar whose modulus stopped the process: a factor of it would be revealed, or it is malformed. */
export interface RequestFault {
  readonly registrar: number;
  readonly fault: BlindFault;
}

/**
 * The requests for one pass to all n registrars; `moduli` are theirs for the class, ascending. The same arguments give
 * the same bytes, so that a lost answer can be asked for again.
 */
export function requestPass(
  seed: Secret<Uint8Array>,
  name: PassName,
  classIndex: number,
  moduli: readonly Uint8Array[],
): Result<PassRequest, RequestFault> {
  const secrets = passSecrets(seed, name);
  const message = passMessage(name.election, classIndex, secrets.pseudonym.encoded);
  const blinded: Uint8Array[] = [];
  const inverses: Secret<Uint8Array>[] = [];
  for (const [i, modulus] of moduli.entries()) {
    const registrar = i + 1;
    const made = blind(modulus, message, secrets.salt(registrar), secrets.blinding(registrar, modulus).reveal());
    if (!made.ok) return err({ registrar, fault: made.error });
    blinded.push(made.value.blinded);
    inverses.push(made.value.inverse);
  }
  return ok({
    pseudonym: secrets.pseudonym,
    message,
    blinded,
    request: requestHash(name, classIndex, blinded),
    finish(registrar, blindSignature) {
      const [modulus, inverse] = [moduli[registrar - 1], inverses[registrar - 1]];
      if (modulus === undefined || inverse === undefined) throw new RangeError("no such registrar");
      return finalize(modulus, message, blindSignature, inverse);
    },
  });
}

/**
 * The nonce that a presentation signs, 43 characters: it covers every registrar's own nonce (16 bytes; null where none
 * answered) and all requests of the person, so that the holder's signature covers exactly what will be signed.
 */
export function presentationNonce(
  election: Uint8Array,
  nonces: readonly (Uint8Array | null)[],
  requests: readonly Uint8Array[],
): string {
  const present = nonces.map((nonce) => {
    if (nonce !== null && nonce.length !== REGISTRAR_NONCE_BYTES) throw new RangeError("a nonce has 16 bytes");
    return nonce ?? new Uint8Array(0);
  });
  const transcript = new Transcript("nonce").append("election", election).list("nonces", present);
  return encodeBase64Url(transcript.list("requests", requests).hash());
}
