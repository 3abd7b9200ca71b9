/** What an audit can find, in words that stand on the record for ever: a closed list, so that no person is ever in them. */
import type { AuditReport } from "@hanpyo/bulletin-board";

/** Faults of one registrar's evidence, and `endorsement` of its word in the pass log. */
export const evidenceFaults = {
  endorsement: "its endorsement does not hold",
  missing: "no evidence was given for its endorsement",
  "other-bytes": "other bytes were given than those endorsed",
  unopened: "its evidence does not open under the auditors' key",
  form: "its evidence is not well-formed",
  nonces: "its evidence lacks its own nonce or another registrar's place",
  "other-request": "its evidence is not about the request that was logged",
  requests: "its evidence holds a request that is not well-formed or stands twice",
  presentation: "its evidence holds a presentation whose signature does not hold",
  holder: "its evidence holds a holder key that is not on the roll",
  row: "its evidence holds another row than the roll has for the holder key",
  salt: "its evidence does not lead to the roll's commitment",
  "not-eligible": "its evidence holds a row that the policy does not admit",
  "not-granted": "its evidence holds a request for a pass that the policy does not grant",
  "wrong-class": "its evidence asks for another class than it endorsed",
  shares: "its evidence does not hold a quorum of shares of different registrars",
  "share-proof": "its evidence holds a nullifier share whose proof does not hold",
  nullifier: "its evidence leads to another nullifier",
} as const;
export type EvidenceFault = keyof typeof evidenceFaults;

/** Faults of an entry of the pass log itself. */
export const entryFaults = {
  entry: "not an entry of the pass log's form",
  policy: "logged under another policy or in a class that does not exist",
  endorsements: "fewer endorsements of different registrars than the quorum",
} as const;
export type EntryFault = keyof typeof entryFaults;

export type Finding = AuditReport["findings"][number];

export const evidenceFinding = (entry: number, registrar: number, fault: EvidenceFault): Finding => ({
  entry,
  text: `registrar ${registrar}: ${evidenceFaults[fault]}`,
});
export const entryFinding = (entry: number, fault: EntryFault): Finding => ({ entry, text: entryFaults[fault] });

/** Most findings that a report holds. */
export const mostFindings = 200;

/** By entry; with more than a report holds, the last says that there are others. */
export function listFindings(found: readonly Finding[]): readonly Finding[] {
  const sorted = [...found].sort((a, b) => a.entry - b.entry);
  if (sorted.length <= mostFindings) return sorted;
  const kept = sorted.slice(0, mostFindings - 1);
  const rest = sorted.length - kept.length;
  return [...kept, { entry: sorted[kept.length]!.entry, text: `${rest} more findings from this entry on` }];
}
