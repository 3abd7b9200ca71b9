export * from "./acts.ts";
export * from "./ceremony.ts";
export * from "./definition.ts";
export * from "./entry.ts";
export * from "./official-signer.ts";
export * from "./party.ts";
export * from "./tally.ts";
