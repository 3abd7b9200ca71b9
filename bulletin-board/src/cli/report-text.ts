/** The report for people: one line a check, what failed in full, the result, one verdict. */
import type { CheckReport, Report } from "../verify/index.ts";

const marks = { held: "held", failed: "FAILED", "not-asked": "not asked" } as const;

export function reportText(report: Report): string {
  const lines = [
    `Election    ${report.origin}${report.rehearsal ? "  (rehearsal)" : ""}`,
    `E           ${report.election ?? "–"}`,
    `C           ${report.context ?? "–"}`,
    `Record      ${report.size} entries, root ${report.root}`,
    `Pass log    ${report.passesSize} entries`,
    `Phase       ${report.phase}, ${report.ballots} ballots, ${report.counted} of them the latest of their voters`,
    `Engine      ${report.engine}`,
    "",
    ...report.checks.flatMap(checkLines),
  ];
  if (report.findings.length > 0) lines.push("", "To know:", ...report.findings.map(({ text }) => `  · ${text.en}`));
  if (report.result) {
    lines.push("", "Result:");
    for (const [i, contest] of report.result.entries())
      lines.push(
        `  contest ${i}: ${contest.totals.join(", ")}${contest.unopened > 0 ? `; ${contest.unopened} ballots not opened` : ""}`,
      );
  }
  lines.push("", conclusion(report), "");
  return lines.join("\n");
}

function checkLines(check: CheckReport): string[] {
  const parts = check.parts.map(
    (part) => `${part.part.slice(-1)} ${part.verdict === "held" ? part.held : part.verdict === "failed" ? "✗" : "–"}`,
  );
  const head = `${String(check.number).padStart(2)}  ${check.title.padEnd(18)} ${marks[check.verdict].padEnd(10)} ${parts.join("  ")}`;
  const time = check.milliseconds >= 100 ? `  ${(check.milliseconds / 1000).toFixed(1)} s` : "";
  const details = check.parts.flatMap((part) => [
    ...part.failures.map(
      (failure) => `      ${part.part} ${part.title}: entry ${failure.entry}: ${failure.detail} [${failure.code}]`,
    ),
    ...(part.failureCount > part.failures.length
      ? [`      ${part.part}: and ${part.failureCount - part.failures.length} more`]
      : []),
    ...(part.why ? [`      ${part.part} not asked: ${part.why}`] : []),
  ]);
  return [head + time, ...details];
}

function conclusion(report: Report): string {
  switch (report.verdict) {
    case "verified":
      return "VERIFIED: every check held.";
    case "failed":
      return "FAILED: at least one check does not hold; this record must not be accepted.";
    case "incomplete":
      return "NOTHING FAILED, but not everything could be asked yet.";
  }
}
