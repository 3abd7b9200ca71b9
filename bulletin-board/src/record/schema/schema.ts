/**
 * Schemas of records: one description gives the strict decoder, the encoder, the TypeScript type and the CDDL (RFC 8610)
 * of docs/record.cddl. Only what the protocol uses exists: no tags, no floats, no optional keys (absent = null), no
 * negative integers.
 */
import { isWellFormed } from "../../log/text.ts";

/** Thrown inside this folder only; `decodeRecord` turns it into a value. */
export class SchemaError extends Error {}

export interface Schema<T> {
  /** The value, checked; throws `SchemaError` naming the path where it does not fit. */
  parse(value: unknown, path: string): T;
  /** The value in the shape the CBOR encoder takes: tuples become arrays. */
  pack(value: T): unknown;
  /** CDDL of this schema where it is used: its name if it has one. */
  cddl(): string;
  /** Named schemas below this one, for the CDDL file. */
  readonly parts: readonly Schema<unknown>[];
  readonly name?: string;
  /** CDDL of the body of a named schema. */
  readonly body?: () => string;
}
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

const same = <T>(value: T): T => value;
const fail = (path: string, wanted: string): never => {
  throw new SchemaError(`${path || "record"}: ${wanted}`);
};

/** A byte string of exactly `length` bytes, or of `min`..`max` bytes. */
export function bytes(min: number, max: number = min): Schema<Uint8Array> {
  return {
    parse: (value, path) =>
      value instanceof Uint8Array && value.length >= min && value.length <= max
        ? value
        : fail(path, min === max ? `needs ${min} bytes` : `needs ${min} to ${max} bytes`),
    pack: same,
    cddl: () => (min === max ? `bytes .size ${min}` : `bytes .size (${min}..${max})`),
    parts: [],
  };
}

/** An unsigned integer ≤ max (and < 2^53). */
export function uint(max: number = Number.MAX_SAFE_INTEGER, min = 0): Schema<number> {
  return {
    parse: (value, path) =>
      typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max
        ? value
        : fail(path, `needs an integer in ${min}..${max}`),
    pack: same,
    cddl: () => (max === Number.MAX_SAFE_INTEGER && min === 0 ? "uint" : `${min}..${max}`),
    parts: [],
  };
}

/** Text of at most `max` UTF-16 units, at least one, without control characters other than newline. */
export function text(max: number, min = 1): Schema<string> {
  return {
    parse: (value, path) => {
      if (typeof value !== "string" || value.length < min || value.length > max || !isWellFormed(value))
        return fail(path, `needs text of ${min} to ${max} characters`);
      for (let i = 0; i < value.length; i++) {
        const unit = value.charCodeAt(i);
        if ((unit < 0x20 && unit !== 0x0a) || unit === 0x7f) return fail(path, "has a control character");
      }
      return value;
    },
    pack: same,
    cddl: () => "tstr",
    parts: [],
  };
}

export const bool: Schema<boolean> = {
  parse: (value, path) => (typeof value === "boolean" ? value : fail(path, "needs true or false")),
  pack: same,
  cddl: () => "bool",
  parts: [],
};

export function literal<const V extends string | number>(wanted: V): Schema<V> {
  return {
    parse: (value, path) => (value === wanted ? wanted : fail(path, `needs ${JSON.stringify(wanted)}`)),
    pack: same,
    cddl: () => JSON.stringify(wanted),
    parts: [],
  };
}

export function nullable<T>(inner: Schema<T>): Schema<T | null> {
  return {
    parse: (value, path) => (value === null ? null : inner.parse(value, path)),
    pack: (value) => (value === null ? null : inner.pack(value)),
    cddl: () => `${inner.cddl()} / null`,
    parts: [inner],
  };
}

export function list<T>(inner: Schema<T>, max: number, min = 0): Schema<readonly T[]> {
  return {
    parse: (value, path) => {
      if (!Array.isArray(value) || value.length < min || value.length > max)
        return fail(path, `needs a list of ${min} to ${max}`);
      return value.map((item, i) => inner.parse(item, `${path}[${i}]`));
    },
    pack: (value) => value.map((item) => inner.pack(item)),
    cddl: () => `[${min}*${max} ${wrap(inner.cddl())}]`,
    parts: [inner],
  };
}

type Fields = Record<string, Schema<unknown>>;
type ValueOf<F extends Fields> = { readonly [K in keyof F]: TypeOf<F[K]> };

/** An array of fixed length, an entry per named field: the compact form, for what is repeated millions of times. */
export function tuple<F extends Fields>(fields: F): Schema<ValueOf<F>> {
  const names = Object.keys(fields);
  return {
    parse: (value, path) => {
      if (!Array.isArray(value) || value.length !== names.length) return fail(path, `needs ${names.length} fields`);
      return Object.fromEntries(
        names.map((name, i) => [name, fields[name]!.parse(value[i], `${path}.${name}`)]),
      ) as ValueOf<F>;
    },
    pack: (value) => names.map((name) => fields[name]!.pack(value[name])),
    cddl: () => `[${names.map((name) => `${name}: ${fields[name]!.cddl()}`).join(", ")}]`,
    parts: Object.values(fields),
  };
}

/** A map with exactly these text keys. */
export function map<F extends Fields>(fields: F): Schema<ValueOf<F>> {
  const names = Object.keys(fields);
  return {
    parse: (value, path) => {
      if (!(value instanceof Map)) return fail(path, "needs a map");
      for (const key of value.keys())
        if (typeof key !== "string" || !Object.hasOwn(fields, key)) fail(path, `has the unknown field ${String(key)}`);
      return Object.fromEntries(
        names.map((name) => {
          if (!value.has(name)) fail(path, `lacks ${name}`);
          return [name, fields[name]!.parse(value.get(name), path ? `${path}.${name}` : name)];
        }),
      ) as ValueOf<F>;
    },
    pack: (value) => Object.fromEntries(names.map((name) => [name, fields[name]!.pack(value[name])])),
    cddl: () => `{${names.map((name) => `${name}: ${fields[name]!.cddl()}`).join(", ")}}`,
    parts: Object.values(fields),
  };
}

/** One of several maps, told apart by their number `kind`. */
export function choice<O extends readonly Schema<unknown>[]>(...options: O): Schema<TypeOf<O[number]>> {
  return {
    parse: (value, path) => {
      const kind = value instanceof Map ? value.get("kind") : undefined;
      const option = typeof kind === "number" ? options[kind] : undefined;
      return option ? (option.parse(value, path) as TypeOf<O[number]>) : fail(path, "has no known kind");
    },
    pack: (value) => options[(value as { kind: number }).kind]!.pack(value),
    cddl: () => options.map((option) => option.cddl()).join(" / "),
    parts: options,
  };
}

/** Gives a schema the name it has in record.cddl. */
export function named<T>(name: string, inner: Schema<T>): Schema<T> {
  return { ...inner, name, cddl: () => name, body: () => inner.cddl() };
}

const wrap = (cddl: string): string => (cddl.includes(" / ") ? `(${cddl})` : cddl);
