import { describe, expect, it } from "vitest";
import { Limiter } from "./limits.ts";

describe("Limiter", () => {
  it("allows so many in so long, per key, and forgets afterwards", () => {
    let now = 0;
    const limiter = new Limiter({ now: () => now }, { times: 2, within: 1000 });
    for (let i = 0; i < 2; i++) {
      expect(limiter.allows("a")).toBe(true);
      limiter.count("a");
    }
    expect(limiter.allows("a")).toBe(false);
    expect(limiter.allows("b")).toBe(true);
    now = 999;
    expect(limiter.allows("a")).toBe(false);
    now = 1000;
    expect(limiter.allows("a")).toBe(true);
    limiter.count("a");
    expect(limiter.allows("a")).toBe(true);
  });

  it("keeps bounded memory under a flood of keys, and forgets the oldest first", () => {
    const limiter = new Limiter({ now: () => 0 }, { times: 1, within: 1000 });
    for (let i = 0; i < 100_001; i++) limiter.count(`${i}`);
    expect(limiter.allows("0")).toBe(true);
    expect(limiter.allows("100000")).toBe(false);
  });
});
