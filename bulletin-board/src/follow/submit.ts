/** Sends an entry to the board and holds the operator to its answer. */
import { ok, type Result } from "@hanpyo/crypto";
import { binary, integer, shape } from "../device/shape.ts";
import { call, type Surroundings, type Trouble, trouble } from "../device/transport.ts";
import { decodeVkey, strictVerify } from "../log/index.ts";
import type { AuthoredEntry } from "../record/authoring/entry.ts";
import { acknowledgementMessage } from "../record/messages.ts";

const answer = shape({ index: integer, prev: binary(32), leaf: binary(32), acknowledgement: binary(64) });

/** Where the operator says it put an entry, under its signature. */
export interface Acknowledged {
  readonly index: number;
  readonly prev: Uint8Array;
  readonly leaf: Uint8Array;
  readonly signature: Uint8Array;
}

export interface BoardAddress {
  readonly around: Surroundings;
  /** Address without a slash at its end. */
  readonly server: string;
  readonly origin: string;
  /** The acknowledgement key of the definition, as a verifier key. */
  readonly acknowledgementKey: string;
}

/** The acknowledgement, or the board's refusal. The same entry sent twice stands once. */
export async function submitEntry(board: BoardAddress, entry: AuthoredEntry): Promise<Result<Acknowledged, Trouble>> {
  const sent = await call(board.around, `${board.server}/api/entries/${entry.type}`, entry.payload, answer);
  if (!sent.ok) return sent;
  const { acknowledgement: signature, ...place } = sent.value;
  const key = decodeVkey(board.acknowledgementKey);
  const message = acknowledgementMessage({ origin: board.origin, ...place, ballot: null });
  if (!key.ok || !strictVerify(signature, message, key.value.publicKey))
    return trouble("paper-invalid", "the acknowledgement is not signed by the board's key");
  return ok({ ...place, signature });
}
