/**
 * What a resident has marked in one contest: a value per option, the blank last where it is allowed (docs/protocol.md
 * section 3). Pure functions; a selection that breaks its rule can never be reached by `mark`, only an unfinished one.
 */
import type { Bilingual } from "../ui/language.svelte.ts";

export interface SelectionRule {
  /** Number of options without the blank. */
  readonly options: number;
  readonly maxValue: number;
  readonly min: number;
  readonly max: number;
  readonly blank: boolean;
}

export interface ContestView {
  readonly title: Bilingual;
  readonly text: Bilingual;
  readonly options: readonly Bilingual[];
  readonly rule: SelectionRule;
}

export type Selection = readonly number[];

/** How a contest is put to a person. */
export type ContestKind = "one" | "several" | "score" | "points";

export function contestKind(rule: SelectionRule): ContestKind {
  if (rule.maxValue === 1) return rule.max === 1 ? "one" : "several";
  return rule.max >= rule.options * rule.maxValue ? "score" : "points";
}

export const emptySelection = (rule: SelectionRule): Selection =>
  new Array<number>(rule.options + (rule.blank ? 1 : 0)).fill(0);

export const isBlank = (rule: SelectionRule, selection: Selection): boolean =>
  rule.blank && selection[rule.options] === 1;

/** Sum of the options' values, without the blank. */
export const sumOf = (rule: SelectionRule, selection: Selection): number =>
  selection.slice(0, rule.options).reduce((sum, value) => sum + value, 0);

/** The most that one more mark may give an option: 0 where nothing is left to give. */
export function roomFor(rule: SelectionRule, selection: Selection, option: number): number {
  if (contestKind(rule) === "one") return 1;
  const others = isBlank(rule, selection) ? 0 : sumOf(rule, selection) - (selection[option] ?? 0);
  return Math.max(0, Math.min(rule.maxValue, rule.max - others));
}

/** Gives an option a value; where one is chosen the others are cleared, and any mark clears the blank. */
export function mark(rule: SelectionRule, selection: Selection, option: number, value: number): Selection {
  if (value < 0 || value > roomFor(rule, selection, option)) return selection;
  const start = contestKind(rule) === "one" || isBlank(rule, selection) ? emptySelection(rule) : selection;
  return start.map((old, index) => (index === option ? value : old));
}

/** Chooses the blank and clears all else, or takes it back. */
export function markBlank(rule: SelectionRule, blank: boolean): Selection {
  const empty = emptySelection(rule);
  return rule.blank && blank ? empty.map((_, index) => (index === rule.options ? 1 : 0)) : empty;
}

/** Why a selection cannot be cast yet: nothing is marked, or fewer than the rule asks for. */
export type SelectionProblem = { readonly kind: "nothing" } | { readonly kind: "too-few"; readonly missing: number };

export function selectionProblem(rule: SelectionRule, selection: Selection): SelectionProblem | null {
  if (isBlank(rule, selection)) return null;
  const sum = sumOf(rule, selection);
  if (sum >= rule.min) return null;
  return sum === 0 ? { kind: "nothing" } : { kind: "too-few", missing: rule.min - sum };
}
