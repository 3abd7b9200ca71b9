/** `GET /api/election`: what the board says of itself (docs/api.md). Hints only; everything that matters is read from the record. */
import { array, flag, hex, integer, object, orNull, type Shape, shape, string } from "./shape.ts";

const keys = shape({
  record: string(300),
  passes: string(300),
  acknowledgement: string(300),
  witnesses: array(string(300), 20),
  quorum: integer,
});
const registrar = shape({ index: integer, name: string(100), url: string(500) });
const turnout = shape({ total: integer, classes: array(integer, 1000) });

export const overviewShape = shape({
  origin: string(200),
  election: orNull(hex(32)),
  context: orNull(hex(32)),
  phase: string(20),
  opens: orNull(integer),
  end: orNull(integer),
  now: integer,
  rehearsal: orNull(flag),
  size: integer,
  passes: integer,
  turnout: object(turnout),
  keys: object(keys),
  registrars: array(object(registrar), 20),
});
export type Overview =
  typeof overviewShape extends Shape<infer F> ? { readonly [K in keyof F]: ReturnType<F[K]> } : never;
