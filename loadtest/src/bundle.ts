/** Exports an election as the folder that verifies years later without any server (docs/api.md, "Files"). */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  decodeCheckpoint,
  decodeEntry,
  decodeNote,
  documentsOf,
  httpSource,
  type LogSource,
  readEntries,
  type TileId,
  tilePath,
  tileWidth,
  tileWidthAt,
} from "@hanpyo/bulletin-board";
import { bytesToHex, unwrap } from "@hanpyo/crypto";

/** Papers of residents, by file name without its ending. */
export interface KeptPapers {
  readonly receipts: ReadonlyMap<string, string>;
  readonly acknowledgements: ReadonlyMap<string, unknown>;
  readonly refusals: ReadonlyMap<string, unknown>;
}

export interface ExportedBundle {
  readonly entries: number;
  readonly passes: number;
  readonly documents: number;
  readonly bytes: number;
}

const lookUpBuckets = 4096;

async function get(url: string): Promise<Uint8Array | undefined> {
  const answer = await fetch(url, { redirect: "error" });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${url}: status ${answer.status}`);
  return bytes;
}

export async function exportBundle(server: string, folder: string, papers: KeptPapers): Promise<ExportedBundle> {
  let bytes = 0;
  const write = (name: string, content: Uint8Array | string): void => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    bytes += content.length;
  };
  const source = httpSource(server, get);
  const entries = await exportLog(source.record, "record", write);
  const passes = await exportLog(source.passes, "passes", write);

  const names = new Set<string>();
  for await (const { entries: raw } of readEntries(source.record, entries))
    for (const each of raw) for (const hash of documentsOf(unwrap(decodeEntry(each)))) names.add(bytesToHex(hash));
  for (const name of names) {
    const document = await source.document(name);
    if (!document) throw new Error(`the server lacks document ${name}`);
    write(`documents/${name}`, document);
  }

  const overview = await get(`${server}/api/election`);
  const { keys } = JSON.parse(Buffer.from(overview!).toString("utf8")) as { keys: unknown };
  write("keys.json", `${JSON.stringify(keys, null, 2)}\n`);
  for (let bucket = 0; bucket < lookUpBuckets; bucket += 16) {
    const rows = await Promise.all(Array.from({ length: 16 }, (_, i) => get(`${server}/index/${bucket + i}`)));
    for (const [i, row] of rows.entries()) if (row && row.length > 0) write(`index/${bucket + i}`, row);
  }

  for (const [name, text] of papers.receipts) write(`receipts/${name}.txt`, text);
  for (const [name, value] of papers.acknowledgements)
    write(`acknowledgements/${name}.json`, `${JSON.stringify(value)}\n`);
  for (const [name, value] of papers.refusals) write(`refusals/${name}.json`, `${JSON.stringify(value)}\n`);
  return { entries, passes, documents: names.size, bytes };
}

/** Checkpoint, tiles and bundles of one log; gives its size. */
async function exportLog(
  source: LogSource,
  prefix: string,
  write: (name: string, content: Uint8Array | string) => void,
): Promise<number> {
  const note = await source.checkpoint();
  const { size } = unwrap(decodeCheckpoint(unwrap(decodeNote(note)).text));
  write(`${prefix}/checkpoint`, note);
  for (const tile of tilesOf(size)) {
    const name = tilePath(tile);
    const content = await source.file(name);
    if (!content) throw new Error(`the server lacks ${prefix}/${name}`);
    write(`${prefix}/${name}`, content);
  }
  return size;
}

/** All tiles and bundles of a tree of this size, the partial ones at its edge included. */
function tilesOf(size: number): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0, rows = size; rows > 0; level++, rows = Math.floor(rows / tileWidth))
    for (let index = 0; index * tileWidth < rows; index++) {
      tiles.push({ level, index, width: tileWidthAt(level, index, size) });
      if (level === 0) tiles.push({ level: "entries", index, width: tileWidthAt("entries", index, size) });
    }
  return tiles;
}
