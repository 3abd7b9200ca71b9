/** Making a roll from an office's list: a fresh activation code for everybody, the signed roll, and the mail-merge file. */
import { createHash, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { type Ed25519Signer, encodeTrustSnapshot, nobleSigner, type TrustSnapshot } from "@hanpyo/bulletin-board";
import {
  bytesToHex,
  generateActivationCode,
  parseActivationCode,
  randomBytes,
  Secret,
  unwrap,
  utf8ToBytes,
} from "@hanpyo/crypto";
import { cellFault, encodeRow, encodeTable, type Table } from "./csv.ts";
import { type RollFault, rollRoot } from "./roll.ts";

export interface MadeRoll {
  /** The roll's bytes. */
  readonly csv: Uint8Array;
  /** Detached, over `csv`. */
  readonly signature: Uint8Array;
  /** 32 bytes from which the salts of the rows follow; goes to registrars and auditors with the roll. */
  readonly salt: Secret<Uint8Array>;
  readonly trust: TrustSnapshot;
  readonly trustBytes: Uint8Array;
  /** Mail merge: the columns of the input and `code`. The only place where codes and people stand together. */
  readonly mailMerge: Secret<string>;
  /** Codes by id. */
  readonly codes: ReadonlyMap<string, Secret<string>>;
}

export interface MakeRollOptions {
  readonly authority: { readonly name: string; readonly key: Ed25519Signer };
  /** E₀; fresh for every roll. */
  readonly codeSalt?: Uint8Array;
  /** For tests: the code of a row instead of a fresh one. */
  readonly code?: (index: number) => Secret<string>;
}

/** What a dry run finds: everything wrong with a list, before any code is made. */
export interface RollReport {
  readonly rows: number;
  readonly faults: readonly RollFault[];
}

/** Checks a list with at least the columns id and class; `key` must not be there yet. */
export function inspectList({ columns, rows }: Table): RollReport {
  const faults: RollFault[] = [];
  const add = (code: RollFault["code"], line: number, detail: string) => faults.push({ code, line, detail });
  for (const name of ["id", "class"]) if (!columns.includes(name)) add("columns", 1, `the column ${name} is missing`);
  for (const name of ["key", "code"])
    if (columns.includes(name)) add("columns", 1, `the column ${name} is made here and must not be in the list`);
  if (rows.length === 0) add("rows", 0, "nobody is on the list");
  const id = columns.indexOf("id");
  const seen = new Map<string, number>();
  for (const [i, row] of rows.entries()) {
    const line = i + 2;
    const bad = row.map(cellFault).find((each) => each !== null);
    if (bad !== undefined && bad !== null) add("form", line, bad);
    const name = row[id];
    if (name === undefined) continue;
    if (name === "" || name.length > 100) add("id", line, "an id has 1 to 100 characters");
    const before = seen.get(name);
    if (before !== undefined) add("duplicate", line, `the id stands in line ${before} already`);
    else seen.set(name, line);
  }
  return { rows: rows.length, faults };
}

const derive = promisify<string, Uint8Array, number, { N: number; r: number; p: number }, Buffer>(scrypt);

/** The holder key's public part: `activationKey` of the crypto package, by OpenSSL and off the main thread. */
async function holderKeyOf(code: Secret<string>, codeSalt: Uint8Array): Promise<Uint8Array> {
  const body = unwrap(parseActivationCode(code.reveal())).reveal();
  const salt = utf8ToBytes(`hanpyo/activation/${bytesToHex(codeSalt)}`);
  return nobleSigner(await derive(body, salt, 32, { N: 2 ** 14, r: 8, p: 1 })).publicKey;
}

/** Throws if the list has faults: `inspectList` is asked first. */
export async function makeRoll(list: Table, options: MakeRollOptions): Promise<MadeRoll> {
  const { faults } = inspectList(list);
  if (faults.length > 0) throw new Error(`the list has ${faults.length} faults; run the dry run`);
  const codeSalt = options.codeSalt ?? randomBytes(32);
  const salt = new Secret(randomBytes(32));
  const secrets = list.rows.map((_, i) => options.code?.(i) ?? generateActivationCode());
  const keys: Uint8Array[] = [];
  const width = 4; // libuv's threads
  for (let at = 0; at < secrets.length; at += width)
    keys.push(...(await Promise.all(secrets.slice(at, at + width).map((code) => holderKeyOf(code, codeSalt)))));
  const columns = [...list.columns, "key"];
  const rows = list.rows.map((row, i) => [...row, bytesToHex(keys[i]!)]);
  const csv = utf8ToBytes(encodeTable({ columns, rows }));
  const trust: TrustSnapshot = {
    v: 1,
    source: "signed-roll",
    authority: { name: options.authority.name, key: options.authority.key.publicKey },
    roll: new Uint8Array(createHash("sha256").update(csv).digest()),
    rows: rows.length,
    root: rollRoot(rows.map(encodeRow), salt),
    codeSalt,
  };
  const id = list.columns.indexOf("id");
  return {
    csv,
    signature: options.authority.key.sign(csv),
    salt,
    trust,
    trustBytes: encodeTrustSnapshot(trust),
    mailMerge: new Secret(
      encodeTable({
        columns: [...list.columns, "code"],
        rows: list.rows.map((row, i) => [...row, secrets[i]!.reveal()]),
      }),
    ),
    codes: new Map(list.rows.map((row, i) => [row[id]!, secrets[i]!])),
  };
}
