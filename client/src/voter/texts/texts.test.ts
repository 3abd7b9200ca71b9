import { describe, expect, test } from "vitest";
import { texts as observer } from "../../observer/texts/index.ts";
import { common } from "../../ui/texts.ts";
import { en } from "./en.ts";
import { ko } from "./ko.ts";

const voter = { ko, en };

/** Every text with its path; functions are called with numbers and words of all kinds. */
function flat(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, String(value(3, 7, 5))]];
  return Object.entries(value as object).flatMap(([key, it]) => flat(it, `${path}.${key}`));
}
const paths = (value: unknown) => flat(value).map(([path]) => path);

describe("words in two languages", () => {
  test.each([
    ["common", common],
    ["voter", voter],
  ] as const)("%s: English has every text that Korean has, and none is empty", (_, { ko, en }) => {
    expect(paths(en)).toEqual(paths(ko));
    for (const [path, text] of [...flat(ko), ...flat(en)]) expect(text.trim(), path).not.toBe("");
  });

  test("observer: the same, but for the verifier's English reasons", () => {
    const { reasons: _, ...ko } = observer.ko;
    const { reasons: __, ...en } = observer.en;
    expect(paths(en)).toEqual(paths(ko));
  });

  test("no term of cryptography on a resident's page outside the fold that names them", () => {
    const terms = /해시|암호화|게시판|블록체인|논스|hash|encrypt|ciphertext|nonce|bulletin board|blockchain/i;
    for (const [path, text] of [...flat(voter.ko), ...flat(voter.en)])
      if (path !== ".how.termsBody") expect(text, path).not.toMatch(terms);
  });
});
