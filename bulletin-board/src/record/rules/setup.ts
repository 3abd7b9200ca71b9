/**
 * The rules up to the opening, all but complaints (rules/complaint.ts): what a resident's device needs in order to believe the
 * keys. Every other entry is refused before the opening by the whole rulebook too.
 */
import { ActTypes, EntryType } from "../entry-types.ts";
import type { Rule, RuleTable } from "../rule.ts";
import { judgeConfirmation, judgeProposal, judgeWithdrawal } from "./acts.ts";
import { judgeAnchor } from "./anchors.ts";
import { judgeConfirm, judgeReveal, judgeShares } from "./ceremony.ts";
import { judgeDefinition } from "./definition.ts";
import { judgeDrill } from "./drill.ts";
import { judgeRegistrarKeys } from "./registrars.ts";

export const setupRules = (): RuleTable =>
  new Map<number, Rule>([
    [EntryType.definition, judgeDefinition],
    [EntryType.registrarKeys, judgeRegistrarKeys],
    [EntryType.reveal, judgeReveal],
    [EntryType.shares, judgeShares],
    [EntryType.confirm, judgeConfirm],
    [EntryType.drill, judgeDrill],
    [EntryType.proposal, judgeProposal],
    [EntryType.withdraw, judgeWithdrawal],
    [EntryType.anchor, judgeAnchor],
    ...ActTypes.map((type): [number, Rule] => [type, judgeConfirmation]),
  ]);
