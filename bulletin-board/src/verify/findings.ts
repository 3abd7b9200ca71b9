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
  const say = (kind: Finding["kind"], en: string, ko: string) => findings.push({ kind, text: { ko, en } });
  const { definition } = state;
  if (about.overruled > 0)
    say(
      "trust",
      `this verifier's fast engine refused ${about.overruled} ballots that the plain formulas accept: the engine is broken`,
      `이 검증기의 빠른 엔진이 올바른 표 ${about.overruled}장을 거절했습니다. 엔진에 결함이 있습니다`,
    );
  if (!definition) return findings;
  if (definition.rehearsal) say("open", "this is a rehearsal", "연습 투표입니다");
  if (definition.registrars.length === 1)
    say(
      "trust",
      "issue of passes rests on the pass log alone: there is one registrar",
      "확인 기관이 한 곳뿐이라 투표권 발급은 투표권 장부에만 의지합니다",
    );
  if (definition.witnessDishonest === 0)
    say("trust", "no dishonest witness is tolerated (f = 0)", "부정직한 증인을 한 곳도 견디지 못합니다 (f = 0)");
  const now = state.witnesses?.witnesses.map(encodeVkey) ?? [];
  if (now.join() !== definition.witnesses.join())
    say(
      "trust",
      `the officials changed the witnesses; now ${state.witnesses!.quorum} of ${now.join(", ")}`,
      `담당자들이 증인을 바꾸었습니다. 지금은 ${now.join(", ")} 가운데 ${state.witnesses!.quorum}곳입니다`,
    );
  if (definition.auditors.length === 0)
    say("audit", "this election has the stated mode “no audit”", "이 투표는 ‘감사 없음’으로 정해졌습니다");
  if (definition.classes.some((item) => item.certified === null))
    say(
      "trust",
      "not bounded by an issuer: some classes have no certified count",
      "인증된 인원수가 없는 구역이 있어, 발급 기관의 인원으로 한도를 확인할 수 없습니다",
    );
  if (definition.trustees.length === definition.threshold)
    say("trust", "every trustee is needed for the tally", "개표하려면 개표 열쇠 담당자가 모두 있어야 합니다");
  for (const outage of state.outages)
    say(
      "outage",
      `no anchors from ${outage.from} to ${outage.until ?? "the end"}${outage.until === null ? "" : ` (${outage.until - outage.from} s)`}`,
      `${outage.from}부터 ${outage.until ?? "끝"}까지 시각 기준점이 없었습니다${outage.until === null ? "" : ` (${outage.until - outage.from}초)`}`,
    );
  for (const { trustee, entry } of state.blamed)
    say(
      "blame",
      `trustee ${trustee} recorded a share whose proof fails (entry ${entry})`,
      `개표 열쇠 담당자 ${trustee}번의 조각은 증명이 맞지 않습니다 (기록 ${entry}번)`,
    );
  for (const ceremony of state.ceremonies)
    for (const round of ceremony.rounds)
      if (round.ended)
        say(
          "blame",
          `round ${round.round} of a key ceremony ended at entry ${round.ended.entry}, naming ${round.ended.named.join(", ") || "nobody"}`,
          `열쇠 만들기 ${round.round}차가 기록 ${round.ended.entry}번에서 끝났습니다. 지목: ${round.ended.named.join(", ") || "없음"}`,
        );
  for (const [i, contest] of (state.tally?.message.contests ?? []).entries())
    for (const set of contest.unopened)
      say(
        "publication",
        `contest ${i}: ${set.ballots} ballots of weight ${set.weight} are not opened, too few to hide among`,
        `안건 ${i}: 가중치 ${set.weight}의 표 ${set.ballots}장은 너무 적어 열지 않습니다`,
      );
  if (definition.auditSample > 0)
    for (const { message } of state.audits)
      say("audit", ...escapeTexts(message.sample.length, state.passesFrozen ?? 0));
  if (state.audits.length > 0)
    definition.auditors.forEach(({ name }, i) => {
      const reported = state.audits.some(({ message }) => (message.values[i] ?? null) !== null);
      if (!reported) say("audit", `auditor ${name} withheld its value`, `감사인 ${name}이(가) 값을 내놓지 않았습니다`);
    });
  return findings;
}

/** The chance that a share p of false passes escapes a sample of s is (1 − p)^s. */
function escapeTexts(sample: number, passes: number): [en: string, ko: string] {
  const chance = (share: number) => ((1 - share) ** sample * 100).toPrecision(2);
  return [
    `${sample} of ${passes} passes were opened: 1 % of false passes would escape with probability ${chance(0.01)} %, 10 % with ${chance(0.1)} %`,
    `투표권 ${passes}개 가운데 ${sample}개를 열어 보았습니다. 거짓 투표권이 1%라면 ${chance(0.01)}%, 10%라면 ${chance(0.1)}%의 확률로 들키지 않습니다`,
  ];
}
