/** What a test election holds: contests, classes, residents, and what each of them does. A pure function of its numbers. */
import { approval, type ContestRule, score } from "@hanpyo/crypto";
import { type Dice, dice } from "./random.ts";

/** Two contests: an approval with blank votes, and a scoring of four options with up to six points in all. */
export const rules: readonly ContestRule[] = [approval(5, 1, 3, true), score(4, 3, { min: 0, max: 6 })];

/** Three classes: the north's residents of weight one and two see both contests, the south's the first. */
export const classes = [
  { group: 1, weight: 1, contests: [0, 1] },
  { group: 2, weight: 1, contests: [0] },
  { group: 1, weight: 2, contests: [0, 1] },
] as const;
/** The fewest residents for which every denomination has enough certified holders. */
export const fewestVoters = 60;

/** What a resident's pass does: nothing, or one ballot after the other; the last counts. Values per contest of the class. */
export interface PassPlan {
  readonly class: number;
  readonly ballots: readonly (readonly (readonly number[])[])[];
}

export interface Resident {
  readonly id: string;
  /** Home class of weight one. */
  readonly class: number;
  /** 1, 2 (one pass of class 2) or 3 (one of class 2 and one of class 0); the south has weight 1. */
  readonly weight: number;
  readonly eligible: boolean;
  /** In the order in which passes are granted: highest weight first. */
  readonly passes: readonly PassPlan[];
}

/** `voters` residents who vote, a tenth more who do not, and some who may not. */
export function planElection(voters: number, seed = 1): Resident[] {
  const roll = dice(seed);
  const residents: Resident[] = [];
  const idle = Math.max(2, Math.floor(voters / 10));
  const barred = 3;
  for (let i = 0; i < voters + idle + barred; i++) {
    const north = i % 3 !== 2;
    const weight = north ? ([1, 2, 3][i % 4] ?? 1) : 1;
    const granted = weight === 1 ? [north ? 0 : 1] : weight === 2 ? [2] : [2, 0];
    const votes = i < voters;
    residents.push({
      id: `R-${String(i + 1).padStart(5, "0")}`,
      class: north ? 0 : 1,
      weight,
      eligible: i < voters + idle,
      passes: granted.map((item) => ({ class: item, ballots: votes ? planBallots(item, i, roll) : [] })),
    });
  }
  return residents;
}

/** Every sixth resident votes again, every thirtieth twice. */
function planBallots(item: number, i: number, roll: Dice): PassPlan["ballots"] {
  const count = i % 30 === 5 ? 3 : i % 6 === 5 ? 2 : 1;
  return Array.from({ length: count }, () =>
    classes[item]!.contests.map((contest) => chooseValues(rules[contest]!, roll)),
  );
}

/** Values that the rule allows: blank now and then where it is allowed, else a sum between min and max. */
export function chooseValues(rule: ContestRule, roll: Dice): number[] {
  const values = new Array<number>(rule.options + (rule.blank ? 1 : 0)).fill(0);
  if (rule.blank && roll.chance(0.12)) {
    values[rule.options] = 1;
    return values;
  }
  const sum = rule.min + roll.below(rule.max - rule.min + 1);
  for (let given = 0; given < sum; ) {
    const option = roll.below(rule.options);
    if (values[option]! >= rule.maxValue) continue;
    values[option]! += 1;
    given += 1;
  }
  return values;
}

/** Passes per class that the issuer certifies: those of all eligible residents. */
export function certifiedPerClass(residents: readonly Resident[]): number[] {
  const counts = classes.map(() => 0);
  for (const { eligible, passes } of residents) if (eligible) for (const pass of passes) counts[pass.class]! += 1;
  return counts;
}
