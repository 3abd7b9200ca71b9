import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cddlFile, recordCddl } from "./cddl.ts";

/** Names of CDDL's prelude (RFC 8610 appendix D) that the file uses. */
const prelude = ["bytes", "uint", "tstr", "bool", "null"];

describe("docs/record.cddl", () => {
  it("is what docs/cddl.ts writes", () => {
    expect(readFileSync(cddlFile, "utf8")).toBe(recordCddl());
  });

  it("defines every name once, and uses no other", () => {
    const rules = recordCddl().replaceAll(/^;.*$/gm, "");
    const defined = [...rules.matchAll(/^([a-z][a-z0-9-]*) = /gm)].map(([, name]) => name!);
    expect(new Set(defined).size).toBe(defined.length);
    const uses = rules
      .replaceAll(/^[a-z][a-z0-9-]* = /gm, "")
      .replaceAll(/[A-Za-z][A-Za-z0-9-]*: /g, "")
      .replaceAll(".size", "")
      .match(/[a-z][a-z0-9-]*/g)!;
    expect([...new Set(uses)].filter((name) => !defined.includes(name) && !prelude.includes(name))).toEqual([]);
  });

  it("closes every bracket", () => {
    for (const [open, close] of ["{}", "[]", "()"]) {
      const count = (bracket: string) => recordCddl().split(bracket).length;
      expect(count(open!)).toBe(count(close!));
    }
  });
});
