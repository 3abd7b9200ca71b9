/**
 * Ballots: what does not need their proofs (checks 8b, 9b, 11a, 12a, 12c, 12d, 16b, 17). The proofs, signatures and passes of
 * ballots (11b–16a) are checked in batches elsewhere; both must hold.
 */
import { ballotHash, equalBytes } from "@hanpyo/crypto";
import { type Ballot, decodeBallot } from "../ballot-entry.ts";
import type { Judge } from "../judge.ts";
import { type Judgement, noEffect, type RecordEntry, type Rule, type RuleInputs } from "../rule.ts";
import type { ElectionState } from "../state.ts";
import { timeAt } from "./time.ts";

export const judgeBallot: Rule = (state, entry, inputs, judge): Judgement => {
  const decoded = decodeBallot(entry.payload);
  if (!judge.require("1a", decoded.ok, "malformed", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  return judgeDecodedBallot(state, entry, decoded.value, inputs, judge);
};

/** The same for a ballot that is decoded already. */
export function judgeDecodedBallot(
  state: ElectionState,
  entry: Pick<RecordEntry, "index">,
  ballot: Ballot,
  inputs: Pick<RuleInputs, "ballots">,
  judge: Judge,
): Judgement {
  if (!inVotingTime(state, judge)) return noEffect;
  const { definition, context } = state;
  if (!definition || !context) return noEffect;
  const { core, passes } = ballot;
  const item = definition.classes[core.class];
  const fits =
    item !== undefined && core.contests.length === item.contests.length && core.contests[0]!.ciphertexts.length >= 64;
  if (!judge.require("11a", fits, "wrong-class", `class ${core.class} with ${core.contests.length} contests`))
    return noEffect;

  const h = ballotHash(context, core);
  const first = core.contests[0]!.ciphertexts.slice(0, 32);
  const known = inputs.ballots.pseudonym(core.pseudonym);
  const repeated = inputs.ballots.ballot(h);
  if (!judge.require("17b", repeated === undefined, "ballot-repeated", "this ballot is recorded already", repeated))
    return noEffect;

  if (known) {
    judge.require("12a", passes.length === 0, "pass-invalid", "a re-vote carries no passes", known.latestEntry);
    judge.require(
      "12c",
      known.class === core.class,
      "class-changed",
      `class ${core.class}, first ${known.class}`,
      known.latestEntry,
    );
    judge.require(
      "12d",
      known.ballots < definition.maxBallots,
      "too-many-ballots",
      `more than ${definition.maxBallots}`,
      known.latestEntry,
    );
  } else {
    const ascending = passes.every(
      ({ registrar }, i) =>
        registrar <= definition.registrars.length && (i === 0 || registrar > passes[i - 1]!.registrar),
    );
    judge.require(
      "12a",
      passes.length === definition.quorum && ascending,
      "pass-missing",
      `${passes.length} passes, ${definition.quorum} needed, ascending`,
    );
  }
  const latest = known?.latest ?? null;
  const follows =
    latest === null ? core.previous === null : core.previous !== null && equalBytes(core.previous, latest);
  judge.require("17a", follows, "stale-previous", "previous is not the pseudonym's latest ballot", known?.latestEntry);
  const original = inputs.ballots.firstRandomness(first);
  judge.require("16b", original === undefined, "copied", "its first ciphertext is in another ballot", original);

  return {
    ballot: {
      entry: entry.index,
      pseudonym: core.pseudonym,
      class: core.class,
      h,
      firstRandomness: first,
      replaces: known?.latestEntry ?? null,
    },
    apply: () => {
      if (!known) state.firstBallots[core.class] = (state.firstBallots[core.class] ?? 0) + 1;
      state.ballots += 1;
      state.lastBallot = entry.index;
    },
  };
}

/** 8b and 9b: only between open and the end, judged by the older bound of time. */
function inVotingTime(state: ElectionState, judge: Judge): boolean {
  const reason = state.newest?.entry;
  switch (state.phase) {
    case "setup":
      judge.refuse("8b", "not-open", "a ballot before open", reason);
      return false;
    case "aborted":
      judge.refuse("8b", "aborted", "a ballot after abort", reason);
      return false;
    case "paused":
      judge.refuse("8c", "paused", "a ballot during a pause", reason);
      return false;
    case "open":
      break;
    default:
      judge.refuse("8b", "late", `a ballot in phase ${state.phase}`, reason);
      return false;
  }
  judge.require("8b", true, "late", "");
  const time = timeAt(state);
  // A ballot past the end still counts as recorded for the rules after it: the verifier must see what the record claims.
  judge.require(
    "9b",
    time !== null && time < state.end,
    "late",
    () => `the anchor before it is at ${time}, the end at ${state.end}`,
    state.anchor?.entry,
  );
  return true;
}
