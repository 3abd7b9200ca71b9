import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

/**
 * Everything that can be set, from environment variables. `demonstration` runs all parties of an election on one machine;
 * `production` starts nothing but the server and must be told where the others are; `rehearsal` is like production under an
 * origin that says so, may start its own signer and may be given a clock.
 */
export const configSchema = Type.Object(
  {
    mode: Type.Union([Type.Literal("demonstration"), Type.Literal("rehearsal"), Type.Literal("production")]),
    host: Type.String({ minLength: 1, maxLength: 255 }),
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    /** Folder of everything that is kept outside the database. */
    dataDir: Type.String({ minLength: 1 }),
    databaseUrl: Type.Optional(Type.String({ pattern: "^postgres(ql)?://" })),
    /** Origin of the record; new for every election. */
    origin: Type.Optional(Type.String({ pattern: "^[!-*,-~]{1,200}$" })),
    /** `unix:/path` or `http://127.0.0.1:port` with the signer's token. */
    signerUrl: Type.Optional(Type.String({ pattern: "^(unix:/|http://127\\.0\\.0\\.1:[0-9]{1,5}$)" })),
    signerToken: Type.Optional(Type.String({ minLength: 16, maxLength: 200 })),
    /** Key name of each witness and where it is reached: `name=url`. */
    witnessUrls: Type.Array(Type.String({ pattern: "^[!-*,-~]+=https?://[^ =]+$" }), { maxItems: 20 }),
    registrarUrls: Type.Array(Type.String({ pattern: "^(https?://|/)" }), { maxItems: 20 }),
    /** What `PUT /documents` asks for as bearer; at least 128 bits. */
    operatorToken: Type.Optional(Type.String({ minLength: 22, maxLength: 200 })),
    /** A file whose content, milliseconds as a decimal number, is added to the system's clock. */
    clockFile: Type.Optional(Type.String({ minLength: 1 })),
    /** Longest time between two anchors while voting is open; the protocol asks for one at least every 60 s. */
    anchorSeconds: Type.Integer({ minimum: 1, maximum: 60 }),
    /** Proof-checking child processes. */
    verifiers: Type.Integer({ minimum: 1, maximum: 256 }),
    /** Addresses of proxies whose forwarded headers are believed; empty = none. */
    trustProxy: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 20 }),
    /** Writes per minute of one address, loosely: many phones share one. 0 = no limit. */
    requestsPerMinute: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
  },
  { additionalProperties: false },
);
export type Config = Static<typeof configSchema>;

/** How each setting is called in the environment, and whether `NAME_FILE` may name a file that holds it. */
export const variables = {
  mode: "HANPYO_MODE",
  host: "HOST",
  port: "PORT",
  dataDir: "DATA_DIR",
  databaseUrl: "DATABASE_URL",
  origin: "HANPYO_ORIGIN",
  signerUrl: "HANPYO_SIGNER_URL",
  signerToken: "HANPYO_SIGNER_TOKEN",
  witnessUrls: "HANPYO_WITNESS_URLS",
  registrarUrls: "HANPYO_REGISTRAR_URLS",
  operatorToken: "HANPYO_OPERATOR_TOKEN",
  clockFile: "HANPYO_CLOCK_FILE",
  anchorSeconds: "HANPYO_ANCHOR_SECONDS",
  verifiers: "HANPYO_VERIFIERS",
  trustProxy: "HANPYO_TRUST_PROXY",
  requestsPerMinute: "HANPYO_REQUESTS_PER_MINUTE",
} as const satisfies Record<keyof Config, string>;
/** Settings that are secret: never printed, and readable from the file that `NAME_FILE` names. */
export const secretSettings = [
  "databaseUrl",
  "signerToken",
  "operatorToken",
] as const satisfies readonly (keyof Config)[];

type Environment = Readonly<Record<string, string | undefined>>;

