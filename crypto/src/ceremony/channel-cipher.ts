/** ChaCha20-Poly1305 (RFC 8439) under a key of HKDF-SHA512 (RFC 5869) from a Diffie–Hellman point: one key, one message. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { encodePoint, type Point } from "../group/ristretto.ts";
import { err, ok, type Result } from "../result.ts";

export const TAG_BYTES = 16;
/** Every key is fresh (a fresh ephemeral each), so the nonce is a constant. */
const ZERO_NONCE = new Uint8Array(12);

function cipher(shared: Point, info: Uint8Array) {
  return chacha20poly1305(hkdf(sha512, encodePoint(shared), new Uint8Array(0), info, 32), ZERO_NONCE, info);
}

/** `info` (32 bytes) binds the context and both keys; it is HKDF's info and the associated data. 16 bytes longer. */
export function sealUnder(shared: Point, info: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return cipher(shared, info).encrypt(plaintext);
}

export function openUnder(shared: Point, info: Uint8Array, ciphertext: Uint8Array): Result<Uint8Array, "cipher"> {
  if (ciphertext.length < TAG_BYTES) return err("cipher");
  try {
    return ok(cipher(shared, info).decrypt(ciphertext));
  } catch {
    // With a right key and nonce length, noble throws for exactly one reason: the tag does not match.
    return err("cipher");
  }
}
