/** Verification of officials' signatures: Ed25519 keys and passkeys (docs/protocol.md section 6.2; WebAuthn Level 2, 7.2). */
import { concatBytes, encodeBase64Url, equalBytes, err, ok, type Result, utf8ToBytes } from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { decodeUtf8, strictVerify } from "../log/index.ts";
import type { DefinitionBody } from "./definition.ts";
import type { VerifyP256 } from "./p256.ts";
import type { OfficialSignature, WebauthnAssertion } from "./signatures.ts";

/** Errors starting with "passkey" are faults of an assertion's fields, the others of identity or signature. */
export function verifyOfficial(
  body: DefinitionBody,
  index: number,
  message: Uint8Array,
  signature: OfficialSignature,
  verifyP256: VerifyP256,
): Result<null, string> {
  const official = body.officials[index];
  if (!official) return err("no such official");
  if (signature.kind === 0) {
    if (official.passkey) return err("this official signs with a passkey");
    return official.key.algorithm === "Ed25519" && strictVerify(signature.signature, message, official.key.key)
      ? ok(null)
      : err("the signature does not hold");
  }
  if (!official.passkey || body.webauthn === null) return err("this official does not sign with a passkey");
  return verifyAssertion(body.webauthn, official.key, message, signature, verifyP256);
}

function verifyAssertion(
  relying: NonNullable<DefinitionBody["webauthn"]>,
  key: { readonly algorithm: string; readonly key: Uint8Array },
  message: Uint8Array,
  assertion: WebauthnAssertion,
  verifyP256: VerifyP256,
): Result<null, string> {
  const fields = clientDataFault(relying.origins, message, assertion.clientData);
  if (fields !== null) return err(`passkey: ${fields}`);
  const { authenticatorData } = assertion;
  if (!equalBytes(authenticatorData.subarray(0, 32), sha256(utf8ToBytes(relying.rpId))))
    return err("passkey: rpIdHash");
  const flags = authenticatorData[32]!;
  if ((flags & 0x05) !== 0x05) return err("passkey: user presence and verification");
  // An assertion carries no attested credential data; without extensions it is exactly 37 bytes.
  if ((flags & 0x40) !== 0 || ((flags & 0x80) === 0) !== (authenticatorData.length === 37))
    return err("passkey: authenticator data");
  const signed = concatBytes(authenticatorData, sha256(assertion.clientData));
  if (key.algorithm === "Ed25519")
    return strictVerify(assertion.signature, signed, key.key) ? ok(null) : err("the signature does not hold");
  return verifyP256(assertion.signature, signed, key.key) ? ok(null) : err("the signature does not hold");
}

function clientDataFault(origins: readonly string[], message: Uint8Array, clientData: Uint8Array): string | null {
  const text = decodeUtf8(clientData);
  if (!text.ok) return "client data is not UTF-8";
  let data: unknown;
  try {
    data = JSON.parse(text.value);
  } catch {
    return "client data is not JSON";
  }
  if (typeof data !== "object" || data === null) return "client data is not an object";
  const { type, challenge, origin, crossOrigin } = data as Record<string, unknown>;
  if (type !== "webauthn.get") return "type";
  if (challenge !== encodeBase64Url(message)) return "challenge";
  if (typeof origin !== "string" || !origins.includes(origin)) return "origin";
  if (crossOrigin !== undefined && crossOrigin !== false) return "crossOrigin";
  return null;
}
