import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("the options of a test election", () => {
  it("have defaults for all but the folder", () => {
    expect(readOptions(["--out", "x"])).toEqual({
      voters: 300,
      trustees: 5,
      threshold: 3,
      devices: 12,
      seed: 1,
      out: "x",
      keep: false,
    });
    expect(readOptions(["--help"])).toBe("help");
  });

  it.each([
    [[]],
    [["--out", "x", "--voters", "59"]],
    [["--out", "x", "--voters", "many"]],
    [["--out", "x", "--threshold", "5"]],
    [["--out", "x", "--trustees", "2"]],
    [["--out", "x", "--unknown"]],
    [["--out", "x", "stray"]],
  ])("refuse %j with a sentence", (args) => {
    expect(readOptions(args)).toHaveProperty("fault");
  });
});
