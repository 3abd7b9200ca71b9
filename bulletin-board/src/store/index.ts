/** Entries in Postgres, embedded Postgres, tiles as files. */
export * from "./bench.ts";
export * from "./durable.ts";
export * from "./embedded.ts";
export * from "./entry-store.ts";
export * from "./fsck.ts";
export * from "./garbage.ts";
export * from "./integrator.ts";
export * from "./migrate.ts";
export * from "./node-crypto.ts";
export * from "./object-store.ts";
export * from "./pool.ts";
export * from "./recover.ts";
export * from "./sequencer.ts";
export * from "./submission.ts";
export * from "./tile-writer.ts";
export * from "./tiles.ts";
