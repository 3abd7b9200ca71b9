/** ES256, the usual signatures of passkeys (WebAuthn Level 2, 5.8.5): apart, because few records need it and it is large. */
import { equalBytes } from "@hanpyo/crypto";
import { p256 } from "@noble/curves/nist.js";

/** Whether a DER signature over SHA-256 of the message holds; false for everything malformed. */
export type VerifyP256 = (der: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** DER must be canonical: what decodes must encode to the same bytes. `lowS` is not asked: authenticators do not promise it. */
export const verifyP256: VerifyP256 = (der, message, publicKey) => {
  try {
    const signature = p256.Signature.fromBytes(der, "der");
    if (!equalBytes(signature.toBytes("der"), der)) return false;
    return p256.verify(signature.toBytes("compact"), message, publicKey, { lowS: false });
  } catch {
    return false; // noble reports every malformed signature or key by throwing
  }
};
