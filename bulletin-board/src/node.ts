/** What needs Node: the store, the signer, the witness. Everything of `.` is exported from there, not from here. */
export * from "./store/index.ts";
