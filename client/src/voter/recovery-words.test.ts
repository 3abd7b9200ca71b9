import fc from "fast-check";
import { expect, test } from "vitest";
import { fromWords, toWords } from "./recovery-words.ts";

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

test.each(["ko", "en"] as const)("24 words in %s lead back to the seed, however they are spaced", async (language) => {
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const words = await toWords(seed, language);
      expect(words).toHaveLength(24);
      expect(await fromWords(`  ${words.join("\n ")} `)).toEqual(seed);
    }),
    { numRuns: 20 },
  );
});

test("wrong words are refused", async () => {
  const words = await toWords(new Uint8Array(32).fill(7), "en");
  const swapped = [words[1], words[0], ...words.slice(2)];
  for (const wrong of [words.slice(1), swapped, [...words.slice(1), "hanpyo"], []])
    expect(await fromWords(wrong.join(" "))).toBeNull();
});
