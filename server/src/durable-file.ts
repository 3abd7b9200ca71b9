import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";

/** Replaces a small file so that a reader, also after a power cut, finds the old or the new content. */
export function replaceFileSync(file: string, content: string, mode = 0o644): void {
  const draft = `${file}.${process.pid}.new`;
  const handle = openSync(draft, "w", mode);
  writeSync(handle, content);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, file);
  const folder = openSync(path.dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
}
