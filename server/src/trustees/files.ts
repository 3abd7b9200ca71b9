/** Files that must be there after a power cut, and files that must be gone. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import path from "node:path";

/** Replaces the file as a whole, readable by its owner only, and returns once it is on the disk. */
export function writeDurably(file: string, content: Uint8Array | string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  const handle = openSync(draft, "w", 0o600);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  syncFolder(path.dirname(file));
}

/** The file's bytes, or null where there is none. */
export function readIfThere(file: string): Uint8Array | null {
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
}

/** Overwrites and removes a file; nothing if it is not there. What a disk or its snapshots keep is beyond a program's reach. */
export function eraseFile(file: string): void {
  if (!existsSync(file)) return;
  const length = readFileSync(file).length;
  const handle = openSync(file, "r+");
  try {
    writeSync(handle, new Uint8Array(length), 0, length, 0);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  unlinkSync(file);
  syncFolder(path.dirname(file));
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
