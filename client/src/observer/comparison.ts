/** A short code of what a verification found, for observers to compare by voice. */
import { nobleSha256, type Report } from "@hanpyo/bulletin-board";
import { confirmationCode, utf8ToBytes } from "@hanpyo/crypto";

/** The facts that every honest verification of the same checkpoint shares: no times, no engine, no papers of its own. */
export function comparedFacts(report: Report): string {
  const { origin, election, context, size, root, passesSize, ballots, counted, checks, result } = report;
  const own = new Set(["2c", "24a", "25a", "25b", "25c"]);
  const parts = checks
    .flatMap((check) => check.parts)
    .filter(({ part }) => !own.has(part))
    .map(({ part, verdict, failureCount }) => [part, verdict, failureCount]);
  return JSON.stringify({ origin, election, context, size, root, passesSize, ballots, counted, parts, result });
}

/** The first 60 bits of the SHA-256 of those facts, three groups of four. */
export const comparisonCode = (report: Report): string =>
  confirmationCode(nobleSha256(utf8ToBytes(comparedFacts(report))))
    .split("-")
    .slice(0, 3)
    .join("-");
