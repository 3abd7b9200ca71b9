/**
 * The registrar's RSA operations through node:crypto: OpenSSL blinds the private operation against timing, and every
 * result is checked against the public key, since one faulty CRT result would give the factors away.
 */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  verify as verifySignature,
} from "node:crypto";
import { promisify } from "node:util";
import { bytesToHex, PSS_SALT_BYTES, RSA_BYTES, type RsaBackend, verifyBlindSignature } from "@hanpyo/crypto";

const KNOWN_KEYS = 1024;
const publicKeys = new Map<string, KeyObject>();

/** Public keys by modulus: all come from the record, and parsing one costs as much as verifying with it. */
function publicKeyOf(modulus: Uint8Array): KeyObject {
  const name = bytesToHex(modulus);
  let key = publicKeys.get(name);
  if (key === undefined) {
    const n = Buffer.from(modulus).toString("base64url");
    key = createPublicKey({ key: { kty: "RSA", n, e: "AQAB" }, format: "jwk" });
    if (publicKeys.size >= KNOWN_KEYS) publicKeys.clear();
    publicKeys.set(name, key);
  }
  return key;
}

/** The modulus of a 2048-bit key with e = 65537, 256 bytes; throws for any other key. */
export function modulusOf(key: KeyObject): Uint8Array {
  const { n, e } = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  const modulus = Uint8Array.from(Buffer.from(n ?? "", "base64url"));
  if (modulus.length !== RSA_BYTES || e !== "AQAB") throw new Error("not a 2048-bit RSA key with e = 65537");
  return modulus;
}

/** PKCS #8 (DER) of a private key, for its encrypted file; throws for any other kind of key. */
export function exportPrivateKey(key: KeyObject): Uint8Array {
  return Uint8Array.from(key.export({ format: "der", type: "pkcs8" }));
}

/** The key of PKCS #8 (DER) bytes; throws where it is not a 2048-bit RSA key with e = 65537. */
export function importPrivateKey(pkcs8: Uint8Array): KeyObject {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  modulusOf(key);
  return key;
}

const generate = promisify(generateKeyPair);

export const nodeRsa: RsaBackend<KeyObject> = {
  async generateKey() {
    const { privateKey } = await generate("rsa", { modulusLength: 8 * RSA_BYTES, publicExponent: 65537 });
    return { modulus: modulusOf(privateKey), privateKey };
  },

  blindSign(privateKey, blinded) {
    const signed = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, blinded);
    const signature = Uint8Array.from(signed);
    if (!verifyBlindSignature(modulusOf(privateKey), blinded, signature)) throw new Error("faulty RSA signature");
    return signature;
  },

  verify(modulus, message, signature) {
    if (modulus.length !== RSA_BYTES || (modulus[0]! & 0x80) === 0 || signature.length !== RSA_BYTES) return false;
    const key = publicKeyOf(modulus);
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return verifySignature("sha384", message, { key, padding, saltLength: PSS_SALT_BYTES }, signature);
  },
};
