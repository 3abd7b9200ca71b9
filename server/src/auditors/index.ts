/** Auditors: after the count they open a drawn sample of the evidence behind passes and report on it. */
export * from "./agent.ts";
export * from "./demo.ts";
export * from "./examine.ts";
export * from "./findings.ts";
export * from "./keys.ts";
export * from "./report.ts";
