/** Records as deterministic CBOR (RFC 8949 §4.2.1): what decodes, re-encodes to the same bytes. */
import { equalBytes, err, ok, type Result } from "@hanpyo/crypto";
import { decodeProfile, encodeProfile, ProfileError } from "./profile.ts";
import { type Schema, SchemaError } from "./schema.ts";

/** Encodes a record of our own; throws where it does not fit its schema, for that is a defect of the caller. */
export function encodeRecord<T>(schema: Schema<T>, value: T): Uint8Array {
  const bytes = encodeProfile(schema.pack(value));
  const back = decodeRecord(schema, bytes);
  if (!back.ok) throw new Error(`a record of our own does not fit its schema: ${back.error}`);
  return bytes;
}

/** Decodes hostile bytes; the error is a sentence for logs of operators and reports, never shown as is to residents. */
export function decodeRecord<T>(schema: Schema<T>, bytes: Uint8Array): Result<T, string> {
  try {
    const record = schema.parse(decodeProfile(bytes), "");
    // Also refuses unsorted keys.
    return equalBytes(encodeProfile(schema.pack(record)), bytes) ? ok(record) : err("not the canonical encoding");
  } catch (error) {
    if (error instanceof ProfileError) return err(`not CBOR: ${error.message}`);
    if (error instanceof SchemaError) return err(error.message);
    throw error;
  }
}
