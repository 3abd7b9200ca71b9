import { readFileSync } from "node:fs";
import { bytesToHex, concatBytes, hexToBytes, u32be, utf8ToBytes } from "@hanpyo/crypto";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { examples, examplesFile, markdown } from "./transcript-examples.ts";

describe("docs/transcript-examples.md", () => {
  it("is what the code does", () => {
    expect(readFileSync(examplesFile, "utf8")).toBe(markdown());
  });

  it("has every use that the code names", () => {
    const source = readFileSync(new URL("../crypto/src/transcript.ts", import.meta.url), "utf8");
    const uses = [...source.matchAll(/^ {2}\| "([a-z-]+)"/gm)]
      .map((match) => match[1]!)
      .filter((use) => use !== "test");
    expect(uses.length).toBeGreaterThan(25);
    expect(examples().map(({ use }) => use)).toEqual(uses.sort((a, b) => a.localeCompare(b)));
  });

  it("gives digests that follow from the page's one sentence about frames", () => {
    const frame = (value: Uint8Array) => concatBytes(u32be(value.length), value);
    for (const { use, appends, digest } of examples()) {
      const frames = appends.flatMap(([label, hex]) => [frame(utf8ToBytes(label)), frame(hexToBytes(hex))]);
      const input = concatBytes(frame(utf8ToBytes("hanpyo/v1")), frame(utf8ToBytes(use)), ...frames);
      expect(bytesToHex(sha512(input)), use).toBe(digest);
    }
  });
});
