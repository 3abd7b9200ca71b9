/**
 * The rulebook of the record: what may follow what. The server asks it before it appends; the verifier runs it over the
 * whole record; a device runs its first part over the head of the record (device/election.ts).
 */
import { BareRulebook } from "./bare-rulebook.ts";
import { EntryType } from "./entry-types.ts";
import { verifyP256 } from "./p256.ts";
import type { RuleTable } from "./rule.ts";
import { judgeAuditReport } from "./rules/audit.ts";
import { judgeBallot } from "./rules/ballots.ts";
import { judgeComplaint } from "./rules/complaint.ts";
import { judgeClose, judgeCount } from "./rules/count.ts";
import { judgeResult } from "./rules/result.ts";
import { setupRules } from "./rules/setup.ts";
import { judgeShare } from "./rules/shares.ts";
import { judgeEncryptedTally } from "./rules/tally.ts";
import { type ElectionState, initialState } from "./state.ts";

export * from "./rule.ts";

const rules: RuleTable = new Map([
  ...setupRules(),
  [EntryType.complaint, judgeComplaint],
  [EntryType.ballot, judgeBallot],
  [EntryType.auditReport, judgeAuditReport],
  [EntryType.close, judgeClose],
  [EntryType.count, judgeCount],
  [EntryType.encryptedTally, judgeEncryptedTally],
  [EntryType.share, judgeShare],
  [EntryType.result, judgeResult],
]);

export class Rulebook extends BareRulebook {
  constructor(origin: string, state: ElectionState = initialState(origin)) {
    super(state, rules, { verifyP256 });
  }
}
