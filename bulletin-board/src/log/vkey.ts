import { bytesToHex, concatBytes, ok, type Result, utf8ToBytes } from "@hanpyo/crypto";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { isStrictPublicKey } from "./ed25519.ts";
import { fault, type LogFault } from "./fault.ts";
import { nobleSha256 } from "./sha256.ts";
import { isKeyName } from "./text.ts";

/** Signature types of c2sp.org/signed-note that are understood here: a note signature, and a timestamped cosignature. */
export const keyType = { note: 0x01, cosignature: 0x04 } as const;
export type KeyType = (typeof keyType)[keyof typeof keyType];

/** A verifier key of a signed note: an Ed25519 public key with its name and use. */
export interface VerifierKey {
  readonly name: string;
  readonly type: KeyType;
  readonly publicKey: Uint8Array;
  /** Big-endian first four bytes of SHA-256(name || "\n" || type || public key). */
  readonly keyId: number;
}

/** Throws a RangeError on a bad name or on a public key that is not canonical or has small order. */
export function verifierKey(name: string, type: KeyType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new RangeError("not a key name");
  if (!isStrictPublicKey(publicKey)) throw new RangeError("not a strict Ed25519 public key");
  const digest = nobleSha256(concatBytes(utf8ToBytes(`${name}\n`), Uint8Array.of(type), publicKey));
  return { name, type, publicKey, keyId: new DataView(digest.buffer, digest.byteOffset).getUint32(0) };
}

/** `name+hex(key id)+base64(type || public key)`. */
export function encodeVkey(key: VerifierKey): string {
  const id = key.keyId.toString(16).padStart(8, "0");
  return `${key.name}+${id}+${encodeBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`;
}

/** Strict: recomputes the key id, knows types 0x01 and 0x04 only, refuses small-order and non-canonical keys. */
export function decodeVkey(text: string): Result<VerifierKey, LogFault> {
  // The base64 may itself hold a plus, so only the first two separate.
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  if (match === null || !isKeyName(match[1]!)) return fault("malformed", "not a verifier key");
  const key = decodeBase64(match[3]!);
  if (!key.ok) return key;
  const type = key.value[0];
  if (type !== keyType.note && type !== keyType.cosignature) return fault("malformed", "unknown type of verifier key");
  if (!isStrictPublicKey(key.value.subarray(1))) return fault("malformed", "not a strict Ed25519 public key");
  const known = verifierKey(match[1]!, type, key.value.slice(1));
  return encodeVkey(known) === text ? ok(known) : fault("malformed", "the key id does not belong to the key");
}

/** The name of the key that signs acknowledgements of a log; it belongs to the server, not to the signer. */
export const acknowledgementKeyName = (origin: string): string => `${origin}/ack`;

/** For messages to operators: name and key id. */
export const describeKey = (key: VerifierKey): string =>
  `${key.name}+${bytesToHex(Uint8Array.of(key.keyId >>> 24, key.keyId >>> 16, key.keyId >>> 8, key.keyId))}`;
