import { expect, test } from "vitest";
import { codeFault, foldCode, groupCode } from "./codes.ts";

test("what looks alike is read alike", () => {
  expect(foldCode(" abcd–efgh oil1 ")).toBe("ABCDEFGH0111");
  expect(foldCode("ＡＢ１２")).toBe("AB12");
});
test("groups of four", () => expect(groupCode("ABCDEFGHJ")).toBe("ABCD-EFGH-J"));
test("faults are told", () => {
  expect(codeFault("ABCD-EFGH-JKMN-PQRS", 16)).toBeNull();
  expect(codeFault("ABCD", 16)).toEqual({ kind: "length", typed: 4 });
  expect(codeFault("ABCU-EFGH", 16)).toEqual({ kind: "character", character: "U" });
  expect(codeFault("", 16)).toEqual({ kind: "length", typed: 0 });
});
