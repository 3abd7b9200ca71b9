/** Sources of records for commands: an exported bundle on disk, or a server. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import {
  type ClientFetcher,
  type Get,
  httpSource,
  type Papers,
  type RecordSource,
  UnreadableSource,
} from "../verify/index.ts";

export interface OpenedSource {
  readonly source: RecordSource;
  readonly papers: Papers;
  /** Only a server serves pages. */
  readonly client?: ClientFetcher;
}

/** @param where a folder with `record/` in it, or an http(s) address */
export async function openSource(where: string): Promise<OpenedSource> {
  if (/^https?:\/\//.test(where)) {
    const base = where.replace(/\/+$/, "");
    return {
      source: httpSource(base, get),
      papers: noPapers,
      client: (name) => get(`${base}/${name === "index.html" ? "" : name}`),
    };
  }
  const folder = path.resolve(where);
  const found = await stat(path.join(folder, "record")).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) throw new UnreadableSource(`${where} holds no record/ (${found.code ?? found.message})`);
  return { source: folderSource(folder), papers: await readPapers(folder) };
}

const noPapers: Papers = { receipts: [], acknowledgements: [], refusals: [] };

export function folderSource(folder: string): RecordSource {
  const log = (prefix: string) => ({
    checkpoint: async () => {
      const bytes = await readOptional(path.join(folder, prefix, "checkpoint"));
      if (!bytes) throw new UnreadableSource(`${prefix}/checkpoint is missing`);
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    },
    file: (name: string) => readOptional(path.join(folder, prefix, name)),
  });
  return {
    record: log("record"),
    passes: log("passes"),
    document: (hash) => readOptional(path.join(folder, "documents", hash)),
  };
}

async function readOptional(name: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new UnreadableSource(`${name}: ${(error as Error).message}`);
  }
}

const get: Get = async (url) => {
  let answer: Response;
  try {
    answer = await fetch(url, { redirect: "error" });
  } catch (error) {
    const cause = (error as Error).cause;
    throw new UnreadableSource(`${url}: ${cause instanceof Error ? cause.message : (error as Error).message}`);
  }
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new UnreadableSource(`${url}: status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

async function readPapers(folder: string): Promise<Papers> {
  const read = async (name: string, ending: string) => {
    const inside = path.join(folder, name);
    const names = await readdir(inside).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    const chosen = names.filter((file) => file.endsWith(ending)).sort();
    return Promise.all(
      chosen.map(async (file) => ({ name: `${name}/${file}`, text: await readFile(path.join(inside, file), "utf8") })),
    );
  };
  return {
    receipts: await read("receipts", ".txt"),
    acknowledgements: await read("acknowledgements", ".json"),
    refusals: await read("refusals", ".json"),
  };
}
