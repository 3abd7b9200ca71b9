/** The kit's honest election, played once per process, and the verification of what was made of it. */
import { type CheckPart, checkParts } from "../../record/checks.ts";
import { type Report, verifyElection } from "../../verify/index.ts";
import { honestPapers } from "./papers.ts";
import { servePages, sourceOf } from "./publish.ts";
import { type Played, play, type Run, replay } from "./run.ts";
import { honestScript } from "./script.ts";
import type { Tamper } from "./tamper.ts";

let played: Promise<Played> | undefined;
export function honestElection(): Promise<Played> {
  played ??= play(honestScript());
  return played;
}

export interface Outcome {
  readonly run: Run;
  readonly report: Report;
  /** Parts that failed, in the order of numbers and letters. */
  readonly failed: readonly CheckPart[];
}

export async function outcomeOf(tamper: Omit<Tamper, "part" | "what">): Promise<Outcome> {
  const honest = await honestElection();
  const run = tamper.script ? await replay(honest, tamper.script(honest.script)) : honest.run;
  const decided = run.state.phase === "decided";
  const report = await verifyElection(sourceOf(run, tamper.publish?.(run)), {
    client: servePages,
    ...(decided && run.places.has("ballot 3") ? { papers: honestPapers(run) } : {}),
    ...tamper.reader?.(run),
  });
  const failed = new Set(
    report.checks.flatMap(({ parts }) => parts.flatMap((it) => (it.verdict === "failed" ? [it.part] : []))),
  );
  return { run, report, failed: checkParts.filter((part) => failed.has(part)) };
}
