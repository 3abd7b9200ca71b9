import { allows } from "@hanpyo/crypto";
import { describe, expect, it } from "vitest";
import { expectedResult } from "./expected.ts";
import { certifiedPerClass, classes, fewestVoters, planElection, rules } from "./plan.ts";

describe("a planned election", () => {
  const residents = planElection(300);

  it("holds only choices that the rules allow, with blanks, approvals, scores, weights and re-votes among them", () => {
    let blanks = 0;
    let revotes = 0;
    for (const { passes } of residents)
      for (const pass of passes) {
        revotes += Math.max(0, pass.ballots.length - 1);
        for (const ballot of pass.ballots)
          for (const [i, values] of ballot.entries()) {
            const rule = rules[classes[pass.class]!.contests[i]!]!;
            expect(allows(rule, values)).toBe(true);
            if (rule.blank && values.at(-1) === 1) blanks++;
          }
      }
    expect(blanks).toBeGreaterThan(10);
    expect(revotes).toBeGreaterThan(40);
    expect(new Set(residents.map(({ weight }) => weight))).toEqual(new Set([1, 2, 3]));
    expect(residents.filter(({ passes }) => passes.some(({ ballots }) => ballots.length > 0))).toHaveLength(300);
  });

  it("is the same for the same numbers, and has enough certified holders even when small", () => {
    expect(planElection(300)).toEqual(residents);
    expect(planElection(300, 2)).not.toEqual(residents);
    for (const count of certifiedPerClass(planElection(fewestVoters))) expect(count).toBeGreaterThanOrEqual(10);
  });
});

describe("the expected result", () => {
  const definition = {
    groups: [{ parent: null }, { parent: 0 }, { parent: 0 }],
    classes: classes.map((item) => ({ ...item, certified: null })),
    contests: rules.map((rule) => ({ rule })),
    smallestGroup: 2,
  } as never;
  const values = [
    [1, 0, 0, 0, 0, 0],
    [1, 2, 0, 0],
  ];

  it("weighs, and leaves out what is not opened", () => {
    const ballots = [
      { class: 0, values },
      { class: 0, values },
      { class: 1, values: [values[0]!] },
      { class: 2, values },
      { class: 2, values },
      { class: 2, values },
    ];
    expect(expectedResult(definition, ballots)).toEqual([
      { totals: [3 + 2 * 3, 0, 0, 0, 0, 0], unopened: 0 },
      { totals: [2 + 2 * 3, 4 + 4 * 3, 0, 0], unopened: 0 },
    ]);
    expect(expectedResult(definition, ballots.slice(0, 4))[0]).toEqual({ totals: [3, 0, 0, 0, 0, 0], unopened: 1 });
  });
});
