/**
 * RFC 9474, variant RSABSSA-SHA384-PSS-Deterministic: blind signatures with salt and blinding given by the caller, who
 * derives them from one seed so that a lost answer repeats byte-identical requests (docs/protocol.md 7.2).
 *
 * `blind` and `finalize` work on the caller's secrets with BigInt, which is not constant time. Both run once per pass on
 * the resident's own device, with values that are used for nothing else (docs/threat-model.md). The signer's operation
 * with the private key is not here: `RsaBackend` brings it.
 */
import { err, ok, type Result } from "../result.ts";
import { Secret } from "../secret.ts";
import { pssEncode, pssVerify } from "./emsa-pss.ts";
import { fromInteger, modInverse, modPower, toInteger } from "./integer.ts";

export const RSA_EXPONENT = 65537n;
export const RSA_BYTES = 256;
export const PSS_SALT_BYTES = 48;

/** Sizes of a parameter set; passes use `PASS_SIZES` only, others exist for the published test vectors. */
export interface RsaSizes {
  readonly modulus: number;
  readonly salt: number;
}

export const PASS_SIZES: RsaSizes = { modulus: RSA_BYTES, salt: PSS_SALT_BYTES };

/** Verifies passes: the pure one below is the specification, a platform's own is faster. */
export interface RsaVerifier {
  verify(modulus: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
}

/** What a registrar needs, with the platform's own type of private key. */
export interface RsaBackend<PrivateKey> extends RsaVerifier {
  /** A fresh 2048-bit key with e = 65537; the modulus is 256 bytes. */
  generateKey(): Promise<{ readonly modulus: Uint8Array; readonly privateKey: PrivateKey }>;
  /** BlindSign of RFC 9474 section 4.3, with the check that the signature verifies; throws for a value ≥ modulus. */
  blindSign(privateKey: PrivateKey, blinded: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Why blinding is refused. `not-coprime` would reveal a factor of the modulus. */
export type BlindFault = "modulus" | "salt" | "blinding" | "not-coprime";

export interface Blinded {
  /** What the registrar signs, as long as the modulus. */
  readonly blinded: Uint8Array;
  /** The inverse of the blinding, as long as the modulus; `finalize` takes it. */
  readonly inverse: Secret<Uint8Array>;
}

/** Blind of RFC 9474 section 4.2. `blinding` is the r of the RFC, 1 ≤ r < modulus. */
export function blind(
  modulus: Uint8Array,
  message: Uint8Array,
  salt: Uint8Array,
  blinding: bigint,
  sizes: RsaSizes = PASS_SIZES,
): Result<Blinded, BlindFault> {
  if (modulus.length !== sizes.modulus || (modulus[0]! & 0x80) === 0) return err("modulus");
  if (salt.length !== sizes.salt) return err("salt");
  const n = toInteger(modulus);
  if (blinding < 1n || blinding >= n) return err("blinding");
  const m = toInteger(pssEncode(message, 8 * sizes.modulus - 1, salt));
  const inverse = modInverse(blinding, n);
  if (inverse === null || modInverse(m, n) === null) return err("not-coprime");
  return ok({
    blinded: fromInteger((m * modPower(blinding, RSA_EXPONENT, n)) % n, sizes.modulus),
    inverse: new Secret(fromInteger(inverse, sizes.modulus)),
  });
}

/** Why a blind signature is refused; either proves the registrar's answer wrong. */
export type FinalizeFault = "length" | "signature";

/** Finalize of RFC 9474 section 4.4: the signature, verified. */
export function finalize(
  modulus: Uint8Array,
  message: Uint8Array,
  blindSignature: Uint8Array,
  inverse: Secret<Uint8Array>,
  sizes: RsaSizes = PASS_SIZES,
): Result<Uint8Array, FinalizeFault> {
  if (modulus.length !== sizes.modulus || blindSignature.length !== sizes.modulus) return err("length");
  const n = toInteger(modulus);
  const signature = fromInteger((toInteger(blindSignature) * toInteger(inverse.reveal())) % n, sizes.modulus);
  return verifyPss(modulus, message, signature, sizes) ? ok(signature) : err("signature");
}

/** RSASSA-PSS-VERIFY of RFC 8017 section 8.1.2, with e = 65537; false for any malformed argument. */
export function verifyPss(
  modulus: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  sizes: RsaSizes = PASS_SIZES,
): boolean {
  if (modulus.length !== sizes.modulus || (modulus[0]! & 0x80) === 0) return false;
  if (signature.length !== sizes.modulus) return false;
  const n = toInteger(modulus);
  const s = toInteger(signature);
  if (s >= n) return false;
  const encoded = fromInteger(modPower(s, RSA_EXPONENT, n), sizes.modulus);
  return pssVerify(message, encoded, 8 * sizes.modulus - 1, sizes.salt);
}

/** Whether s^e = blinded: what anybody checks to prove that a registrar answered wrongly. */
export function verifyBlindSignature(modulus: Uint8Array, blinded: Uint8Array, blindSignature: Uint8Array): boolean {
  if (modulus.length !== RSA_BYTES || blinded.length !== RSA_BYTES || blindSignature.length !== RSA_BYTES) return false;
  const n = toInteger(modulus);
  const s = toInteger(blindSignature);
  return s < n && modPower(s, RSA_EXPONENT, n) === toInteger(blinded);
}

/** The pure verifier: the specification, and what runs where no platform verifier is given. */
export const pureRsa: RsaVerifier = {
  verify: (modulus, message, signature) => verifyPss(modulus, message, signature),
};
