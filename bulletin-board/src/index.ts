export * from "./device/index.ts";
export * from "./follow/index.ts";
export * from "./log/index.ts";
export * from "./record/index.ts";
export * from "./verify/index.ts";
