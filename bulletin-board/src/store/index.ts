/** Entries in Postgres, embedded Postgres, tiles as files. */
export * from "./bench.ts";
export * from "./embedded.ts";
export * from "./entry-store.ts";
export * from "./migrate.ts";
export * from "./node-crypto.ts";
export * from "./pool.ts";
export * from "./sequencer.ts";
