/** Finds the `count` entry of a record: read back from its end, in whole bundles. */
import {
  decodeRecord,
  EntryType,
  type LogReader,
  count as schema,
  type Trouble,
  type TypeOf,
  tileWidth,
  trouble,
} from "@hanpyo/bulletin-board";
import { ok, type Result } from "@hanpyo/crypto";

export type CountEntry = TypeOf<typeof schema>;

/** Null while there is none. Ballots come before it, so that reading stops at the first bundle that ends in voting. */
export async function readCount(reader: LogReader, after: number): Promise<Result<CountEntry | null, Trouble>> {
  const under = reader.last;
  if (under === null) return ok(null);
  const { size } = under.checkpoint;
  for (let bundle = Math.floor((size - 1) / tileWidth); bundle >= Math.floor(after / tileWidth); bundle--) {
    const to = Math.min(size, (bundle + 1) * tileWidth);
    const entries = await reader.range(bundle * tileWidth, to, under, null);
    if (!entries.ok) return entries;
    for (const { entry } of [...entries.value].reverse()) {
      if (entry.type === EntryType.ballot) return ok(null);
      if (entry.type !== EntryType.count) continue;
      const decoded = decodeRecord(schema, entry.payload);
      return decoded.ok ? decoded : trouble("form-invalid", decoded.error);
    }
  }
  return ok(null);
}
