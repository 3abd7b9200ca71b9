/** Check 24: the pages that a server gives *this* reader equal the digest list on the record. It can still serve others others. */
import { bytesToHex, equalBytes } from "@hanpyo/crypto";
import { sha256, sha384 } from "@noble/hashes/sha2.js";
import { decodeUtf8, encodeBase64 } from "../log/index.ts";
import type { Judge } from "../record/judge.ts";
import type { ElectionState } from "../record/state.ts";
import type { RecordSource } from "./source.ts";

/** Fetches a served file by its name in the digest list; undefined where it is not served. */
export type ClientFetcher = (name: string) => Promise<Uint8Array | undefined>;

/** False where nothing was compared. */
export async function verifyClient(
  state: ElectionState,
  source: RecordSource,
  fetcher: ClientFetcher | undefined,
  judge: Judge,
): Promise<boolean> {
  if (!fetcher || !state.clientDigests) return false;
  const document = await source.document(bytesToHex(state.clientDigests));
  // Whoever serves the pages serves the list too: only the one that the record names counts.
  const named = document !== undefined && equalBytes(sha256(document), state.clientDigests);
  const text = named ? decodeUtf8(document) : null;
  const digests = text?.ok ? parseDigests(text.value) : null;
  if (
    !judge.require("24a", digests !== null, "document-missing", "the digest list is missing or another one") ||
    !digests
  )
    return true;
  for (const [name, expected] of digests) {
    const served = await fetcher(name);
    const found = served ? `sha384-${encodeBase64(sha384(served))}` : "not served";
    judge.require("24a", found === expected, "client-differs", `${name}: ${found}, expected ${expected}`);
  }
  return true;
}

/** The list as the client's build writes it: file name to `sha384-…`. */
function parseDigests(text: string): [string, string][] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([, digest]) => typeof digest === "string")
    ? (entries as [string, string][])
    : null;
}
