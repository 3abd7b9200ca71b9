import { createHash } from "node:crypto";

/** What names an entry other than a ballot for retries: the same type and bytes are the same request. A ballot is named by h. */
export function submissionOf(type: number, payload: Uint8Array): Uint8Array {
  return new Uint8Array(
    createHash("sha256").update("hanpyo/submission\n").update(Uint8Array.of(type)).update(payload).digest(),
  );
}
