import { expect, test } from "vitest";
import { shortNames } from "./names.ts";

test("names lose the ending they share, and stay different", () => {
  expect(shortNames(["w1.example.org", "w2.example.org"])).toEqual(["w1", "w2"]);
  expect(shortNames(["witness.uni.kr", "witness.city.kr"])).toEqual(["witness.uni", "witness.city"]);
  expect(shortNames(["same.org"])).toEqual(["same.org"]);
  expect(shortNames(["a.org", "b.a.org"])).toEqual(["a", "b.a"]);
  expect(shortNames([])).toEqual([]);
});
