/** What a verification says: a verdict for every lettered part, the findings a person should know, one exit code. */
import { type CheckNumber, type CheckPart, checkOf, checks } from "../record/checks.ts";
import type { Judge } from "../record/judge.ts";
import type { RefusalCode } from "../record/refusals.ts";

export type Verdict = "held" | "failed" | "not-asked";

export interface Failure {
  readonly entry: number;
  readonly code: RefusalCode;
  /** What was expected and found. */
  readonly detail: string;
  readonly reason?: number;
}

export interface PartReport {
  readonly part: CheckPart;
  readonly title: string;
  readonly verdict: Verdict;
  /** Things that held. */
  readonly held: number;
  /** At most `maxFailures`, the first ones. */
  readonly failures: readonly Failure[];
  readonly failureCount: number;
  /** Why it was not asked. */
  readonly why?: string;
}

export interface CheckReport {
  readonly number: CheckNumber;
  readonly title: string;
  readonly verdict: Verdict;
  readonly milliseconds: number;
  readonly parts: readonly PartReport[];
}

/** What is not a failure and should still be said aloud. */
export interface Finding {
  readonly kind: "outage" | "blame" | "trust" | "audit" | "publication" | "time" | "open";
  readonly text: { readonly ko: string; readonly en: string };
}

export interface Report {
  readonly version: 1;
  readonly origin: string;
  /** E and C in hex. */
  readonly election: string | null;
  readonly context: string | null;
  readonly rehearsal: boolean;
  readonly phase: string;
  readonly size: number;
  readonly root: string;
  readonly passesSize: number;
  readonly ballots: number;
  readonly counted: number;
  readonly engine: string;
  readonly checks: readonly CheckReport[];
  readonly findings: readonly Finding[];
  readonly result: readonly { readonly totals: readonly number[]; readonly unopened: number }[] | null;
  readonly verdict: "verified" | "failed" | "incomplete";
  /** 0 verified, 1 failed, 2 something was not asked; 3 (unreadable, wrong usage) is the command's own. */
  readonly exitCode: 0 | 1 | 2;
}

const maxFailures = 20;
/** Why nothing is asked of a tally that never was; the one reason that leaves an aborted election verified. */
export const abortedReason = "the election was aborted";
/** May be not asked in a verified record. */
const optional: ReadonlySet<CheckPart> = new Set(["2c", "24a", "25a", "25b", "25c"]);

export function checkReports(
  judge: Judge,
  notAsked: ReadonlyMap<CheckPart, string>,
  milliseconds: ReadonlyMap<CheckNumber, number>,
): CheckReport[] {
  return checks.map((check) => {
    const parts = Object.entries(check.parts).map(([letter, title]): PartReport => {
      const part = `${check.number}${letter}` as CheckPart;
      const failed = judge.refusals.filter((refusal) => refusal.part === part);
      const why = notAsked.get(part);
      const verdict: Verdict = failed.length > 0 ? "failed" : why === undefined ? "held" : "not-asked";
      return {
        part,
        title,
        verdict,
        held: judge.held.get(part) ?? 0,
        failures: failed.slice(0, maxFailures).map(({ part: _, ...failure }) => failure),
        failureCount: failed.length,
        ...(verdict === "not-asked" ? { why: why! } : {}),
      };
    });
    const verdict = parts.some((part) => part.verdict === "failed")
      ? "failed"
      : parts.some((part) => part.verdict === "held")
        ? "held"
        : "not-asked";
    return {
      number: check.number,
      title: check.title,
      verdict,
      milliseconds: milliseconds.get(check.number) ?? 0,
      parts,
    };
  });
}

export function conclude(reports: readonly CheckReport[], aborted = false): Pick<Report, "verdict" | "exitCode"> {
  const parts = reports.flatMap((report) => report.parts);
  if (parts.some((part) => part.verdict === "failed")) return { verdict: "failed", exitCode: 1 };
  if (
    parts.some(
      (part) => part.verdict === "not-asked" && !(aborted && part.why === abortedReason) && !optional.has(part.part),
    )
  )
    return { verdict: "incomplete", exitCode: 2 };
  return { verdict: "verified", exitCode: 0 };
}

/** Measures checks by the clock it is given; what several checks share is booked on the first of them. */
export class Stopwatch {
  readonly milliseconds = new Map<CheckNumber, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  time<T>(part: CheckPart, work: () => T): T {
    const start = this.#now();
    try {
      return work();
    } finally {
      this.#book(part, start);
    }
  }

  async timeAsync<T>(part: CheckPart, work: () => Promise<T>): Promise<T> {
    const start = this.#now();
    try {
      return await work();
    } finally {
      this.#book(part, start);
    }
  }

  #book(part: CheckPart, start: number): void {
    const check = checkOf(part);
    this.milliseconds.set(check, (this.milliseconds.get(check) ?? 0) + this.#now() - start);
  }
}
