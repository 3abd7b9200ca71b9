/** Check 6d: complaints, apart from the other messages of a ceremony because only they need a share to be opened. */
import { judgeComplaint as judgeEvidence } from "@hanpyo/crypto";
import { complaint } from "../ceremony-entries.ts";
import { type Judgement, noEffect, type Rule } from "../rule.ts";
import { ceremonyOf, nextRound, openMessage, verifiedReveals } from "./ceremony.ts";

export const judgeComplaint: Rule = (state, entry, _inputs, judge): Judgement => {
  const opened = openMessage(complaint, state, entry, judge, "6d");
  if (!opened) return noEffect;
  const { message, round } = opened;
  const accused = round.shares.get(message.against);
  if (
    !judge.require(
      "8b",
      round.shares.size === round.parties.length && accused !== undefined,
      "out-of-order",
      "a complaint before all shares",
    ) ||
    !accused
  )
    return noEffect;
  if (!judge.require("8b", !round.confirms.has(message.index), "out-of-order", `party ${message.index} has confirmed`))
    return noEffect;
  const reveals = verifiedReveals(state, message.group, round);
  if (reveals.length < round.parties.length) return noEffect;
  const verdict = judgeEvidence(ceremonyOf(state, message.group, round), reveals, accused.message, message);
  if (
    !judge.require(
      "6d",
      verdict.ok,
      "ceremony-invalid",
      () => `a complaint that cannot be judged: ${verdict.ok ? "" : verdict.error}`,
    ) ||
    !verdict.ok
  )
    return noEffect;
  return {
    apply: () => {
      round.ended = { named: [verdict.value.guilty], entry: entry.index, complaint: message };
      nextRound(state, message.group, round);
    },
  };
};
