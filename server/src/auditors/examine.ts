/**
 * What an auditor checks of one opened entry of the pass log: everything that each of its registrars should have checked
 * before it endorsed (docs/protocol.md 7.3 and 7.4). Evidence names a person, and stays in this call.
 */
import type { DefinitionBody, ElectionState, PassEntry } from "@hanpyo/bulletin-board";
import {
  combineNullifier,
  compareBytes,
  decodeNonIdentity,
  equalBytes,
  evidenceHash,
  type KeyPair,
  nullifier as nullifierOf,
  openEvidence,
  type Point,
  personPoint,
  presentationNonce,
  requestHash,
  rollPersonKey,
  verifyEndorsement,
  verifyNullifierShare,
  verifyPresentation,
} from "@hanpyo/crypto";
import type { Policy } from "../eligibility/policy.ts";
import type { Roll, RollRow } from "../eligibility/roll.ts";
import { decodeEvidence, type Evidence } from "../registrar/evidence-record.ts";
import type { EntryFault, EvidenceFault } from "./findings.ts";

/** A registrar's keys as the record has them. */
export interface AuditedRegistrar {
  readonly index: number;
  readonly moduli: readonly Uint8Array[];
  readonly endorsement: Point;
  /** X_i of the nullifier key. */
  readonly nullifierKey: Point;
}

export interface AuditSetting {
  /** E */
  readonly election: Uint8Array;
  readonly definition: DefinitionBody;
  /** All n, ascending. */
  readonly registrars: readonly AuditedRegistrar[];
  /** The roll of the trust snapshot, checked against it. */
  readonly roll: Roll;
  readonly policy: Policy;
  /** V. */
  readonly evidence: KeyPair;
}

/** The registrars' keys of a record after its opening; throws for a state that the rulebook does not lead to. */
export function auditedRegistrars({ definition, registrarKeys, ceremonies }: ElectionState): AuditedRegistrar[] {
  return (definition?.registrars ?? []).map((_, i) => {
    const index = i + 1;
    const keys = registrarKeys.get(index)?.message;
    const endorsement = decodeNonIdentity(keys?.endorsement ?? new Uint8Array(0));
    const nullifierKey = decodeNonIdentity(ceremonies[1].completed?.shareKeys.get(index) ?? new Uint8Array(0));
    if (keys === undefined || !endorsement.ok || !nullifierKey.ok)
      throw new Error("the rulebook opened an election without the registrars' keys");
    return { index, moduli: keys.moduli, endorsement: endorsement.value, nullifierKey: nullifierKey.value };
  });
}

/** What is wrong with the entry itself. */
export function examineEntry({ definition }: AuditSetting, pass: PassEntry): EntryFault[] {
  const faults: EntryFault[] = [];
  if (definition.classes[pass.class] === undefined || !equalBytes(pass.policy, definition.policy))
    faults.push("policy");
  const ascending = pass.endorsements.every(
    ({ registrar }, i) =>
      registrar <= definition.registrars.length && registrar > (pass.endorsements[i - 1]?.registrar ?? 0),
  );
  if (!ascending || pass.endorsements.length < definition.quorum) faults.push("endorsements");
  return faults;
}

/** What is wrong with one endorsement and the evidence behind it; `sealed` is what its registrar handed over, or null. */
export function examineEndorsement(
  setting: AuditSetting,
  pass: PassEntry,
  endorsement: PassEntry["endorsements"][number],
  sealed: Uint8Array | null,
): EvidenceFault[] {
  const { election } = setting;
  const { registrar, evidence, signature } = endorsement;
  const view = setting.registrars[registrar - 1];
  const { nullifier, class: item, request, policy } = pass;
  const endorsed = { election, nullifier, class: item, request, policy, registrar, evidence };
  if (view === undefined || !verifyEndorsement(view.endorsement, endorsed, signature).ok) return ["endorsement"];
  if (sealed === null) return ["missing"];
  if (!equalBytes(evidenceHash(sealed), evidence)) return ["other-bytes"];
  const opened = openEvidence(election, registrar, setting.evidence, sealed);
  if (!opened.ok) return ["unopened"];
  const decoded = decodeEvidence(opened.value);
  return decoded.ok ? examineEvidence(setting, pass, registrar, decoded.value) : ["form"];
}

