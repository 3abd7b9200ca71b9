/** Check 4: the definition, entry 0 (docs/protocol.md section 3). */
import {
  bytesToHex,
  type ContestRule,
  contestLayout,
  contestRuleFault,
  decodeNonIdentity,
  valueCount,
} from "@hanpyo/crypto";
import { acknowledgementKeyName, decodeVkey, isStrictPublicKey, keyType, maxEntryLength } from "../../log/index.ts";
import { type Definition, type DefinitionBody, definition, definitionBody } from "../definition.ts";
import type { Judge } from "../judge.ts";
import { definitionMessage } from "../messages.ts";
import { verifyOfficial } from "../official-signature.ts";
import { type Judgement, noEffect, type Rule, type RuleTools } from "../rule.ts";
import { decodeRecord } from "../schema/cbor.ts";
import { startRound } from "./ceremony-round.ts";

export const judgeDefinition: Rule = (state, entry, _inputs, judge, tools): Judgement => {
  const outer = decodeRecord(definition, entry.payload);
  if (!judge.require("4a", outer.ok, "definition-invalid", () => (outer.ok ? "" : outer.error)) || !outer.ok)
    return noEffect;
  const decoded = decodeRecord(definitionBody, outer.value.body);
  if (!judge.require("4a", decoded.ok, "definition-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const body = decoded.value;
  const keys = logKeys(body, state.origin, judge);
  if (!keys || !contestsFit(body, judge)) return noEffect;

  twoOfficials(body, outer.value, state.origin, judge, tools);
  inequalities(body, judge);
  distinctKeys(body, judge);
  largestBallots(body, judge);
  groupTree(body, judge);
  denominations(body, judge);
  exactTotals(body, judge);
  judge.require(
    "4g",
    rehearsalIsMarked(body),
    "definition-invalid",
    "a rehearsal's origin, and only it, has /rehearsal in it",
  );

  return {
    apply: () => {
      state.definition = body;
      state.election = entry.leafHash;
      state.lastAct = entry.leafHash;
      state.recordKey.current = keys.record;
      state.passesKey.current = keys.passes;
      state.witnesses = { witnesses: keys.witnesses, quorum: body.witnessQuorum, dishonest: body.witnessDishonest };
      state.clientDigests = body.client;
      state.end = body.schedule.closes;
      state.firstBallots = body.classes.map(() => 0);
      for (const [group, parties] of [body.trustees, body.registrars].entries())
        startRound(
          state,
          group as 0 | 1,
          1,
          parties.map((_, i) => i + 1),
        );
    },
  };
};

/** A page takes its colour from the flag, a log client sees the origin: both must say the same. */
export const rehearsalIsMarked = (body: DefinitionBody): boolean =>
  body.rehearsal === /(^|[/.-])rehearsal([/.-]|$)/.test(body.origin);

function logKeys(body: DefinitionBody, origin: string, judge: Judge) {
  const record = decodeVkey(body.keys.record);
  const passes = decodeVkey(body.keys.passes);
  const acknowledgement = decodeVkey(body.keys.acknowledgement);
  const witnesses = body.witnesses.map((vkey) => decodeVkey(vkey));
  const fits =
    body.origin === origin &&
    record.ok &&
    record.value.name === origin &&
    record.value.type === keyType.note &&
    passes.ok &&
    passes.value.name === `${origin}/passes` &&
    passes.value.type === keyType.note &&
    acknowledgement.ok &&
    acknowledgement.value.name === acknowledgementKeyName(origin) &&
    witnesses.every((key) => key.ok && key.value.type === keyType.cosignature);
  if (!judge.require("4a", fits, "definition-invalid", "the keys of the logs and witnesses do not fit the origin"))
    return null;
  return {
    record: record.ok ? record.value : null,
    passes: passes.ok ? passes.value : null,
    witnesses: witnesses.flatMap((key) => (key.ok ? [key.value] : [])),
  };
}

/** Everything later needs contests, classes and groups that refer to each other; without it nothing else is judged. */
function contestsFit(body: DefinitionBody, judge: Judge): boolean {
  const rules = body.contests.every(
    (contest) => contestRuleFault(contest.rule) === null && contest.options.length === contest.rule.options,
  );
  const classes = body.classes.every(
    (item) =>
      item.group < body.groups.length &&
      item.contests.every(
        (contest, i) => contest < body.contests.length && (i === 0 || contest > item.contests[i - 1]!),
      ),
  );
  const seen = new Set(body.classes.map((item) => `${item.group}/${item.weight}`));
  return (
    judge.require(
      "4a",
      rules,
      "definition-invalid",
      "a contest's rule cannot be met, or its options are not as many as named",
    ) &&
    judge.require("4a", classes, "definition-invalid", "a class names a contest or group that is not there") &&
    judge.require(
      "4a",
      seen.size === body.classes.length,
      "definition-invalid",
      "two classes are one constituency and weight",
    ) &&
    judge.require(
      "4a",
      body.schedule.opens < body.schedule.closes,
      "definition-invalid",
      "it closes before it opens",
    ) &&
    judge.require(
      "4a",
      body.revote === body.maxBallots > 1,
      "definition-invalid",
      "maxBallots is 1 exactly where there is no re-vote",
    ) &&
    judge.require(
      "4a",
      body.auditors.length > 0 === (body.evidenceKey !== null),
      "definition-invalid",
      "auditors come with a key for evidence",
    ) &&
    judge.require(
      "4a",
      body.webauthn !== null || body.officials.every((official) => !official.passkey),
      "definition-invalid",
      "passkeys need an rpId",
    )
  );
}

function twoOfficials(
  body: DefinitionBody,
  outer: Definition,
  origin: string,
  judge: Judge,
  { verifyP256 }: RuleTools,
): void {
  const message = definitionMessage(origin, outer.body);
  const [first, second] = outer.signatures;
  judge.require("4b", first!.official < second!.official, "definition-invalid", "two different officials, ascending");
  for (const { official, signature } of outer.signatures) {
    const valid = verifyOfficial(body, official, message, signature, verifyP256);
    judge.require("4b", valid.ok, "definition-invalid", () => `official ${official}: ${valid.ok ? "" : valid.error}`);
  }
}

function inequalities(body: DefinitionBody, judge: Judge): void {
  const n = body.registrars.length;
  const m = body.witnesses.length;
  const single = n === 1 && body.quorum === 1 && body.dishonest === 0;
  const registrars = registrarsSuffice(n, body.quorum, body.dishonest);
  judge.require(
    "4c",
    registrars || single,
    "definition-invalid",
    `registrars: 2·${body.quorum} > ${n} + ${body.dishonest} does not hold`,
  );
  judge.require(
    "4c",
    witnessesSuffice(m, body.witnessQuorum, body.witnessDishonest),
    "definition-invalid",
    `witnesses: ${body.witnessQuorum} of ${m}, ${body.witnessDishonest} dishonest`,
  );
  const { threshold: t, minTrustees, trustees } = body;
  const spare = body.rehearsal ? minTrustees >= t : minTrustees > t;
  judge.require(
    "4c",
    t >= 2 && spare && minTrustees <= trustees.length,
    "definition-invalid",
    `trustees: ${t} of at least ${minTrustees} of ${trustees.length}`,
  );
}

/** Two quorums share an honest registrar: 2q > n + f. */
export const registrarsSuffice = (n: number, q: number, f: number): boolean => q <= n && 2 * q > n + f;
/** Two quorums share an honest witness, and a quorum has an honest majority: 2k > m + f, k ≥ 2f + 1. */
export const witnessesSuffice = (m: number, k: number, f: number): boolean => k <= m && 2 * k > m + f && k >= 2 * f + 1;

function distinctKeys(body: DefinitionBody, judge: Judge): void {
  const signing = [
    ...body.trustees.map((party) => party.key),
    ...body.registrars.map((party) => party.key),
    ...body.auditors.map((party) => party.key),
  ];
  const strict =
    signing.every(isStrictPublicKey) &&
    body.officials.every(({ key, passkey }) =>
      key.algorithm === "Ed25519"
        ? isStrictPublicKey(key.key)
        : passkey && key.algorithm === "ES256" && key.key.length === 65,
    ) &&
    (body.evidenceKey === null || decodeNonIdentity(body.evidenceKey).ok);
  judge.require("4d", strict, "definition-invalid", "a key is not a strict public key of its kind");
  const logs = [...Object.values(body.keys), ...body.witnesses].flatMap((vkey) => {
    const key = decodeVkey(vkey);
    return key.ok ? [key.value.publicKey] : [];
  });
  const all = [...signing, ...body.officials.map((official) => official.key.key), ...logs].map(bytesToHex);
  judge.require("4d", new Set(all).size === all.length, "definition-invalid", "one key stands for two");
}

/** Bytes of the largest entry a ballot of these contests and passes can be: CBOR heads are counted at their widest. */
export function largestBallotBytes(rules: readonly ContestRule[], quorum: number): number {
  const head = 42;
  const fixed = 1 + (1 + 3) + 3 * 34 + 3 + 3 + 66;
  const blocks = rules.reduce((sum, rule) => {
    const layout = contestLayout(rule);
    return sum + 1 + 3 * 3 + layout.ciphertextBytes + layout.commitmentBytes + layout.responseBytes;
  }, 0);
  return head + fixed + blocks + quorum * (1 + 2 + 259);
}

function largestBallots(body: DefinitionBody, judge: Judge): void {
  for (const [index, item] of body.classes.entries()) {
    const size = largestBallotBytes(
      item.contests.map((contest) => body.contests[contest]!.rule),
      body.quorum,
    );
    judge.require("4e", size <= maxEntryLength, "definition-invalid", `class ${index}: a ballot can be ${size} bytes`);
  }
  const tally = largestTallyBytes(body);
  judge.require("4e", tally <= maxEntryLength, "definition-invalid", `the encrypted tally can be ${tally} bytes`);
}

/** Bytes of the largest encrypted tally: every class that sees a contest is a set of its own. It is larger than any share or result. */
export function largestTallyBytes(body: Pick<DefinitionBody, "contests" | "classes">): number {
  const perSet = 56;
  return body.contests.reduce((sum, { rule }, contest) => {
    const sets = body.classes.filter((item) => item.contests.includes(contest)).length;
    return sum + 40 + sets * (perSet + 64 * valueCount(rule));
  }, 128);
}

/** Totals are plain numbers: no contest can count to 2^53. Without a certified count the ballots themselves are the bound. */
function exactTotals(body: DefinitionBody, judge: Judge): void {
  for (const [contest, { rule }] of body.contests.entries()) {
    const most = body.classes
      .filter((item) => item.contests.includes(contest))
      .reduce((sum, item) => sum + item.weight * Math.max(rule.maxValue, 1) * (item.certified ?? 0), 0);
    judge.require("4f", most < 2 ** 53, "definition-invalid", `contest ${contest}: a total could pass 2^53`);
  }
}

const groupsAreRooted = ({ groups }: DefinitionBody): boolean =>
  groups.every((group, i) => (i === 0 ? group.parent === null : group.parent !== null && group.parent < i));
const classesAreLeaves = ({ groups, classes }: DefinitionBody): boolean => {
  const inner = new Set(groups.map((group) => group.parent));
  return classes.every((item) => !inner.has(item.group));
};
/** Whether there is a partition to speak of. */
export const groupTreeIsSound = (body: DefinitionBody): boolean => groupsAreRooted(body) && classesAreLeaves(body);

function groupTree(body: DefinitionBody, judge: Judge): void {
  judge.require(
    "4f",
    groupsAreRooted(body),
    "definition-invalid",
    "group 0 is the root and parents come before their children",
  );
  judge.require("4f", classesAreLeaves(body), "definition-invalid", "a class belongs to a leaf of the group tree");
}

function denominations(body: DefinitionBody, judge: Judge): void {
  const weights = [...new Set(body.classes.map((item) => item.weight))];
  if (weights.length === 1) {
    judge.require("4f", weights[0] === 1, "definition-invalid", "a single denomination has weight one");
    return;
  }
  judge.require(
    "4f",
    weights.every((weight) => Number.isInteger(Math.log2(weight))),
    "definition-invalid",
    "denominations are powers of two",
  );
  for (const weight of weights) {
    const certified = body.classes.filter((item) => item.weight === weight).map((item) => item.certified);
    const enough =
      certified.every((count) => count !== null) &&
      certified.reduce<number>((sum, count) => sum + (count ?? 0), 0) >= body.smallestGroup;
    judge.require(
      "4f",
      enough,
      "definition-invalid",
      `denomination ${weight}: fewer certified than the smallest group`,
    );
  }
}
