import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { ConfigError } from "./config.ts";
import { replaceFileSync } from "./durable-file.ts";

/**
 * Takes the data folder for this process and returns how to give it back. Throws where a living process holds it; what a
 * killed one left behind is taken over. The logs themselves are safe without it: a second writer is fenced.
 */
export function lockFolder(folder: string): () => void {
  const file = path.join(folder, "server.pid");
  const holder = Number(readIfThere(file) ?? 0);
  if (holder > 0 && holder !== process.pid && isServer(holder))
    throw new ConfigError(`DATA_DIR: process ${holder} works in ${folder}`);
  replaceFileSync(file, `${process.pid}\n`);
  return () => {
    if (Number(readIfThere(file)) === process.pid) rmSync(file);
  };
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Whether the process lives; where the system tells command lines, another program under a reused number does not count. */
function isServer(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const command = process.platform === "linux" ? readIfThere(`/proc/${pid}/cmdline`) : null;
  return command === null || /main\.(ts|js)/.test(command);
}
