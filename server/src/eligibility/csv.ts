/**
 * Tables as CSV in one canonical form, since rows are hashed: UTF-8 in NFC, `\n` after every row, a cell quoted only if it
 * holds a comma or a quote, no control characters, no blanks at a cell's ends.
 */
import { err, ok, type Result } from "@hanpyo/crypto";
import { parse } from "csv-parse/sync";

/** A fault of a file; `line` counts from 1 and never quotes what stands there. */
export interface CsvFault {
  readonly line: number;
  readonly what: string;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const maxBytes = 2 ** 31;

export function encodeRow(cells: readonly string[]): string {
  return cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

export function encodeTable({ columns, rows }: Table): string {
  return `${[columns, ...rows].map(encodeRow).join("\n")}\n`;
}

/** Why a cell cannot stand in a roll, or null. */
export function cellFault(cell: string): string | null {
  if (cell.length > 300) return "a cell above 300 characters";
  if (cell !== cell.normalize("NFC")) return "text that is not NFC";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(cell)) return "a control character";
  return cell === cell.trim() ? null : "blanks at a cell's end";
}

/** Reads any well-formed CSV with a header row: what an office hands in, before it becomes a roll. A byte-order mark is dropped. */
export function readTable(bytes: Uint8Array): Result<Table, CsvFault> {
  if (bytes.length > maxBytes) return err({ line: 0, what: "a file above 2 GiB" });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return err({ line: 0, what: "not UTF-8" });
  }
  let records: string[][];
  try {
    records = parse(text, { relax_quotes: false, skip_empty_lines: true, relax_column_count: false });
  } catch (error) {
    // csv-parse's own message quotes the row
    const { lines, code } = error as { lines?: number; code?: string };
    if (code === undefined) throw error;
    return err({ line: lines ?? 0, what: code.toLowerCase().replaceAll("_", " ") });
  }
  const [columns, ...rows] = records;
  if (columns === undefined) return err({ line: 1, what: "no header row" });
  if (columns.length > 40 || !columns.every((name) => /^[a-z][a-z0-9_]{0,39}$/.test(name)))
    return err({ line: 1, what: "column names are lower-case words of at most 40 characters" });
  if (new Set(columns).size !== columns.length) return err({ line: 1, what: "two columns have one name" });
  return ok({ columns, rows });
}

/** Reads a table in its canonical form and nothing else. */
export function decodeTable(bytes: Uint8Array): Result<Table, CsvFault> {
  const table = readTable(bytes);
  if (!table.ok) return table;
  for (const [i, row] of table.value.rows.entries())
    for (const cell of row) {
      const fault = cellFault(cell);
      if (fault !== null) return err({ line: i + 2, what: fault });
    }
  return Buffer.from(encodeTable(table.value), "utf8").equals(bytes)
    ? table
    : err({ line: 0, what: "not the canonical form" });
}
