/**
 * Which sums are opened: sets of classes that are large enough to hide in, per contest and denomination (docs/protocol.md
 * section 8). A pure function of definition and count. No other sum is ever decrypted.
 */

export interface PartitionInput {
  /** Node 0 is the root (parent null); every other parent has a smaller index. */
  readonly groups: readonly { readonly parent: number | null }[];
  readonly classes: readonly {
    /** A leaf. */
    readonly group: number;
    /** The denomination. */
    readonly weight: number;
    readonly contests: readonly number[];
  }[];
  /** Counted ballots per class. */
  readonly counted: readonly number[];
  /** In ballots. */
  readonly smallestGroup: number;
}

/** Ballots of one denomination that are summed together. */
export interface BallotSet {
  readonly weight: number;
  /** Those with counted ballots, ascending. */
  readonly classes: readonly number[];
  readonly ballots: number;
}

/** Both lists by weight, then by first class. */
export interface Partition {
  readonly opened: readonly BallotSet[];
  /** At most one per weight: its ballots are fewer than the limit in the whole contest. */
  readonly unopened: readonly BallotSet[];
}

const firstClass = (set: BallotSet): number => set.classes[0]!;

function join(sets: readonly BallotSet[]): BallotSet {
  return {
    weight: sets[0]!.weight,
    classes: sets.flatMap((set) => set.classes).sort((a, b) => a - b),
    ballots: sets.reduce((sum, set) => sum + set.ballots, 0),
  };
}

/** The smallest set, the one with the lowest first class on a tie. */
function smallest(sets: readonly BallotSet[]): BallotSet | undefined {
  return [...sets].sort((a, b) => a.ballots - b.ballots || firstClass(a) - firstClass(b))[0];
}

/** Joins what is below the limit, among themselves and then with the smallest other set; at most one such set remains. */
function settle(sets: readonly BallotSet[], limit: number): BallotSet[] {
  const large = sets.filter((set) => set.ballots >= limit);
  const small = sets.filter((set) => set.ballots < limit);
  if (small.length === 0) return large;
  const joined = join(small);
  if (joined.ballots >= limit) return [...large, joined];
  const other = smallest(large);
  if (other === undefined) return [joined];
  return [...large.filter((set) => set !== other), join([other, joined])];
}

function partitionWeight(input: PartitionInput, contest: number, weight: number): BallotSet[] {
  const { groups, classes, counted, smallestGroup } = input;
  const under: BallotSet[][] = groups.map(() => []);
  const leaves = new Map<number, BallotSet[]>();
  for (const [index, each] of classes.entries()) {
    const ballots = counted[index]!;
    if (each.weight !== weight || !each.contests.includes(contest) || ballots === 0) continue;
    const set = { weight, classes: [index], ballots };
    leaves.set(each.group, [...(leaves.get(each.group) ?? []), set]);
  }
  for (const [leaf, sets] of leaves) under[leaf]!.push(join(sets));
  // Children have larger indices than their parents, so going down the list visits every node after its children.
  for (let node = groups.length - 1; node >= 0; node--) {
    const parent = groups[node]!.parent;
    const settled = settle(under[node]!, smallestGroup);
    under[node] = settled;
    if (parent !== null) under[parent]!.push(...settled);
  }
  return under[0]!.sort((a, b) => firstClass(a) - firstClass(b));
}

/** The partition of a contest's counted ballots. Throws for an input that no checked definition gives. */
export function partition(input: PartitionInput, contest: number): Partition {
  const { groups, classes, counted, smallestGroup } = input;
  for (const [node, { parent }] of groups.entries()) {
    const fits = node === 0 ? parent === null : parent !== null && parent >= 0 && parent < node;
    if (!fits) throw new RangeError("node 0 is the root and parents come first");
  }
  if (counted.length !== classes.length) throw new RangeError("a count for every class");
  for (const ballots of counted) if (!Number.isSafeInteger(ballots) || ballots < 0) throw new RangeError("not a count");
  if (!Number.isSafeInteger(smallestGroup) || smallestGroup < 1) throw new RangeError("the limit is at least 1");
  for (const { group } of classes) {
    if (group < 0 || group >= groups.length) throw new RangeError("no such group");
    if (groups.some(({ parent }) => parent === group)) throw new RangeError("classes belong to leaves");
  }
  const seeing = classes.filter((each) => each.contests.includes(contest));
  const weights = [...new Set(seeing.map((each) => each.weight))].sort((a, b) => a - b);
  const sets = weights.flatMap((weight) => partitionWeight(input, contest, weight));
  return {
    opened: sets.filter((set) => set.ballots >= smallestGroup),
    unopened: sets.filter((set) => set.ballots < smallestGroup),
  };
}
