/** The tree of checks as the page draws it: from the running counts while a verification runs, from the report afterwards. */
import { type CheckNumber, type CheckPart, checks, type Failure, type Report } from "@hanpyo/bulletin-board";
import type { VerificationProgress } from "./messages.ts";
import { type CheckGroup, groupOf } from "./texts/checks.ts";

export type State = "waiting" | "running" | "held" | "failed" | "not-asked";

export interface PartLeaf {
  readonly part: CheckPart;
  readonly title: string;
  readonly state: State;
  readonly held: number;
  readonly failed: number;
  readonly failures: readonly Failure[];
  readonly why: string | null;
}

export interface CheckNode {
  readonly number: CheckNumber;
  readonly title: string;
  readonly state: State;
  readonly held: number;
  readonly failed: number;
  readonly milliseconds: number | null;
  readonly parts: readonly PartLeaf[];
}

export interface TreeGroup {
  readonly group: CheckGroup;
  readonly checks: readonly CheckNode[];
}

const sum = (parts: readonly PartLeaf[], of: "held" | "failed") => parts.reduce((total, it) => total + it[of], 0);

function fromReport(report: Report): readonly CheckNode[] {
  return report.checks.map(({ number, title, verdict, milliseconds, parts }) => {
    const leaves = parts.map(
      (it): PartLeaf => ({
        part: it.part,
        title: it.title,
        state: it.verdict,
        held: it.held,
        failed: it.failureCount,
        failures: it.failures,
        why: it.why ?? null,
      }),
    );
    const [held, failed] = [sum(leaves, "held"), sum(leaves, "failed")];
    return { number, title, state: verdict, held, failed, milliseconds, parts: leaves };
  });
}

function fromProgress(progress: VerificationProgress | null): readonly CheckNode[] {
  return checks.map(({ number, title, parts }) => {
    const leaves = Object.entries(parts).map(([letter, name]): PartLeaf => {
      const part = `${number}${letter}` as CheckPart;
      const { held, failed } = progress?.parts[part] ?? { held: 0, failed: 0 };
      const state: State = failed > 0 ? "failed" : held > 0 ? "running" : "waiting";
      return { part, title: name, state, held, failed, failures: [], why: null };
    });
    const [held, failed] = [sum(leaves, "held"), sum(leaves, "failed")];
    const state: State = failed > 0 ? "failed" : held > 0 ? "running" : "waiting";
    return { number, title, state, held, failed, milliseconds: null, parts: leaves };
  });
}

export function treeOf(progress: VerificationProgress | null, report: Report | null): readonly TreeGroup[] {
  const groups = new Map<CheckGroup, CheckNode[]>();
  for (const node of report ? fromReport(report) : fromProgress(progress)) {
    const group = groupOf(node.number);
    groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  return [...groups].map(([group, nodes]) => ({ group, checks: nodes }));
}

/** Entries a second and seconds left in this stage; null until there is something to measure. */
export function pace({
  done,
  total,
  worked,
}: VerificationProgress): { readonly rate: number; readonly left: number } | null {
  if (done === 0 || worked < 500) return null;
  const rate = (done * 1000) / worked;
  return { rate, left: (total - done) / rate };
}
