/** Parts that no record fails without failing an earlier part too, with the reason; each has a unit test of its rule. */
import type { CheckPart } from "../../record/checks.ts";

export const cannotFailAlone: Readonly<Partial<Record<CheckPart, string>>> = {
  "22c":
    "a count v beyond R·ballots with M = g^v (22b) and M as the shares open it (22a) is a sum that the ballots encrypt: then a " +
    "ballot's proofs fail (14a, 15a, 15b) or the sum is not their product (20b)",
};
