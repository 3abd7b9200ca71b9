/** An exported bundle in the place of a board, for reading only. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { FetchAnswer, Surroundings } from "@hanpyo/bulletin-board";

/** The address under which `bundleSurroundings` answers. */
export const bundleAddress = "http://bundle";

export function bundleSurroundings(folder: string, around: Surroundings): Surroundings {
  const root = path.resolve(folder);
  return {
    ...around,
    fetch: async (url, { method }): Promise<FetchAnswer> => {
      const file = path.join(root, new URL(url).pathname);
      const inside = file.startsWith(`${root}${path.sep}`);
      if (method !== "GET" || !inside || !existsSync(file)) return { status: 404, body: null };
      return { status: 200, body: new Response(new Uint8Array(readFileSync(file))).body as FetchAnswer["body"] };
    },
  };
}
