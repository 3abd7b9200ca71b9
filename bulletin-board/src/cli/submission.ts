import { ballotHash } from "@hanpyo/crypto";
import { decodeBallot } from "../record/ballot-entry.ts";
import { EntryType } from "../record/entry-types.ts";
import { submissionOf } from "../store/submission.ts";

/**
 * The names under which the server submits entries, so that a retry after a recovery still finds its entry: a ballot by
 * its h, which needs the context (the leaf hash of the open entry), anything else by type and bytes.
 */
export class SubmissionNamer {
  #context: Uint8Array | null = null;

  /** To be asked for every entry in order. */
  nameOf({ type, payload, leafHash }: { type: number; payload: Uint8Array; leafHash: Uint8Array }): Uint8Array {
    if (type === EntryType.open) this.#context = leafHash;
    if (type === EntryType.ballot && this.#context !== null) {
      const ballot = decodeBallot(payload);
      if (ballot.ok) return ballotHash(this.#context, ballot.value.core);
    }
    return submissionOf(type, payload);
  }
}
