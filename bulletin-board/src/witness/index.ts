/** A C2SP tlog-witness and its client. */
export * from "./client.ts";
export * from "./witness.ts";
