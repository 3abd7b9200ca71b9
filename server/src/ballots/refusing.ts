import type { Ed25519Signer } from "@hanpyo/bulletin-board";
import { type RefusalCode, refusalMessage, refusals } from "@hanpyo/bulletin-board";

/** A refused ballot's paper (docs/protocol.md section 5.1): signed, so that a wrong refusal can be shown to anybody. */
export interface SignedRefusal {
  readonly code: RefusalCode;
  readonly sentence: { readonly ko: string; readonly en: string };
  /** h, or null where the ballot does not decode far enough to have one. */
  readonly ballot: Uint8Array | null;
  /** Index and leaf hash of the newest entry it was judged at. */
  readonly head: number;
  readonly leaf: Uint8Array;
  /** Index of the entry that is the reason. */
  readonly reason: number | null;
  readonly signature: Uint8Array;
}

/** Signs refusals with the acknowledgement key. */
export class Refuser {
  readonly #origin: string;
  readonly #key: Ed25519Signer;

  constructor(origin: string, key: Ed25519Signer) {
    this.#origin = origin;
    this.#key = key;
  }

  sign(
    code: RefusalCode,
    ballot: Uint8Array | null,
    at: { readonly head: number; readonly leaf: Uint8Array; readonly reason?: number | undefined },
  ): SignedRefusal {
    const fields = { origin: this.#origin, ballot, code, head: at.head, leaf: at.leaf, reason: at.reason ?? null };
    const { head, leaf, reason } = fields;
    return {
      code,
      sentence: refusals[code],
      ballot,
      head,
      leaf,
      reason,
      signature: this.#key.sign(refusalMessage(fields)),
    };
  }
}
