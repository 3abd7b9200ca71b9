/** The file that says which parties a process hosts. */
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

const port = Type.Integer({ minimum: 0, maximum: 65_535 });
const closed = { additionalProperties: false } as const;

export const partiesConfigSchema = Type.Object(
  {
    /** Address of the board, without a slash at its end; it may come up later than the parties. */
    server: Type.String({ pattern: "^http://(127\\.0\\.0\\.1|\\[::1\\]|localhost)(:[0-9]{1,5})?$" }),
    /** One folder per party is made in it. */
    folder: Type.String({ minLength: 1 }),
    /** Folder of roll.csv, roll.sig and roll.salt; it may be made later. */
    roll: Type.String({ minLength: 1 }),
    registrars: Type.Integer({ minimum: 0, maximum: 20 }),
    trustees: Type.Integer({ minimum: 0, maximum: 50 }),
    witnesses: Type.Integer({ minimum: 0, maximum: 20 }),
    /** Auditors; default none, the stated mode "no audit". */
    auditors: Type.Optional(Type.Integer({ minimum: 0, maximum: 20 })),
    /** Trustees (from 1) that take part in the ceremony but send no share. */
    absentTrustees: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 50 }))),
    /** What witnesses' names end with. */
    domain: Type.String({ pattern: "^[a-z0-9.-]{1,100}$" }),
    /** Where the registrars' schemas lie: a connection string, or a socket's folder, user and database. */
    database: Type.Union([
      Type.Object({ connectionString: Type.String({ pattern: "^postgres(ql)?://" }) }, closed),
      Type.Object({ host: Type.String(), user: Type.String(), database: Type.String() }, closed),
    ]),
    /** Ports by party; 0 or absent = any free one. */
    ports: Type.Optional(
      Type.Object({ registrars: Type.Optional(Type.Array(port)), witnesses: Type.Optional(Type.Array(port)) }, closed),
    ),
    /** Wrong codes that a registrar takes from one connection in ten minutes; default 200. */
    wrongCodes: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Milliseconds between a registrar's looks at the board; default 400. */
    interval: Type.Optional(Type.Integer({ minimum: 10, maximum: 60_000 })),
  },
  closed,
);
export type PartiesConfig = Static<typeof partiesConfigSchema>;

/** Throws an error naming the first wrong field. */
export function readPartiesConfig(text: string): PartiesConfig {
  const value: unknown = JSON.parse(text);
  if (Value.Check(partiesConfigSchema, value)) return value;
  const [first] = Value.Errors(partiesConfigSchema, value);
  throw new Error(`the parties' configuration: ${first?.instancePath ?? ""} ${first?.message ?? ""}`);
}