/** A wrong setting; the message names the variable and never its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const defaultDataDir = (): string =>
  process.getuid?.() === 0 ? "/var/lib/hanpyo" : path.resolve(import.meta.dirname, "../../.data");

/** Reads the configuration; throws a ConfigError naming the first wrong variable. */
export function readConfig(environment: Environment, cores = 1): Config {
  const text = (setting: keyof Config): string | undefined => {
    const name = variables[setting];
    const file = environment[`${name}_FILE`];
    if (file !== undefined && (secretSettings as readonly string[]).includes(setting)) {
      if (!existsSync(file)) throw new ConfigError(`${name}_FILE names no file`);
      return readFileSync(file, "utf8").trim();
    }
    const value = environment[name];
    return value === undefined || value === "" ? undefined : value;
  };
  const number = (setting: keyof Config, otherwise: number): number => {
    const value = text(setting);
    if (value === undefined) return otherwise;
    if (!/^[0-9]{1,9}$/.test(value)) throw new ConfigError(`${variables[setting]} is not a number`);
    return Number(value);
  };
  const list = (setting: keyof Config): string[] =>
    (text(setting) ?? "")
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");

  const draft: Record<string, unknown> = {
    mode: text("mode") ?? "demonstration",
    host: text("host") ?? "127.0.0.1",
    port: number("port", 3000),
    dataDir: path.resolve(text("dataDir") ?? defaultDataDir()),
    witnessUrls: list("witnessUrls"),
    registrarUrls: list("registrarUrls"),
    anchorSeconds: number("anchorSeconds", 30),
    verifiers: number("verifiers", Math.max(1, cores - 1)),
    trustProxy: list("trustProxy"),
    requestsPerMinute: number("requestsPerMinute", text("mode") === "production" ? 3000 : 0),
  };
  for (const setting of ["databaseUrl", "origin", "signerUrl", "signerToken", "operatorToken", "clockFile"] as const) {
    const value = text(setting);
    if (value !== undefined) draft[setting] = value;
  }
  if (!Value.Check(configSchema, draft)) {
    const [first] = Value.Errors(configSchema, draft);
    const setting = (first?.instancePath.split("/")[1] ?? "") as keyof Config;
    throw new ConfigError(`${variables[setting] ?? "a variable"} is not valid: ${first?.message ?? "unknown"}`);
  }
  checkMode(draft);
  return draft;
}

function checkMode(config: Config): void {
  if (config.mode === "demonstration") {
    if (config.host !== "127.0.0.1") throw new ConfigError("HOST: a demonstration listens on 127.0.0.1 only");
    for (const setting of ["origin", "signerUrl"] as const)
      if (config[setting] !== undefined)
        throw new ConfigError(`${variables[setting]}: a demonstration makes its own; set HANPYO_MODE=production`);
    return;
  }
  const missing = (["origin", "operatorToken"] as const).filter((setting) => config[setting] === undefined);
  if (missing.length > 0)
    throw new ConfigError(`${variables[missing[0]!]} must be set where HANPYO_MODE is ${config.mode}`);
  for (const setting of ["witnessUrls", "registrarUrls"] as const)
    if (config[setting].length === 0)
      throw new ConfigError(`${variables[setting]} must be set where HANPYO_MODE is ${config.mode}`);
  if (config.mode === "rehearsal") {
    if (!isRehearsal(config.origin!))
      throw new ConfigError("HANPYO_ORIGIN: the origin of a rehearsal has /rehearsal in it");
    return;
  }
  if (isRehearsal(config.origin!)) throw new ConfigError("HANPYO_ORIGIN: this is the origin of a rehearsal");
  if (config.clockFile !== undefined)
    throw new ConfigError("HANPYO_CLOCK_FILE: a production server accepts the system's clock only");
  if (config.signerUrl === undefined) throw new ConfigError("HANPYO_SIGNER_URL must be set in production");
}

/** As check 4g reads it. */
const isRehearsal = (origin: string): boolean => /(^|[/.-])rehearsal([/.-]|$)/.test(origin);

/** The configuration for people, one line per setting, secrets left out. */
export function printableConfig(config: Config): string[] {
  return Object.entries(variables).flatMap(([setting, name]) => {
    const value = config[setting as keyof Config];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
    const secret = (secretSettings as readonly string[]).includes(setting);
    return [`${name}=${secret ? "(set)" : Array.isArray(value) ? value.join(",") : value}`];
  });
}
