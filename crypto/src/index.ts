export * from "./bytes.ts";
export * from "./clock.ts";
export * from "./result.ts";
export * from "./transcript.ts";
