import { valueCount } from "@hanpyo/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxEntryLength } from "../../log/index.ts";
import type { Contest, ElectionClass } from "../definition.ts";
import { encodeRecord } from "../schema/cbor.ts";
import { encryptedTally } from "../tally-entries.ts";
import { largestTallyBytes } from "./definition.ts";

const both = { ko: "가", en: "a" };
const contestOf = (options: number): Contest => ({
  title: both,
  text: both,
  options: Array.from({ length: options }, () => both),
  rule: { options, maxValue: 1, min: 1, max: 1, blank: true },
});
const classOf = (group: number, contests: readonly number[]): ElectionClass => ({
  group,
  weight: 2 ** 30,
  contests,
  certified: null,
});

describe("check 4e: the largest encrypted tally", () => {
  it("is never smaller than the tally in which every class is a set of its own", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 40 }), (options, count) => {
        const contests = options.map(contestOf);
        const seen = contests.map((_, i) => i);
        const classes = Array.from({ length: count }, (_, i) => classOf(i, seen));
        const tally = {
          contests: contests.map(({ rule }) => ({
            opened: classes.map((item, i) => ({
              weight: item.weight,
              classes: [i],
              ballots: Number.MAX_SAFE_INTEGER,
              sums: new Uint8Array(64 * valueCount(rule)),
            })),
            unopened: [],
          })),
        };
        const entry = 42 + encodeRecord(encryptedTally, tally).length;
        expect(largestTallyBytes({ contests, classes })).toBeGreaterThanOrEqual(entry);
      }),
    );
  });

  it("fits an entry for 220 constituencies that answer yes or no, and not for five options each", () => {
    const classes = Array.from({ length: 220 }, (_, i) => classOf(i, [0]));
    expect(largestTallyBytes({ contests: [contestOf(1)], classes })).toBeLessThanOrEqual(maxEntryLength);
    expect(largestTallyBytes({ contests: [contestOf(5)], classes })).toBeGreaterThan(maxEntryLength);
  });
});
