/** A record as a server or mirror publishes it, read over an injected `get`. */
import { decodeUtf8 } from "../log/index.ts";
import { type LogSource, type RecordSource, UnreadableSource } from "./source.ts";

/** Bytes at a URL; undefined for 404; throws where there is no answer. */
export type Get = (url: string) => Promise<Uint8Array | undefined>;

/** @param base address of the board, with or without a slash at its end */
export function httpSource(base: string, get: Get): RecordSource {
  const root = base.replace(/\/+$/, "");
  const log = (prefix: string): LogSource => ({
    checkpoint: async () => {
      const bytes = await get(`${root}/${prefix}/checkpoint`);
      if (!bytes) throw new UnreadableSource(`${prefix}/checkpoint is missing`);
      return text(bytes, `${prefix}/checkpoint`);
    },
    file: (path) => get(`${root}/${prefix}/${path}`),
  });
  return { record: log("record"), passes: log("passes"), document: (hash) => get(`${root}/documents/${hash}`) };
}

function text(bytes: Uint8Array, name: string): string {
  const decoded = decodeUtf8(bytes);
  if (!decoded.ok) throw new UnreadableSource(`${name} is not text`);
  return decoded.value;
}
