/** A definition as JSON that people write and read: the record's fields by name, byte strings as lower-case hex. */
import { type DefinitionBody, decodeRecord, definitionBody, encodeDefinitionBody } from "@hanpyo/bulletin-board";
import { bytesToHex, err, hexToBytes, ok, type Result } from "@hanpyo/crypto";

/** Fields of the definition that are byte strings. */
const byteFields: ReadonlySet<string> = new Set(["key", "commitment", "evidenceKey", "policy", "trust", "client"]);

const fromJson = (value: unknown, name = ""): unknown => {
  if (typeof value === "string" && byteFields.has(name) && /^(?:[0-9a-f]{2})+$/.test(value)) return hexToBytes(value);
  if (Array.isArray(value)) return value.map((item) => fromJson(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(item, key)]));
};

export const definitionToJson = (body: DefinitionBody): string =>
  `${JSON.stringify(body, (_name, value: unknown) => (value instanceof Uint8Array ? bytesToHex(value) : value), 2)}\n`;

/** The CBOR of the body, and the body; the error names the first field that does not fit. */
export function readDefinitionJson(
  text: string,
): Result<{ readonly bytes: Uint8Array; readonly body: DefinitionBody }, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err("the definition is not JSON");
  }
  let bytes: Uint8Array;
  try {
    bytes = encodeDefinitionBody(fromJson(json) as DefinitionBody);
  } catch (error) {
    // The encoder throws for a record of our own; here the record is a person's, and the message names the field.
    return err(error instanceof Error ? error.message : String(error));
  }
  const body = decodeRecord(definitionBody, bytes);
  return body.ok ? ok({ bytes, body: body.value }) : body;
}
