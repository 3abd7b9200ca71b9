/** Where a verifier reads a record: a folder, a server, a database. Nothing that comes out of it is trusted. */
import { tilePath, tileWidth, tileWidthAt } from "../log/index.ts";

export interface LogSource {
  /** The newest checkpoint, a signed note. */
  checkpoint(): Promise<string>;
  /** The file at a path below the log's prefix (`tile/entries/000`); undefined where there is none. */
  file(path: string): Promise<Uint8Array | undefined>;
}

export interface RecordSource {
  readonly record: LogSource;
  readonly passes: LogSource;
  /** A document by its SHA-256 in hex; undefined where there is none. */
  document(hash: string): Promise<Uint8Array | undefined>;
}

/** The source does not answer, or not with what its own checkpoint promises: nothing can be said of the record. */
export class UnreadableSource extends Error {}

/** Bundles of entries first..size−1, in order; each yields the index of its first entry and the raw entries. */
export async function* readEntries(
  source: LogSource,
  size: number,
  first = 0,
): AsyncGenerator<{ readonly index: number; readonly entries: readonly Uint8Array[] }> {
  for (let bundle = Math.floor(first / tileWidth); bundle * tileWidth < size; bundle++) {
    const width = tileWidthAt("entries", bundle, size);
    const entries = await readBundle(source, bundle, width);
    const index = bundle * tileWidth;
    const skip = Math.max(0, first - index);
    yield { index: index + skip, entries: entries.slice(skip) };
  }
}

/** A partial bundle may have been replaced by a wider one since the checkpoint: then its first entries are read. */
async function readBundle(source: LogSource, index: number, width: number): Promise<readonly Uint8Array[]> {
  const path = tilePath({ level: "entries", index, width });
  const exact = await source.file(path);
  const bytes =
    exact ??
    (width < tileWidth ? await source.file(tilePath({ level: "entries", index, width: tileWidth })) : undefined);
  if (!bytes) throw new UnreadableSource(`${path} is missing`);
  return splitBundle(bytes, exact ? width : tileWidth, path).slice(0, width);
}

/** Like `decodeBundle`, but whether an entry is too long is a check (1d) and no reason to stop reading. */
function splitBundle(bytes: Uint8Array, width: number, path: string): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bytes.length && entries.length < width) {
    const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!;
    if (end > bytes.length) break;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (at !== bytes.length || entries.length !== width)
    throw new UnreadableSource(`${path}: not a bundle of ${width} entries`);
  return entries;
}

/** Single entries by index, whole bundles at a time; ascending indices read every bundle once. */
export async function* readSelected(
  source: LogSource,
  size: number,
  indices: Iterable<number>,
): AsyncGenerator<{ readonly index: number; readonly entry: Uint8Array }> {
  let held: { readonly bundle: number; readonly entries: readonly Uint8Array[] } | undefined;
  for (const index of indices) {
    const bundle = Math.floor(index / tileWidth);
    if (held?.bundle !== bundle)
      held = { bundle, entries: await readBundle(source, bundle, tileWidthAt("entries", bundle, size)) };
    yield { index, entry: held.entries[index % tileWidth]! };
  }
}
