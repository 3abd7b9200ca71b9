/** Auditors that report apart, and reports that find fault: both stand on the record, and a verifier hears all of them. */
import { auditDraw } from "@hanpyo/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditReport } from "../record/tally-entries.ts";
import { auditValue } from "../testing/kit/definition.ts";
import { honestElection, outcomeOf } from "../testing/kit/honest.ts";
import type { Played, Run } from "../testing/kit/run.ts";
import { auditStep } from "../testing/kit/tally-steps.ts";
import { after } from "../testing/kit/tamper.ts";

let honest: Played;
beforeAll(async () => {
  honest = await honestElection();
});

type Report = Omit<AuditReport, "signatures">;
/** A report of auditor 2 alone, after that of auditor 1 alone. */
const second = (change: (report: Report) => Report = (report) => report) =>
  after(
    honest.script,
    "audit report",
    auditStep(
      "audit by 2",
      (_, run: Run) => {
        const { count, passesFrozen, definition } = run.state;
        const sample = auditDraw(count!.leafHash, [auditValue(2)], passesFrozen!, definition!.auditSample);
        return change({ values: [null, auditValue(2)], sample, findings: [] });
      },
      [null, "auditor 2"],
    ),
  );

describe("an auditor whom another's report left out", () => {
  it("reports too, and is not said to withhold anything", async () => {
    const { run, report, failed } = await outcomeOf({ script: () => second() });
    expect([run.refusals, failed, report.verdict]).toEqual([[], [], "verified"]);
    expect(report.findings.map(({ text }) => text.en).join("\n")).not.toContain("withheld");
    expect(report.findings.filter(({ text }) => text.en.includes("passes were opened"))).toHaveLength(2);
  });

  it("is heard where it found fault: the rules record it, check 18g fails", async () => {
    const { run, report, failed } = await outcomeOf({
      script: () => second((it) => ({ ...it, findings: [{ entry: it.sample[0]!, text: "not on the roll" }] })),
    });
    expect(run.refusals).toEqual([]);
    expect([failed, report.verdict]).toEqual([["18g"], "failed"]);
  });
});
