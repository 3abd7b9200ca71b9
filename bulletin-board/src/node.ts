/** What needs Node: the store, the signer, the witness. Everything of `.` is exported from there, not from here. */
export { nodePlatform } from "./cli/node-platform.ts";
export * from "./follow/node-surroundings.ts";
export * from "./signer/index.ts";
export * from "./store/index.ts";
export * from "./witness/index.ts";
