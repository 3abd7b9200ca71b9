/**
 * What a contest allows. One proof system covers every kind: each option's value lies in 0..maxValue, and the sum of the
 * values in min..max. Where a blank vote is allowed, the blank is one more option, after the others, with values 0 and 1,
 * and the sum is taken over Σv + max · v_blank: then exactly "blank alone" or "no blank and min ≤ Σv ≤ max" passes.
 */
export interface ContestRule {
  /** Number of options n ≥ 1, the blank not counted. */
  readonly options: number;
  /** Largest value R ≥ 1 of one option. */
  readonly maxValue: number;
  /** 0 ≤ min ≤ max */
  readonly min: number;
  /** 1 ≤ max ≤ n · R */
  readonly max: number;
  readonly blank: boolean;
}

/** Bounds that keep every number of a rule far inside safe integers; the size of a ballot is bounded elsewhere. */
const MAX_OPTIONS = 4096;
const MAX_VALUE = 4096;

/** The first inequality that a rule breaks, or null. */
export function contestRuleFault(rule: ContestRule): "options" | "maxValue" | "min" | "max" | null {
  const within = (value: number, low: number, high: number) => Number.isInteger(value) && value >= low && value <= high;
  if (!within(rule.options, 1, MAX_OPTIONS)) return "options";
  if (!within(rule.maxValue, 1, MAX_VALUE)) return "maxValue";
  if (!within(rule.max, 1, rule.options * rule.maxValue)) return "max";
  if (!within(rule.min, 0, rule.max)) return "min";
  return null;
}

export const chooseOne = (options: number, blank = false): ContestRule => ({
  options,
  maxValue: 1,
  min: 1,
  max: 1,
  blank,
});

/** Between `min` and `max` options are marked. */
export const approval = (options: number, min: number, max: number, blank = false): ContestRule => ({
  options,
  maxValue: 1,
  min,
  max,
  blank,
});

/** Every option gets 0..maxValue points; without further bounds any scoring is allowed. */
export const score = (
  options: number,
  maxValue: number,
  { min = 0, max = options * maxValue, blank = false }: { min?: number; max?: number; blank?: boolean } = {},
): ContestRule => ({ options, maxValue, min, max, blank });

/** Exactly `points` are spread over the options, up to all of them on one. */
export const cumulative = (options: number, points: number, blank = false): ContestRule => ({
  options,
  maxValue: points,
  min: points,
  max: points,
  blank,
});

/** Number of encrypted values: the options and, where allowed, the blank. */
export function valueCount(rule: ContestRule): number {
  return rule.options + (rule.blank ? 1 : 0);
}

/** Number of branches of the proof of option `option`: its possible values 0, 1, … */
export function branchCount(rule: ContestRule, option: number): number {
  return option < rule.options ? rule.maxValue + 1 : 2;
}

/** Number of branches of the sum proof; 0 where any sum is allowed and no proof is made. */
export function sumBranchCount(rule: ContestRule): number {
  if (!rule.blank && rule.min === 0 && rule.max === rule.options * rule.maxValue) return 0;
  return rule.max - rule.min + 1;
}

/** The factor of an option's value in the sum. */
export function sumFactor(rule: ContestRule, option: number): number {
  return option < rule.options ? 1 : rule.max;
}

/** Whether plain values (blank last, where allowed) obey the rule. */
export function allows(rule: ContestRule, values: readonly number[]): boolean {
  if (values.length !== valueCount(rule)) return false;
  let sum = 0;
  for (const [option, value] of values.entries()) {
    if (!Number.isInteger(value) || value < 0 || value >= branchCount(rule, option)) return false;
    sum += value * sumFactor(rule, option);
  }
  return sumBranchCount(rule) === 0 || (sum >= rule.min && sum <= rule.max);
}
