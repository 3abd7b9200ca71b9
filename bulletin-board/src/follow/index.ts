export * from "./follower.ts";
export * from "./submit.ts";
