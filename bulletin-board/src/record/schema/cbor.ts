/** Records as deterministic CBOR (RFC 8949 §4.2.1): what decodes, re-encodes to the same bytes. */
import { equalBytes, err, ok, type Result } from "@hanpyo/crypto";
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { type Schema, SchemaError } from "./schema.ts";

/** Encodes a record of our own; throws where it does not fit its schema, for that is a defect of the caller. */
export function encodeRecord<T>(schema: Schema<T>, value: T): Uint8Array {
  // In Node the encoder answers with a Buffer, whose `slice` shares memory: nobody downstream expects that.
  const bytes = new Uint8Array(encode(schema.pack(value), rfc8949EncodeOptions));
  const back = decodeRecord(schema, bytes);
  if (!back.ok) throw new Error(`a record of our own does not fit its schema: ${back.error}`);
  return bytes;
}

/** Decodes hostile bytes; the error is a sentence for logs of operators and reports, never shown as is to residents. */
export function decodeRecord<T>(schema: Schema<T>, bytes: Uint8Array): Result<T, string> {
  let value: unknown;
  try {
    // `useMaps` keeps keys such as "__proto__" out of objects; depth is bounded by the size of an entry.
    value = decode(bytes, {
      useMaps: true,
      strict: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: false,
    });
  } catch (error) {
    return err(`not CBOR: ${error instanceof Error ? error.message : String(error)}`);
  }
  let record: T;
  try {
    record = schema.parse(value, "");
  } catch (error) {
    if (error instanceof SchemaError) return err(error.message);
    throw error;
  }
  // Also refuses what the options above let through: floats for integers, unsorted keys.
  if (!equalBytes(encode(schema.pack(record), rfc8949EncodeOptions), bytes)) return err("not the canonical encoding");
  return ok(record);
}
