/** A synthetic authenticator: makes WebAuthn assertions as a real one does, or wrong in one chosen way. For tests only. */
import { concatBytes, encodeBase64Url, u32be, utf8ToBytes } from "@hanpyo/crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { PasskeyAssertion } from "../record/authoring/official-signer.ts";

export interface SyntheticPasskeyOptions {
  readonly algorithm: "ES256" | "Ed25519";
  readonly rpId: string;
  readonly origin: string;
  /** 32 bytes; a fresh one by default. */
  readonly secretKey?: Uint8Array;
}

/** What may be wrong in an assertion; everything else stays right, and the signature is made over what is sent. */
export interface AssertionFaults {
  readonly type?: string;
  readonly challenge?: Uint8Array;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly rpId?: string;
  /** UP = 1, UV = 4. */
  readonly flags?: number;
  /** Extra bytes after the authenticator data. */
  readonly trailing?: Uint8Array;
  /** A field more, as browsers may add. */
  readonly extra?: Record<string, unknown>;
  /** Changes the signature after it is made. */
  readonly signature?: (signature: Uint8Array) => Uint8Array;
}

export interface SyntheticPasskey {
  /** As it stands in a definition: `official-key` of this authenticator. */
  readonly key: { readonly algorithm: "ES256" | "Ed25519"; readonly key: Uint8Array };
  assert(challenge: Uint8Array, faults?: AssertionFaults): Promise<PasskeyAssertion>;
}

export function syntheticPasskey(options: SyntheticPasskeyOptions): SyntheticPasskey {
  const es256 = options.algorithm === "ES256";
  const secret = options.secretKey ?? (es256 ? p256.utils.randomSecretKey() : ed25519.utils.randomSecretKey());
  const publicKey = es256 ? p256.getPublicKey(secret, false) : ed25519.getPublicKey(secret);
  let counter = 0;
  return {
    key: { algorithm: options.algorithm, key: publicKey },
    async assert(challenge, faults = {}) {
      const clientData = utf8ToBytes(
        JSON.stringify({
          type: faults.type ?? "webauthn.get",
          challenge: encodeBase64Url(faults.challenge ?? challenge),
          origin: faults.origin ?? options.origin,
          crossOrigin: faults.crossOrigin ?? false,
          ...faults.extra,
        }),
      );
      const authenticatorData = concatBytes(
        sha256(utf8ToBytes(faults.rpId ?? options.rpId)),
        Uint8Array.of(faults.flags ?? 0x05),
        u32be(++counter),
        faults.trailing ?? new Uint8Array(0),
      );
      const signed = concatBytes(authenticatorData, sha256(clientData));
      const signature = es256 ? p256.sign(signed, secret, { format: "der" }) : ed25519.sign(signed, secret);
      return { authenticatorData, clientData, signature: faults.signature?.(signature) ?? signature };
    },
  };
}
