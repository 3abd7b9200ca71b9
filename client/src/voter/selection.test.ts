import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  contestKind,
  emptySelection,
  isBlank,
  mark,
  markBlank,
  roomFor,
  type Selection,
  type SelectionRule,
  selectionProblem,
  sumOf,
} from "./selection.ts";

const one: SelectionRule = { options: 3, maxValue: 1, min: 1, max: 1, blank: true };
const three: SelectionRule = { options: 5, maxValue: 1, min: 1, max: 3, blank: true };
const score: SelectionRule = { options: 3, maxValue: 5, min: 0, max: 15, blank: false };
const points: SelectionRule = { options: 3, maxValue: 10, min: 10, max: 10, blank: false };

test("the kinds of contest", () => {
  expect([one, three, score, points].map(contestKind)).toEqual(["one", "several", "score", "points"]);
});

describe("choose one", () => {
  test("a new mark clears the one before and the blank", () => {
    const first = mark(one, emptySelection(one), 0, 1);
    expect(mark(one, first, 2, 1)).toEqual([0, 0, 1, 0]);
    expect(mark(one, markBlank(one, true), 1, 1)).toEqual([0, 1, 0, 0]);
  });
  test("nothing marked is a problem, blank is not", () => {
    expect(selectionProblem(one, emptySelection(one))).toEqual({ kind: "nothing" });
    expect(selectionProblem(one, markBlank(one, true))).toBeNull();
  });
});

test("too many cannot be chosen", () => {
  const full = [0, 1, 2].reduce<Selection>((it, option) => mark(three, it, option, 1), emptySelection(three));
  expect(roomFor(three, full, 3)).toBe(0);
  expect(mark(three, full, 3, 1)).toBe(full);
  expect(roomFor(three, full, 1)).toBe(1);
});

test("points must all be given, and no more than there are", () => {
  const six = mark(points, emptySelection(points), 0, 6);
  expect(selectionProblem(points, six)).toEqual({ kind: "too-few", missing: 4 });
  expect(mark(points, six, 1, 5)).toBe(six);
  expect(selectionProblem(points, mark(points, six, 1, 4))).toBeNull();
});

test("whatever is marked, the rule's upper bounds hold and blank stands alone", () => {
  const rules = fc.constantFrom(one, three, score, points);
  const steps = fc.array(fc.tuple(fc.nat(6), fc.integer({ min: -2, max: 20 }), fc.boolean()), { maxLength: 30 });
  fc.assert(
    fc.property(rules, steps, (rule, list) => {
      let selection = emptySelection(rule);
      for (const [option, value, blank] of list) {
        selection = blank && rule.blank ? markBlank(rule, true) : mark(rule, selection, option % rule.options, value);
        expect(sumOf(rule, selection)).toBeLessThanOrEqual(rule.max);
        expect(Math.max(...selection)).toBeLessThanOrEqual(rule.maxValue);
        if (isBlank(rule, selection)) expect(sumOf(rule, selection)).toBe(0);
      }
    }),
  );
});
