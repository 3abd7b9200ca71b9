/** Test data of others, read from beside the checkout; never copied into it. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const VECTORS = resolve(ROOT, process.env.VECTORS_DIR ?? "../shared/vectors");

/** The parsed JSON file, or null where it is not there: the test then skips itself visibly. */
export function readVectors<T>(path: string): T | null {
  const file = resolve(VECTORS, path);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : null;
}
