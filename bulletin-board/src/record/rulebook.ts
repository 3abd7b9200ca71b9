/**
 * The rulebook of the record: what may follow what. The server asks it before it appends; the verifier runs it over the
 * whole record. `judge` changes nothing; `apply` of its answer does. A refused entry can still be applied: the verifier
 * does so, as far as its meaning is known, so that one fault is not reported as a hundred.
 */

import { EntryType, isActType } from "./entry-types.ts";
import type { Judge } from "./judge.ts";
import { type Judgement, noEffect, type RecordEntry, type Rule, type RuleInputs } from "./rule.ts";
import { judgeConfirmation, judgeProposal, judgeWithdrawal } from "./rules/acts.ts";
import { judgeAnchor } from "./rules/anchors.ts";
import { judgeAuditReport } from "./rules/audit.ts";
import { judgeBallot } from "./rules/ballots.ts";
import { judgeComplaint, judgeConfirm, judgeReveal, judgeShares } from "./rules/ceremony.ts";
import { judgeClose, judgeCount } from "./rules/count.ts";
import { judgeDefinition } from "./rules/definition.ts";
import { judgeDrill } from "./rules/drill.ts";
import { judgeRegistrarKeys } from "./rules/registrars.ts";
import { judgeResult } from "./rules/result.ts";
import { judgeShare } from "./rules/shares.ts";
import { judgeEncryptedTally } from "./rules/tally.ts";
import { type ElectionState, initialState } from "./state.ts";

export * from "./rule.ts";

const rules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [EntryType.definition, judgeDefinition],
  [EntryType.registrarKeys, judgeRegistrarKeys],
  [EntryType.reveal, judgeReveal],
  [EntryType.shares, judgeShares],
  [EntryType.confirm, judgeConfirm],
  [EntryType.complaint, judgeComplaint],
  [EntryType.drill, judgeDrill],
  [EntryType.proposal, judgeProposal],
  [EntryType.withdraw, judgeWithdrawal],
  [EntryType.anchor, judgeAnchor],
  [EntryType.ballot, judgeBallot],
  [EntryType.auditReport, judgeAuditReport],
  [EntryType.close, judgeClose],
  [EntryType.count, judgeCount],
  [EntryType.encryptedTally, judgeEncryptedTally],
  [EntryType.share, judgeShare],
  [EntryType.result, judgeResult],
]);

export class Rulebook {
  readonly state: ElectionState;

  constructor(origin: string, state: ElectionState = initialState(origin)) {
    this.state = state;
  }

  /** Judges an entry against the state so far; what it thinks goes to `judge`. */
  judge(entry: RecordEntry, inputs: RuleInputs, judge: Judge): Judgement {
    judge.entry = entry.index;
    const judgement = this.#judge(entry, inputs, judge);
    return {
      ...judgement,
      apply: () => {
        judgement.apply();
        this.state.newest = { entry: entry.index, type: entry.type };
      },
    };
  }

  #judge(entry: RecordEntry, inputs: RuleInputs, judge: Judge): Judgement {
    const rule = isActType(entry.type) ? judgeConfirmation : rules.get(entry.type);
    if (!judge.require("1b", rule !== undefined, "unknown-type", () => `type ${entry.type}`) || !rule) return noEffect;
    const first = entry.index === 0;
    if (
      !judge.require(
        "8b",
        first === (entry.type === EntryType.definition),
        "out-of-order",
        "the definition, and only it, is entry 0",
      )
    )
      return noEffect;
    if (!first && this.state.definition === null) {
      judge.refuse("4a", "definition-invalid", "there is no definition to judge it by", 0);
      return noEffect;
    }
    return rule(this.state, entry, inputs, judge);
  }
}
