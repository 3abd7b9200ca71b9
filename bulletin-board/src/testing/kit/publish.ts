/** What a run's board would serve, as a verifier reads it. */
import { encodeBundle, parseTilePath, tileWidth } from "../../log/index.ts";
import type { ClientFetcher, VerifyOptions } from "../../verify/index.ts";
import type { LogSource, RecordSource } from "../../verify/source.ts";
import { servedFile } from "./definition.ts";
import type { Run } from "./run.ts";

export interface Published {
  readonly source: RecordSource;
  readonly papers: NonNullable<VerifyOptions["papers"]>;
  readonly client: ClientFetcher;
}

export interface Publication {
  readonly checkpoint?: string;
  readonly passesCheckpoint?: string;
  readonly document?: (hash: string, honest: Uint8Array | undefined) => Uint8Array | undefined;
}

export function sourceOf(run: Run, changes: Publication = {}): RecordSource {
  return {
    record: logSource(run.record.entries, changes.checkpoint ?? run.checkpoint("record")),
    passes: logSource(run.passes.entries, changes.passesCheckpoint ?? run.checkpoint("passes")),
    document: async (hash) => {
      const honest = run.documents.get(hash);
      return changes.document ? changes.document(hash, honest) : honest;
    },
  };
}

function logSource(entries: readonly Uint8Array[], checkpoint: string): LogSource {
  return {
    checkpoint: async () => checkpoint,
    file: async (path) => {
      const tile = parseTilePath(path);
      if (!tile.ok || tile.value.level !== "entries") return undefined;
      const from = tile.value.index * tileWidth;
      return from + tile.value.width > entries.length
        ? undefined
        : bundle(entries.slice(from, from + tile.value.width));
    },
  };
}

/** Like `encodeBundle`, but also with entries that are too long. */
function bundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.every((entry) => entry.length <= 60_000)) return encodeBundle(entries);
  return Uint8Array.from(
    Buffer.concat(entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry])),
  );
}

export const servePages: ClientFetcher = async (name) => servedFile(name);
