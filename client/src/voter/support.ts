/** What the resident's page needs of a browser; asked before the person is asked for anything. */
const needs: readonly { readonly name: string; readonly has: () => boolean }[] = [
  { name: "Web Worker", has: () => typeof Worker === "function" },
  { name: "Web Crypto", has: () => typeof crypto?.getRandomValues === "function" && typeof crypto.subtle === "object" },
  { name: "IndexedDB", has: () => typeof indexedDB === "object" && indexedDB !== null },
  { name: "BigInt", has: () => typeof BigInt === "function" },
  { name: "Streams", has: () => typeof ReadableStream === "function" && "body" in Response.prototype },
];

export const missingFeatures = (): readonly string[] => needs.filter((it) => !it.has()).map((it) => it.name);
