/** Anchors, close, count, tally, shares, result and audit (docs/protocol.md sections 2.2 and 8). */
import { hash32, key32 } from "./definition.ts";
import { bytes, list, map, named, nullable, type TypeOf, text, uint } from "./schema/schema.ts";

export const anchor = named("anchor", map({ board: text(6000), passes: text(6000) }));
export const close = named("close", map({}));
export const count = named("count", map({ last: nullable(uint()), counted: list(uint(), 1000, 1), bitmap: hash32 }));

const sumSet = named(
  "sum-set",
  map({ weight: uint(2 ** 30, 1), classes: list(uint(999), 1000, 1), ballots: uint(), sums: bytes(64, 51_200) }),
);
const unopenedSet = named(
  "unopened-set",
  map({ weight: uint(2 ** 30, 1), classes: list(uint(999), 1000, 1), ballots: uint() }),
);
export const encryptedTally = named(
  "encrypted-tally",
  map({
    contests: list(
      named("tally-contest", map({ opened: list(sumSet, 1000), unopened: list(unopenedSet, 1000) })),
      64,
      1,
    ),
  }),
);
export const share = named(
  "share",
  map({ trustee: uint(50, 1), tally: hash32, decryptions: bytes(0, 55_000), proof: bytes(96), signature: bytes(64) }),
);
export const result = named(
  "result",
  map({
    trustees: list(uint(50, 1), 50),
    contests: list(
      named(
        "result-contest",
        map({
          opened: list(named("opened-set", map({ points: list(key32, 201, 1), counts: list(uint(), 201, 1) })), 1000),
          totals: list(uint(), 201, 1),
          unopened: uint(),
        }),
      ),
      64,
      1,
    ),
  }),
);
const auditFields = {
  /** Per auditor the value it revealed, or null where it withheld it. */
  values: list(nullable(bytes(32)), 20, 1),
  sample: list(uint(), 6000),
  findings: list(map({ entry: uint(), text: text(500) }), 200),
};
export const unsignedAuditReport = map(auditFields);
export const auditReport = named("audit-report", map({ ...auditFields, signatures: list(nullable(bytes(64)), 20, 1) }));
export type Anchor = TypeOf<typeof anchor>;
export type Count = TypeOf<typeof count>;
export type EncryptedTally = TypeOf<typeof encryptedTally>;
export type Share = TypeOf<typeof share>;
export type ElectionResult = TypeOf<typeof result>;
export type AuditReport = TypeOf<typeof auditReport>;
