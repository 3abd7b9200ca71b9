import { describe, expect, it } from "vitest";
import { RevoteSpacing } from "./spacing.ts";

const P = new Uint8Array(32).fill(1);
const far = 1e12;

describe("RevoteSpacing", () => {
  it("lets a first ballot in at once and doubles from 1 s to 10 min", () => {
    const spacing = new RevoteSpacing();
    expect(spacing.wait(P, 0, far)).toBe(0);
    const waits = Array.from({ length: 13 }, () => {
      spacing.recorded(P, 0);
      return spacing.wait(P, 0, far) / 1000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
  });

  it("counts time that has passed and knows pseudonyms apart", () => {
    const spacing = new RevoteSpacing();
    spacing.recorded(P, 1000);
    expect(spacing.wait(P, 1600, far)).toBe(400);
    expect(spacing.wait(P, 2000, far)).toBe(0);
    expect(spacing.wait(new Uint8Array(32).fill(2), 1000, far)).toBe(0);
  });

  it("never holds a ballot beyond the end", () => {
    const spacing = new RevoteSpacing();
    for (let i = 0; i < 12; i++) spacing.recorded(P, 0);
    expect(spacing.wait(P, 0, 100_000)).toBe(85_000);
    expect(spacing.wait(P, 90_000, 100_000)).toBe(0);
  });
});
