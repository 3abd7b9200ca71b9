/** What a resident's device does that is not its pages: runs anywhere, all surroundings injected. */
export * from "./base64url.ts";
export * from "./cast-ballot.ts";
export * from "./documents.ts";
export * from "./election.ts";
export * from "./log-reader.ts";
export * from "./look-up.ts";
export * from "./obtain-passes.ts";
export type { Overview } from "./overview.ts";
export * from "./random.ts";
export * from "./receipt.ts";
export {
  type Grant,
  type Presentation,
  RegistrarClient,
  type RequestFields,
  type SharedShare,
} from "./registrar-client.ts";
export { array, binary, flag, hex, integer, object, orNull, parseJson, type Shape, shape, string } from "./shape.ts";
export {
  call,
  type Fetch,
  type FetchAnswer,
  type FetchInit,
  fetcher,
  type Surroundings,
  type Trouble,
  trouble,
} from "./transport.ts";