function examineEvidence(setting: AuditSetting, pass: PassEntry, registrar: number, it: Evidence): EvidenceFault[] {
  const { election, definition, roll } = setting;
  const faults = new Set<EvidenceFault>();
  const require = (holds: boolean, fault: EvidenceFault) => {
    if (!holds) faults.add(fault);
    return holds;
  };
  const hashes = it.requests.map(({ class: item, denomination, copy, blinded }) =>
    requestHash({ election, denomination, copy }, item, blinded),
  );
  require(requestsHold(setting, it.requests), "requests");
  require(it.nonces.length === definition.registrars.length && (it.nonces[registrar - 1] ?? null) !== null, "nonces");
  const { key, signature } = it.presentation;
  require(verifyPresentation(key, presentationNonce(election, it.nonces, hashes), signature), "presentation");

  const at = hashes.findIndex((hash) => equalBytes(hash, pass.request));
  const logged = it.requests[at];
  if (require(logged !== undefined, "other-request")) require(logged?.class === pass.class, "wrong-class");

  const row = roll.find(key);
  if (!require(row !== undefined, "holder") || row === undefined) return [...faults];
  if (!require(row.line === it.row, "row")) return [...faults];
  require(it.salt !== null && equalBytes(roll.salt(row), it.salt), "salt");
  judgeRow(setting, it, row, require);
  const prf = sharedPrf(setting, it, row, require);
  if (prf !== null && logged !== undefined) {
    const leadsTo = nullifierOf(election, logged.denomination, logged.copy, prf);
    require(equalBytes(leadsTo, pass.nullifier), "nullifier");
  }
  return [...faults];
}

type Require = (holds: boolean, fault: EvidenceFault) => boolean;

/** Each with a class of its weight, a blinded value below every registrar's modulus, and no pass asked for twice. */
function requestsHold({ definition, registrars }: AuditSetting, requests: Evidence["requests"]): boolean {
  const wanted = new Set(requests.map((it) => `${it.class}/${it.denomination}/${it.copy}`));
  return (
    wanted.size === requests.length &&
    requests.every(
      (it) =>
        definition.classes[it.class]?.weight === it.denomination &&
        it.blinded.length === registrars.length &&
        it.blinded.every((blinded, i) => compareBytes(blinded, registrars[i]!.moduli[it.class]!) < 0),
    )
  );
}

function judgeRow({ policy }: AuditSetting, { requests }: Evidence, row: RollRow, require: Require): void {
  const verdict = policy.judge(row.cells);
  if (!require(verdict.eligible, "not-eligible") || !verdict.eligible) return;
  const granted = requests.every((it) =>
    verdict.grants.some(
      (grant) => grant.class === it.class && grant.weight === it.denomination && it.copy < grant.copies,
    ),
  );
  require(granted, "not-granted");
}

function sharedPrf(setting: AuditSetting, { shares }: Evidence, row: RollRow, require: Require): Uint8Array | null {
  const { election, definition, registrars } = setting;
  const distinct = new Set(shares.map(({ registrar }) => registrar));
  if (!require(shares.length === definition.quorum && distinct.size === definition.quorum, "shares")) return null;
  const person = personPoint(election, rollPersonKey(row.id));
  const points = shares.flatMap((share) => {
    const key = registrars[share.registrar - 1]?.nullifierKey;
    const point = key === undefined ? null : verifyNullifierShare(election, share.registrar, key, person, share);
    return point?.ok ? [point.value] : [];
  });
  return require(points.length === definition.quorum, "share-proof")
    ? combineNullifier(points, definition.quorum)
    : null;
}
