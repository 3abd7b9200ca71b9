/** What a reader should know even where nothing failed. */
import { encodeVkey } from "../log/index.ts";
import type { DefinitionBody } from "../record/definition.ts";
import type { ElectionState } from "../record/state.ts";
import type { Finding } from "./report.ts";

export function findingsOf(
  state: ElectionState,
  about: { readonly overruled: number; readonly audit: DefinitionBody },
): Finding[] {
  const findings: Finding[] = [];
  const say = (kind: Finding["kind"], text: string) => findings.push({ kind, text });
  const { definition } = state;
  if (about.overruled > 0)
    say(
      "trust",
      `this verifier's fast engine refused ${about.overruled} ballots that the plain formulas accept: the engine is broken`,
    );
  if (!definition) return findings;
  if (definition.rehearsal) say("open", "this is a rehearsal");
  if (definition.registrars.length === 1)
    say("trust", "issue of passes rests on the pass log alone: there is one registrar");
  if (definition.witnessDishonest === 0) say("trust", "no dishonest witness is tolerated (f = 0)");
  const now = state.witnesses?.witnesses.map(encodeVkey) ?? [];
  if (now.join() !== definition.witnesses.join())
    say("trust", `the officials changed the witnesses; now ${state.witnesses!.quorum} of ${now.join(", ")}`);
  if (definition.auditors.length === 0) say("audit", "this election has the stated mode “no audit”");
  if (definition.classes.some((item) => item.certified === null))
    say("trust", "not bounded by an issuer: some classes have no certified count");
  if (definition.trustees.length === definition.threshold) say("trust", "every trustee is needed for the tally");
  for (const outage of state.outages)
    say(
      "outage",
      `no anchors from ${outage.from} to ${outage.until ?? "the end"}${outage.until === null ? "" : ` (${outage.until - outage.from} s)`}`,
    );
  for (const { trustee, entry } of state.blamed)
    say("blame", `trustee ${trustee} recorded a share whose proof fails (entry ${entry})`);
  for (const ceremony of state.ceremonies)
    for (const round of ceremony.rounds)
      if (round.ended)
        say(
          "blame",
          `round ${round.round} of a key ceremony ended at entry ${round.ended.entry}, naming ${round.ended.named.join(", ") || "nobody"}`,
        );
  for (const [i, contest] of (state.tally?.message.contests ?? []).entries())
    for (const set of contest.unopened)
      say(
        "publication",
        `contest ${i}: ${set.ballots} ballots of weight ${set.weight} are not opened, too few to hide among`,
      );
  if (definition.auditSample > 0)
    for (const { message } of state.audits) say("audit", escapeText(message.sample.length, state.passesFrozen ?? 0));
  if (state.audits.length > 0)
    definition.auditors.forEach(({ name }, i) => {
      const reported = state.audits.some(({ message }) => (message.values[i] ?? null) !== null);
      if (!reported) say("audit", `auditor ${name} withheld its value`);
    });
  return findings;
}

/** The chance that a share p of false passes escapes a sample of s is (1 − p)^s. */
function escapeText(sample: number, passes: number): string {
  const chance = (share: number) => ((1 - share) ** sample * 100).toPrecision(2);
  return `${sample} of ${passes} passes were opened: 1 % of false passes would escape with probability ${chance(0.01)} %, 10 % with ${chance(0.1)} %`;
}
