/** The process that signs checkpoints, and its durable lock. */
export * from "./http.ts";
export * from "./key-file.ts";
export * from "./signer.ts";
