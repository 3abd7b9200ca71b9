/** The verifier's platform on Node: OpenSSL for SHA-256 and RSA, noble for the group. */
import { constants, createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { bytesToHex } from "@hanpyo/crypto";
import { anywhere, type VerifierPlatform } from "../verify/index.ts";

const keys = new Map<string, KeyObject>();

function publicKey(modulus: Uint8Array): KeyObject {
  const name = bytesToHex(modulus);
  let key = keys.get(name);
  if (!key) {
    key = createPublicKey({
      key: { kty: "RSA", n: Buffer.from(modulus).toString("base64url"), e: "AQAB" },
      format: "jwk",
    });
    keys.set(name, key);
  }
  return key;
}

export const nodePlatform = (): VerifierPlatform => ({
  ...anywhere(),
  sha256: (message) => createHash("sha256").update(message).digest(),
  rsa: {
    verify: (modulus, message, signature) =>
      verify(
        "sha384",
        message,
        { key: publicKey(modulus), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 },
        signature,
      ),
  },
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
});
