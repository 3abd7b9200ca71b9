import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PartitionInput, partition } from "./partition.ts";

/** Root 0 with children 1 and 2; leaves 3, 4 under 1 and 5, 6 under 2. */
const groups = [null, 0, 0, 1, 1, 2, 2].map((parent) => ({ parent }));
const leaves = [3, 4, 5, 6];

function votes(counted: number[], weights: number[] = counted.map(() => 1)): PartitionInput {
  const classes = counted.map((_, i) => ({ group: leaves[i % 4]!, weight: weights[i]!, contests: [0] }));
  return { groups, classes, counted, smallestGroup: 10 };
}
const opened = (input: PartitionInput) =>
  partition(input, 0).opened.map(({ weight, classes, ballots }) => [weight, classes.join(), ballots]);
const unopened = (input: PartitionInput) =>
  partition(input, 0).unopened.map(({ weight, classes, ballots }) => [weight, classes.join(), ballots]);

describe("partition", () => {
  it("leaves large classes alone", () => {
    expect(opened(votes([10, 11, 12, 13]))).toEqual([
      [1, "0", 10],
      [1, "1", 11],
      [1, "2", 12],
      [1, "3", 13],
    ]);
  });

  it("joins small siblings, where that is enough", () => {
    expect(opened(votes([4, 6, 12, 13]))).toEqual([
      [1, "0,1", 10],
      [1, "2", 12],
      [1, "3", 13],
    ]);
  });

  it("joins a small one to the smallest other under the same node, the first on a tie", () => {
    expect(opened(votes([4, 60, 12, 13]))[0]).toEqual([1, "0,1", 64]);
    const input = votes([3, 12, 11, 12]);
    // All four under one node: the smallest other is class 2; on a tie the lower class.
    const flat = { ...input, groups: [null, 0, 0, 0, 0, 0, 0].map((parent) => ({ parent })) };
    expect(opened(flat)).toContainEqual([1, "0,2", 14]);
    expect(opened({ ...flat, counted: [3, 12, 12, 12] })).toContainEqual([1, "0,1", 15]);
  });

  it("goes up only where there is no other under the node", () => {
    expect(opened(votes([2, 3, 12, 15]))).toEqual([
      [1, "0,1,2", 17],
      [1, "3", 15],
    ]);
    expect(opened(votes([2, 3, 2, 3]))).toEqual([[1, "0,1,2,3", 10]]);
  });

  it("does not open a whole denomination below the limit, and passes over empty classes", () => {
    expect(partition(votes([2, 3, 2, 2]), 0).opened).toEqual([]);
    expect(unopened(votes([2, 3, 2, 2]))).toEqual([[1, "0,1,2,3", 9]]);
    expect(partition(votes([0, 0, 0, 0]), 0)).toEqual({ opened: [], unopened: [] });
    expect(opened(votes([0, 20, 0, 0]))).toEqual([[1, "1", 20]]);
  });

  it("never mixes denominations: each has its own sets, listed by weight", () => {
    const input = votes([20, 20, 20, 20, 3, 3, 2, 1, 4, 0, 0, 6], [2, 2, 2, 2, 1, 1, 1, 1, 4, 4, 4, 4]);
    expect(opened(input)).toEqual([
      [2, "0", 20],
      [2, "1", 20],
      [2, "2", 20],
      [2, "3", 20],
      [4, "8,11", 10],
    ]);
    expect(unopened(input)).toEqual([[1, "4,5,6,7", 9]]);
  });

  it("sums classes of the same leaf and denomination together, and only those that see the contest", () => {
    const input = votes([4, 20, 20, 20, 6]);
    expect(opened(input)[0]).toEqual([1, "0,4", 10]);
    const classes = input.classes.map((each, i) => (i === 4 ? { ...each, contests: [1] } : each));
    expect(opened({ ...input, classes })[0]).toEqual([1, "0,1", 24]);
    expect(partition({ ...input, classes }, 1).unopened).toEqual([{ weight: 1, classes: [4], ballots: 6 }]);
    expect(partition({ ...input, classes }, 7)).toEqual({ opened: [], unopened: [] });
  });

  it("works on a tree of one node", () => {
    const one = { groups: [{ parent: null }], classes: [{ group: 0, weight: 1, contests: [0] }], smallestGroup: 10 };
    expect(partition({ ...one, counted: [10] }, 0).opened).toHaveLength(1);
    expect(partition({ ...one, counted: [9] }, 0).unopened).toHaveLength(1);
  });

  it("throws for what no definition allows", () => {
    const input = votes([10, 10, 10, 10]);
    expect(() => partition({ ...input, counted: [1] }, 0)).toThrow(RangeError);
    expect(() => partition({ ...input, counted: [1, 2, 3, -1] }, 0)).toThrow(RangeError);
    expect(() => partition({ ...input, smallestGroup: 0 }, 0)).toThrow(RangeError);
    expect(() => partition({ ...input, groups: [{ parent: null }, { parent: 2 }, { parent: 0 }] }, 0)).toThrow();
    expect(() => partition({ ...input, groups: [{ parent: 0 }] }, 0)).toThrow(RangeError);
    const inner = input.classes.map((each) => ({ ...each, group: 1 }));
    expect(() => partition({ ...input, classes: inner }, 0)).toThrow(RangeError);
  });
});

