/** What a registrar seals for the auditors: everything by which it judged, and nothing else (docs/protocol.md 7.4). */
import {
  bytes,
  decodeRecord,
  encodeRecord,
  list,
  map,
  named,
  nullable,
  type Presentation,
  type SharedShare,
  type TypeOf,
  text,
  tuple,
  uint,
} from "@hanpyo/bulletin-board";
import type { Result } from "@hanpyo/crypto";

const request = named(
  "evidence-request",
  tuple({ class: uint(999), denomination: uint(2 ** 30, 1), copy: uint(1000), blinded: list(bytes(256), 20, 1) }),
);
const share = named("evidence-share", tuple({ registrar: uint(20, 1), share: bytes(32), proof: bytes(96) }));
export const evidence = named(
  "evidence",
  map({
    presentation: map({ key: bytes(32), signature: bytes(64) }),
    nonces: list(nullable(bytes(16)), 20, 1),
    requests: list(request, 256, 1),
    /** The row as it stands in the roll, and the salt under which the commitment holds it. */
    row: text(12_000),
    salt: nullable(bytes(32)),
    shares: list(share, 20, 1),
  }),
);
export type Evidence = TypeOf<typeof evidence>;

export function encodeEvidence(
  presented: Presentation,
  shares: readonly SharedShare[],
  row: string,
  salt: Uint8Array | null,
): Uint8Array {
  const { key, signature, nonces, requests } = presented;
  return encodeRecord(evidence, { presentation: { key, signature }, nonces, requests, row, salt, shares });
}

export const decodeEvidence = (sealed: Uint8Array): Result<Evidence, string> => decodeRecord(evidence, sealed);
