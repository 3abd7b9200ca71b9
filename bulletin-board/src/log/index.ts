/** The log: C2SP tlog-tiles, RFC 6962, signed notes. Runs anywhere, does no I/O. */
export * from "./base64.ts";
export * from "./bundle.ts";
export * from "./checkpoint.ts";
export * from "./ed25519.ts";
export * from "./edge.ts";
export * from "./entry.ts";
export * from "./fault.ts";
export * from "./merkle.ts";
export * from "./note.ts";
export * from "./policy.ts";
export * from "./proof.ts";
export * from "./sha256.ts";
export { decodeUtf8, isKeyName } from "./text.ts";
export * from "./tile.ts";
export * from "./tlog-proof.ts";
export * from "./vkey.ts";