describe("for every tree, classes and counts", () => {
  const tree = fc.array(fc.nat(), { maxLength: 12 }).map((picks) => {
    const parents: (number | null)[] = [null];
    for (const pick of picks) parents.push(pick % parents.length);
    return parents.map((parent) => ({ parent }));
  });
  const input = tree.chain((nodes) => {
    const free = nodes.map((_, i) => i).filter((i) => !nodes.some(({ parent }) => parent === i));
    const each = fc.record({
      group: fc.constantFrom(...free),
      weight: fc.constantFrom(1, 2, 4),
      contests: fc.subarray([0, 1], { minLength: 1 }),
      ballots: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 60 })),
    });
    return fc.tuple(fc.array(each, { minLength: 1, maxLength: 16 }), fc.integer({ min: 10, max: 30 })).map(
      ([classes, smallestGroup]): PartitionInput => ({
        groups: nodes,
        classes: classes.map(({ ballots: _, ...rest }) => rest),
        counted: classes.map(({ ballots }) => ballots),
        smallestGroup,
      }),
    );
  });

  it("opens no set below the limit, puts every counted ballot into exactly one set, never mixes", () => {
    fc.assert(
      fc.property(input, fc.constantFrom(0, 1), (given, contest) => {
        const { opened, unopened } = partition(given, contest);
        const all = [...opened, ...unopened];
        for (const set of opened) expect(set.ballots).toBeGreaterThanOrEqual(given.smallestGroup);
        for (const set of all) {
          expect(set.classes.every((index) => given.classes[index]!.weight === set.weight)).toBe(true);
          expect(set.classes.reduce((sum, index) => sum + given.counted[index]!, 0)).toBe(set.ballots);
          expect([...set.classes].sort((a, b) => a - b)).toEqual(set.classes);
        }
        const members = all.flatMap((set) => set.classes).sort((a, b) => a - b);
        const expected = given.classes.flatMap((each, index) =>
          each.contests.includes(contest) && given.counted[index]! > 0 ? [index] : [],
        );
        expect(members).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves unopened exactly the denominations that are below the limit as a whole", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { opened, unopened } = partition(given, 0);
        for (const weight of [1, 2, 4]) {
          const total = given.classes.reduce((sum, each, index) => {
            return each.weight === weight && each.contests.includes(0) ? sum + given.counted[index]! : sum;
          }, 0);
          const whole = total > 0 && total < given.smallestGroup;
          expect(unopened.filter((set) => set.weight === weight)).toHaveLength(whole ? 1 : 0);
          expect(opened.some((set) => set.weight === weight)).toBe(total >= given.smallestGroup);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is deterministic and lists by weight, then by first class", () => {
    fc.assert(
      fc.property(input, (given) => {
        const first = partition(given, 0);
        expect(partition(structuredClone(given), 0)).toEqual(first);
        for (const sets of [first.opened, first.unopened]) {
          const order = sets.map((set) => [set.weight, set.classes[0]!]);
          expect([...order].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)).toEqual(order);
        }
      }),
      { numRuns: 200 },
    );
  });
});
