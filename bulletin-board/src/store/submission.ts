import { createHash } from "node:crypto";

/**
 * What names an entry other than a ballot for retries (docs/protocol.md: a ballot is named by its h): the same type and
 * bytes are the same request. The server names by it when it appends, `board recover` when it replays.
 */
export function submissionOf(type: number, payload: Uint8Array): Uint8Array {
  const hash = createHash("sha256").update("hanpyo/submission\n").update(Uint8Array.of(type)).update(payload);
  return new Uint8Array(hash.digest());
}
