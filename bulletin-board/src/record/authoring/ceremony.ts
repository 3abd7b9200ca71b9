/** Messages of the key ceremonies, drills and registrars' keys, signed (docs/protocol.md section 4). */
import type { Ed25519Signer } from "../../log/index.ts";
import * as entries from "../ceremony-entries.ts";
import { EntryType } from "../entry-types.ts";
import { ceremonyMessage, registrarKeysMessage } from "../messages.ts";
import { encodeRecord } from "../schema/cbor.ts";
import type { Schema, TypeOf } from "../schema/schema.ts";
import type { AuthoredEntry } from "./entry.ts";

const schemas = {
  [EntryType.reveal]: entries.reveal,
  [EntryType.shares]: entries.shares,
  [EntryType.confirm]: entries.confirm,
  [EntryType.complaint]: entries.complaint,
  [EntryType.drill]: entries.drill,
};
export type CeremonyEntryType = keyof typeof schemas;
/** The fields of a ceremony's message without its signature. */
export type Unsigned<T extends CeremonyEntryType> = TypeOf<(typeof schemas)[T]["unsigned"]>;

/** The CBOR that the signature of a ceremony's message covers: of the author's fields, or of a decoded message. */
export function unsignedCeremonyBytes<T extends CeremonyEntryType>(type: T, message: Unsigned<T>): Uint8Array {
  return encodeRecord(schemas[type].unsigned as Schema<Unsigned<T>>, message);
}

export function signCeremonyMessage<T extends CeremonyEntryType>(
  election: Uint8Array,
  type: T,
  message: Unsigned<T>,
  key: Ed25519Signer,
): AuthoredEntry {
  const unsigned = unsignedCeremonyBytes(type, message);
  const signature = key.sign(ceremonyMessage({ election, type, unsigned }));
  const signed = schemas[type].signed as unknown as Schema<Unsigned<T> & { signature: Uint8Array }>;
  return { type, payload: encodeRecord(signed, { ...message, signature }) };
}

export interface RegistrarKeysInput {
  readonly election: Uint8Array;
  /** The registrar's index, from 1. */
  readonly index: number;
  /** One RSA modulus per class, 256 bytes each. */
  readonly moduli: readonly Uint8Array[];
  /** Public key of the registrar's endorsements. */
  readonly endorsement: Uint8Array;
  /** As in the definition. */
  readonly policy: Uint8Array;
  readonly trust: Uint8Array;
}

export function signRegistrarKeys(input: RegistrarKeysInput, key: Ed25519Signer): AuthoredEntry {
  const { index, moduli, endorsement } = input;
  const signature = key.sign(registrarKeysMessage(input));
  const payload = encodeRecord(entries.registrarKeys.signed, { index, moduli, endorsement, signature });
  return { type: EntryType.registrarKeys, payload };
}
