/**
 * The two documents of a definition that say who may vote: policy and trust snapshot (docs/protocol.md 7.1), JSON in one
 * canonical form that people can read (two spaces, fields in the order below, a newline at the end), named by the SHA-256
 * of their bytes. The trust snapshot fixes the roll; the policy says which of its rows may vote.
 */
import { bytesToHex, equalBytes, err, ok, type Result, utf8ToBytes } from "@hanpyo/crypto";
import {
  array,
  type Fields,
  flag,
  hex,
  integer,
  object,
  oneOf,
  orNull,
  parseJson,
  type Shape,
  shape,
  string,
} from "./shape.ts";

const column = shape({ name: string(40), type: oneOf("string", "int", "bool") });
/** A made-up row that the policy must judge as said here; `row` has a text per column. */
const test = shape({ name: string(100), row: array(string(300), 40), eligible: flag, class: orNull(integer) });

const policyShape = shape({
  v: oneOf(1),
  /** Seconds since 1970: the day at which the roll was drawn up. */
  snapshotAt: integer,
  source: oneOf("signed-roll"),
  /** The columns that expressions may read. */
  columns: array(object(column), 40),
  /** CEL of type bool; an error is "not eligible". */
  eligible: string(4000),
  /** CEL of type int: the class of the person's constituency (of any denomination). */
  class: string(4000),
  /** CEL of type int: the person's whole weight; null = one pass of the class. */
  weight: orNull(string(4000)),
  tests: array(object(test), 100),
});
export type PolicyDocument = (typeof policyShape)["type"];
export type PolicyColumn = PolicyDocument["columns"][number];
export type PolicyTest = PolicyDocument["tests"][number];

const trustShape = shape({
  v: oneOf(1),
  source: oneOf("signed-roll"),
  authority: object(shape({ name: string(100), key: hex(32) })),
  /** SHA-256 of the CSV. */
  roll: hex(32),
  rows: integer,
  /** RFC 6962 root over salt ‖ row. */
  root: hex(32),
  /** E₀: salts the activation codes' keys. Public; the salts of the rows are not. */
  codeSalt: hex(32),
});
export type TrustSnapshot = (typeof trustShape)["type"];

/** Fields in the shape's order whatever the order of the value's, byte strings as hex. */
function encodeDocument<F extends Fields>(wanted: Shape<F>, value: Shape<F>["type"]): Uint8Array {
  const text = JSON.stringify(value, (_key, each: unknown) => (each instanceof Uint8Array ? bytesToHex(each) : each));
  const read = parseJson(utf8ToBytes(text), wanted);
  if (!read.ok) throw new Error(`a document of our own does not fit its shape: ${read.error}`);
  return canonical(read.value);
}

function canonical(value: unknown): Uint8Array {
  const text = JSON.stringify(
    value,
    (_key, each: unknown) => (each instanceof Uint8Array ? bytesToHex(each) : each),
    2,
  );
  return utf8ToBytes(`${text}\n`);
}

function decodeDocument<F extends Fields>(wanted: Shape<F>, bytes: Uint8Array): Result<Shape<F>["type"], string> {
  if (bytes.length > 1 << 20) return err("a document above 1 MiB");
  const read = parseJson(bytes, wanted);
  if (!read.ok) return read;
  return equalBytes(canonical(read.value), bytes) ? ok(read.value) : err("not the canonical form");
}

export const encodePolicyDocument = (value: PolicyDocument): Uint8Array => encodeDocument(policyShape, value);
export const decodePolicyDocument = (bytes: Uint8Array): Result<PolicyDocument, string> =>
  decodeDocument(policyShape, bytes);
export const encodeTrustSnapshot = (value: TrustSnapshot): Uint8Array => encodeDocument(trustShape, value);
export const decodeTrustSnapshot = (bytes: Uint8Array): Result<TrustSnapshot, string> =>
  decodeDocument(trustShape, bytes);
