/** Activation codes of the signed electoral roll and what their holders sign (docs/protocol.md 7.1). */
import { ed25519 } from "@noble/curves/ed25519.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "../bytes.ts";
import { randomBytes } from "../group/scalar.ts";
import { verifyEd25519 } from "../proof/ed25519.ts";
import { err, ok, type Result } from "../result.ts";
import { Secret } from "../secret.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BODY = 15;

function checkCharacter(body: string): string {
  return ALPHABET[sha256(utf8ToBytes(body))[0]! & 31]!;
}

/** A new code as it is printed, `XXXX-XXXX-XXXX-XXXX`; `randomness` is 15 fresh bytes, of which 75 bits are used. */
export function generateActivationCode(randomness: Uint8Array = randomBytes(BODY)): Secret<string> {
  if (randomness.length !== BODY) throw new RangeError("a code takes 15 random bytes");
  const body = Array.from(randomness, (byte) => ALPHABET[byte & 31]!).join("");
  const groups = (body + checkCharacter(body)).match(/.{4}/g)!;
  return new Secret(groups.join("-"));
}

/** `check`: one character is wrong or two are swapped (caught in 31 cases of 32). */
export type ActivationCodeFault = "length" | "character" | "check";

/**
 * The 15 characters that count, from what a person typed: lower case, spaces and hyphens anywhere, O for 0, I and L for 1
 * and full-width forms are folded; every other character is refused.
 */
export function parseActivationCode(typed: string): Result<Secret<string>, ActivationCodeFault> {
  const folded = typed
    .normalize("NFKC")
    .replace(/[\s\u2010-\u2015-]/gu, "")
    .toUpperCase()
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  for (const character of folded) if (!ALPHABET.includes(character)) return err("character");
  if (folded.length !== BODY + 1) return err("length");
  const body = folded.slice(0, BODY);
  return folded[BODY] === checkCharacter(body) ? ok(new Secret(body)) : err("check");
}

/** An Ed25519 key: the 32-byte seed and the public key that stands in the roll. */
export interface HolderKey {
  readonly seed: Secret<Uint8Array>;
  readonly publicKey: Uint8Array;
}

/** The holder key of a parsed code (15 characters) under the roll's root salt, E₀; about 50 ms by design. */
export function activationKey(code: Secret<string>, rootSalt: Uint8Array): HolderKey {
  const salt = utf8ToBytes(`hanpyo/activation/${bytesToHex(rootSalt)}`);
  const seed = scrypt(utf8ToBytes(code.reveal()), salt, { N: 2 ** 14, r: 8, p: 1, dkLen: 32 });
  return { seed: new Secret(seed), publicKey: ed25519.getPublicKey(seed) };
}

/** The holder's signature (64 bytes) over the ASCII bytes of `presentationNonce`. */
export function signPresentation(key: HolderKey, nonce: string): Uint8Array {
  return ed25519.sign(utf8ToBytes(nonce), key.seed.reveal());
}

/** Strict Ed25519 (canonical, no cofactor, no key of small order); false for anything malformed. */
export function verifyPresentation(publicKey: Uint8Array, nonce: string, signature: Uint8Array): boolean {
  return verifyEd25519(signature, utf8ToBytes(nonce), publicKey);
}

/** y of a person on the roll. */
export function rollPersonKey(id: string): Uint8Array {
  return utf8ToBytes(`row:${id}`);
}
