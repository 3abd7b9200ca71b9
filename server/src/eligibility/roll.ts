/**
 * The signed electoral roll (docs/protocol.md 7.1): a canonical CSV with the columns id, class and key and those the policy
 * reads, a detached Ed25519 signature of its authority, and a commitment under which single rows can be shown to auditors
 * without the others: the RFC 6962 root over salt ‖ row.
 */
import { createHash, hkdfSync } from "node:crypto";
import { Frontier, isStrictPublicKey, leafHash, strictVerify, type TrustSnapshot } from "@hanpyo/bulletin-board";
import { nodeSha256 } from "@hanpyo/bulletin-board/node";
import {
  bytesToHex,
  concatBytes,
  equalBytes,
  err,
  hexToBytes,
  ok,
  type Result,
  type Secret,
  utf8ToBytes,
} from "@hanpyo/crypto";
import { decodeTable, encodeRow, type Table } from "./csv.ts";

/** A row as registrars use it. */
export interface RollRow {
  readonly id: string;
  /** Holder key, Ed25519. */
  readonly key: Uint8Array;
  readonly cells: ReadonlyMap<string, string>;
  /** From 0. */
  readonly index: number;
  /** The row as it stands in the CSV, without its end of line: what the commitment hashes after the salt. */
  readonly line: string;
}

export interface RollFault {
  readonly code: "form" | "columns" | "id" | "key" | "duplicate" | "signature" | "roll" | "root" | "rows";
  /** From 1, the header included; 0 for the whole file. */
  readonly line: number;
  readonly detail: string;
}
const fault = (code: RollFault["code"], line: number, detail: string) => err<RollFault>({ code, line, detail });

export const rollColumns = ["id", "class", "key"] as const;

/** Salt of a row (32 bytes), from the roll's secret, which registrars and auditors get with the roll and nobody else. */
export function rowSalt(secret: Secret<Uint8Array>, index: number): Uint8Array {
  const info = utf8ToBytes(`hanpyo/roll-row/${index}`);
  return new Uint8Array(hkdfSync("sha256", secret.reveal(), new Uint8Array(0), info, 32));
}

/** The RFC 6962 root over salt ‖ row. */
export function rollRoot(lines: readonly string[], secret: Secret<Uint8Array>): Uint8Array {
  const tree = new Frontier(nodeSha256);
  for (const [index, line] of lines.entries())
    tree.append(leafHash(concatBytes(rowSalt(secret, index), utf8ToBytes(line)), nodeSha256));
  return tree.root();
}

/** The first fault of a table as a roll, or null. */
export function rollFaults({ columns, rows }: Table): RollFault[] {
  const faults: RollFault[] = [];
  const add = (code: RollFault["code"], line: number, detail: string) => faults.push({ code, line, detail });
  const [id, , key] = rollColumns.map((name) => columns.indexOf(name)) as [number, number, number];
  for (const name of rollColumns) if (!columns.includes(name)) add("columns", 1, `the column ${name} is missing`);
  if (faults.length > 0) return faults;
  const ids = new Set<string>();
  const keys = new Set<string>();
  for (const [i, row] of rows.entries()) {
    const line = i + 2;
    if (row[id] === "" || row[id]!.length > 100) add("id", line, "an id has 1 to 100 characters");
    else if (ids.has(row[id]!)) add("duplicate", line, "the id occurs before");
    ids.add(row[id]!);
    if (!/^[0-9a-f]{64}$/.test(row[key]!) || !isStrictPublicKey(hexToBytes(row[key]!)))
      add("key", line, "the key is not an Ed25519 key as hex");
    else if (keys.has(row[key]!)) add("duplicate", line, "the key occurs before");
    keys.add(row[key]!);
  }
  return faults;
}

export class Roll {
  readonly #rows: ReadonlyMap<string, RollRow>;
  readonly #salt: Secret<Uint8Array>;

  private constructor(rows: ReadonlyMap<string, RollRow>, salt: Secret<Uint8Array>) {
    this.#rows = rows;
    this.#salt = salt;
  }

  /** Checks everything that the trust snapshot of the record says about the roll; a registrar starts with no other. */
  static open(
    csv: Uint8Array,
    signature: Uint8Array,
    salt: Secret<Uint8Array>,
    trust: TrustSnapshot,
  ): Result<Roll, RollFault> {
    if (!equalBytes(createHash("sha256").update(csv).digest(), trust.roll))
      return fault("roll", 0, "this is not the roll of the trust snapshot");
    if (!strictVerify(signature, csv, trust.authority.key))
      return fault("signature", 0, "the authority did not sign it");
    const table = decodeTable(csv);
    if (!table.ok) return fault("form", table.error.line, table.error.what);
    const [first] = rollFaults(table.value);
    if (first !== undefined) return err(first);
    const { columns, rows } = table.value;
    if (rows.length !== trust.rows) return fault("rows", 0, `${rows.length} rows instead of ${trust.rows}`);
    const lines = rows.map(encodeRow);
    if (!equalBytes(rollRoot(lines, salt), trust.root))
      return fault("root", 0, "the salts do not lead to the commitment");
    const byKey = new Map<string, RollRow>();
    for (const [index, row] of rows.entries()) {
      const cells = new Map(columns.map((name, i) => [name, row[i]!]));
      const key = cells.get("key")!;
      byKey.set(key, { id: cells.get("id")!, key: hexToBytes(key), cells, index, line: lines[index]! });
    }
    return ok(new Roll(byKey, salt));
  }

  get size(): number {
    return this.#rows.size;
  }

  find(holderKey: Uint8Array): RollRow | undefined {
    return this.#rows.get(bytesToHex(holderKey));
  }

  /** What shows the row to an auditor under the commitment. */
  salt(row: RollRow): Uint8Array {
    return rowSalt(this.#salt, row.index);
  }
}
