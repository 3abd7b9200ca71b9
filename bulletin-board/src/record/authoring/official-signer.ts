/** Officials sign from the command line with Ed25519, or on a page with a passkey (docs/protocol.md section 6.2). */
import type { Ed25519Signer } from "../../log/index.ts";
import type { OfficialSignature } from "../signatures.ts";

/** An official's hand: `official` is the index in the definition. */
export interface OfficialSigner {
  readonly official: number;
  /** Signs the 32-byte message; a passkey's user may refuse, then it rejects. */
  sign(message: Uint8Array): Promise<OfficialSignature>;
}

export function ed25519Official(official: number, key: Ed25519Signer): OfficialSigner {
  return { official, sign: async (message) => ({ kind: 0, signature: key.sign(message) }) };
}

/** What `navigator.credentials.get` gives for a challenge (WebAuthn Level 2, AuthenticatorAssertionResponse). */
export interface PasskeyAssertion {
  readonly authenticatorData: Uint8Array;
  readonly clientData: Uint8Array;
  /** DER for ES256, 64 bytes for EdDSA. */
  readonly signature: Uint8Array;
}

/** `assert` asks the authenticator, with user verification, for an assertion over exactly this challenge. */
export function passkeyOfficial(
  official: number,
  assert: (challenge: Uint8Array) => Promise<PasskeyAssertion>,
): OfficialSigner {
  return { official, sign: async (message) => ({ kind: 1, ...(await assert(message)) }) };
}
