import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { type Ed25519Signer, type Ed25519Verify, isStrictPublicKey, type Sha256, strictVerify } from "../log/index.ts";

/** SHA-256 by OpenSSL. */
export const nodeSha256: Sha256 = (message) => new Uint8Array(createHash("sha256").update(message).digest());

const publicKeyPrefix = Buffer.from("302a300506032b6570032100", "hex"); // SubjectPublicKeyInfo of RFC 8410
const secretKeyPrefix = Buffer.from("302e020100300506032b657004220420", "hex"); // PKCS #8 of RFC 8410
const known = new Map<string, KeyObject>();

/** The key object of a strict public key; null for any other bytes. */
function publicKeyObject(publicKey: Uint8Array): KeyObject | null {
  const name = Buffer.from(publicKey).toString("hex");
  const found = known.get(name);
  if (found !== undefined) return found;
  if (!isStrictPublicKey(publicKey)) return null;
  const key = createPublicKey({ key: Buffer.concat([publicKeyPrefix, publicKey]), format: "der", type: "spki" });
  if (known.size >= 1_000) known.clear();
  known.set(name, key);
  return key;
}

/**
 * Answers exactly like `strictVerify`, 15 times faster on good signatures. OpenSSL checks the equation without the
 * cofactor, so what it accepts under a strict key holds; what it refuses is asked again, since a signer who adds a
 * point of small order would otherwise be heard by some verifiers and not by others.
 */
export const nodeVerify: Ed25519Verify = (signature, message, publicKey) => {
  const key = publicKeyObject(publicKey);
  if (key === null || signature.length !== 64) return false;
  return verify(null, message, key, signature) || strictVerify(signature, message, publicKey);
};

/** A signer from a 32-byte RFC 8032 secret key, held by OpenSSL. */
export function nodeSigner(secretKey: Uint8Array): Ed25519Signer {
  if (secretKey.length !== 32) throw new RangeError("an Ed25519 secret key is 32 bytes");
  const key = createPrivateKey({ key: Buffer.concat([secretKeyPrefix, secretKey]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}
