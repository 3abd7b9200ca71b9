/** An entry of the pass log (docs/protocol.md section 7.3). */
import { hash32 } from "./definition.ts";
import { bytes, list, named, type TypeOf, tuple, uint } from "./schema/schema.ts";

export const endorsement = named(
  "endorsement",
  tuple({ registrar: uint(20, 1), evidence: hash32, signature: bytes(64) }),
);
export const passEntry = named(
  "pass",
  tuple({
    nullifier: hash32,
    class: uint(999),
    request: hash32,
    policy: hash32,
    endorsements: list(endorsement, 20, 1),
  }),
);
export type Endorsement = TypeOf<typeof endorsement>;
export type PassEntry = TypeOf<typeof passEntry>;
