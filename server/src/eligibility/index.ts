/** Who may vote: signed roll, policy, trust snapshot. */
export * from "./csv.ts";
export * from "./make-roll.ts";
export * from "./policy.ts";
export * from "./roll.ts";
export * from "./roll-folder.ts";
