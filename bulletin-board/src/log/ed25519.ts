import { ed25519 } from "@noble/curves/ed25519.js";

/** Ed25519 verification. Every implementation must answer exactly like `strictVerify`. */
export type Ed25519Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** An Ed25519 key in use; the secret stays inside. */
export interface Ed25519Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** RFC 8032 with canonical encodings only (`zip215: false`) and no small-order keys. Wrong lengths are a plain no. */
export const strictVerify: Ed25519Verify = (signature, message, publicKey) =>
  signature.length === 64 &&
  publicKey.length === 32 &&
  ed25519.verify(signature, message, publicKey, { zip215: false });

/** Whether 32 bytes are a canonical point of large order: anything else must not become anybody's key. */
export function isStrictPublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false;
  try {
    return !ed25519.Point.fromBytes(publicKey, false).isSmallOrder();
  } catch {
    return false; // noble reports an undecodable point by throwing
  }
}

/** A signer from a 32-byte RFC 8032 secret key. */
export function nobleSigner(secretKey: Uint8Array): Ed25519Signer {
  const secret = Uint8Array.from(secretKey);
  return { publicKey: ed25519.getPublicKey(secret), sign: (message) => ed25519.sign(message, secret) };
}
