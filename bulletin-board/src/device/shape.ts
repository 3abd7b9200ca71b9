/** Strict reading of JSON answers: exactly these fields, of exactly these forms. Whoever answers is not trusted. */
import { err, hexToBytes, ok, type Result } from "@hanpyo/crypto";
import { decodeUtf8 } from "../log/index.ts";
import { decodeBase64url } from "./base64url.ts";

/** Reads a JSON value; throws `ShapeError`, which only `parseJson` catches. */
export type Reader<T> = (value: unknown, path: string) => T;
export type Fields = Record<string, Reader<unknown>>;
type ValueOf<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> };

class ShapeError extends Error {}
const fail = (path: string, wanted: string): never => {
  throw new ShapeError(`${path}: needs ${wanted}`);
};

export interface Shape<F extends Fields> {
  readonly fields: F;
  /** Carries the type only. */
  readonly type: ValueOf<F>;
}
export const shape = <F extends Fields>(fields: F): Shape<F> => ({ fields, type: undefined as never });

/** Unknown fields are ignored: an interface may grow. */
export const object =
  <F extends Fields>({ fields }: Shape<F>): Reader<ValueOf<F>> =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(path, "an object");
    const known = value as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(fields).map(([name, read]) => [
        name,
        read(Object.hasOwn(known, name) ? known[name] : undefined, `${path}.${name}`),
      ]),
    ) as ValueOf<F>;
  };

export const array =
  <T>(read: Reader<T>, max: number): Reader<readonly T[]> =>
  (value, path) =>
    Array.isArray(value) && value.length <= max
      ? value.map((each, i) => read(each, `${path}[${i}]`))
      : fail(path, `at most ${max} elements`);

export const string =
  (max: number): Reader<string> =>
  (value, path) =>
    typeof value === "string" && value.length <= max ? value : fail(path, `text of at most ${max} characters`);

export const integer: Reader<number> = (value, path) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : fail(path, "an integer");

export const flag: Reader<boolean> = (value, path) =>
  typeof value === "boolean" ? value : fail(path, "true or false");

export const oneOf =
  <const V extends string | number>(...wanted: readonly V[]): Reader<V> =>
  (value, path) =>
    wanted.includes(value as V) ? (value as V) : fail(path, wanted.map((each) => JSON.stringify(each)).join(" or "));

/** base64url of exactly `length` bytes. */
export const binary =
  (length: number): Reader<Uint8Array> =>
  (value, path) => {
    const bytes = typeof value === "string" && value.length <= 2 * length + 4 ? decodeBase64url(value) : err("");
    return bytes.ok && bytes.value.length === length ? bytes.value : fail(path, `${length} bytes`);
  };

/** Lower-case hex of exactly `length` bytes. */
export const hex =
  (length: number): Reader<Uint8Array> =>
  (value, path) =>
    typeof value === "string" && value.length === 2 * length && /^[0-9a-f]*$/.test(value)
      ? hexToBytes(value)
      : fail(path, `${length} bytes as hex`);

export const orNull =
  <T>(read: Reader<T>): Reader<T | null> =>
  (value, path) =>
    value === null || value === undefined ? null : read(value, path);

/** Reads a value that is JSON already. */
export function readValue<F extends Fields>(value: unknown, wanted: Shape<F>): Result<ValueOf<F>, string> {
  try {
    return ok(object(wanted)(value, "answer"));
  } catch (error) {
    if (error instanceof ShapeError) return err(error.message);
    throw error;
  }
}

export const anything: Reader<unknown> = (value) => value;

export function parseJson<F extends Fields>(bytes: Uint8Array, wanted: Shape<F>): Result<ValueOf<F>, string> {
  const text = decodeUtf8(bytes);
  if (!text.ok) return err("not UTF-8");
  let value: unknown;
  try {
    value = JSON.parse(text.value);
  } catch {
    return err("not JSON");
  }
  return readValue(value, wanted);
}
