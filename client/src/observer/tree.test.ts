import { type CheckPart, checkParts, checks, type Report } from "@hanpyo/bulletin-board";
import { expect, test } from "vitest";
import { comparedFacts, comparisonCode } from "./comparison.ts";
import { checkTexts, partTexts } from "./texts/checks.ts";
import { pace, treeOf } from "./tree.ts";

const report = (change: (part: CheckPart) => "held" | "failed" | "not-asked" = () => "held"): Report => ({
  version: 1,
  origin: "example",
  election: "aa",
  context: "bb",
  rehearsal: true,
  phase: "open",
  size: 10,
  root: "cc",
  passesSize: 2,
  ballots: 3,
  counted: 2,
  engine: "noble",
  checks: checks.map(({ number, title, parts }) => {
    const list = Object.entries(parts).map(([letter, name]) => {
      const part = `${number}${letter}` as CheckPart;
      const verdict = change(part);
      const failures = verdict === "failed" ? [{ entry: 4, code: "copied" as const, detail: "seen before" }] : [];
      return { part, title: name, verdict, held: 5, failures, failureCount: failures.length };
    });
    const verdict = list.find((it) => it.verdict === "failed")?.verdict ?? list[0]!.verdict;
    return { number, title, verdict, milliseconds: 1, parts: list };
  }),
  findings: [],
  result: null,
  verdict: "incomplete",
  exitCode: 2,
});
const nodes = (...input: Parameters<typeof treeOf>) => treeOf(...input).flatMap((it) => it.checks);

test("the tree holds all 25 checks and all their parts, in both languages", () => {
  const all = nodes(null, null);
  expect(all.map((it) => it.number)).toEqual(checks.map((it) => it.number));
  expect(all.flatMap((it) => it.parts.map((leaf) => leaf.part))).toEqual(checkParts);
  for (const { number } of all) expect(checkTexts[number].rule.ko && checkTexts[number].rule.en).toBeTruthy();
  for (const part of checkParts) expect(partTexts[part]).toBeTruthy();
});

test("counts fill in while a verification runs, and a failure shows at once", () => {
  const parts = { "1a": { held: 7, failed: 0 }, "14a": { held: 6, failed: 1 } };
  const all = nodes({ stage: "record", done: 7, total: 10, ballots: 6, worked: 1000, parts }, null);
  expect(all[0]).toMatchObject({ state: "running", held: 7 });
  expect(all[13]).toMatchObject({ state: "failed", failed: 1 });
  expect(all[22]).toMatchObject({ state: "waiting" });
});

test("a report's verdicts and failures reach the leaves", () => {
  const all = nodes(
    null,
    report((part) => (part === "16b" ? "failed" : "held")),
  );
  expect(all[15]).toMatchObject({ state: "failed", failed: 1 });
  expect(all[15]!.parts[1]!.failures[0]).toMatchObject({ entry: 4, detail: "seen before" });
});

test("observers of the same record get the same code, however fast and with whichever papers", () => {
  const slow = { ...report(), engine: "wasm", checks: report().checks.map((it) => ({ ...it, milliseconds: 99 })) };
  expect(comparisonCode(slow)).toBe(comparisonCode(report()));
  expect(comparisonCode(report((part) => (part === "25a" ? "not-asked" : "held")))).toBe(comparisonCode(report()));
  for (const other of [report((part) => (part === "14a" ? "failed" : "held")), { ...report(), root: "dd" }])
    expect(comparisonCode(other)).not.toBe(comparisonCode(report()));
  expect(comparedFacts(report())).not.toContain("milliseconds");
  expect(comparisonCode(report())).toMatch(/^(\w{4}-){2}\w{4}$/);
});

test("rate and time left come from work done", () => {
  const progress = { stage: "record", ballots: 0, parts: {} } as const;
  expect(pace({ ...progress, done: 100, total: 300, worked: 2000 })).toEqual({ rate: 50, left: 4 });
  expect(pace({ ...progress, done: 0, total: 300, worked: 2000 })).toBeNull();
});
