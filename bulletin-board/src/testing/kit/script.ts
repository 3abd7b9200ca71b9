/**
 * The kit's honest election as a list of named steps: a key ceremony with a complaint and a restart, passes, ballots and
 * re-votes, a pause, an outage, extensions, a change of witnesses and of pages, count, blame and result.
 */
import { encodeVkey } from "../../log/index.ts";
import {
  authorComplaint,
  authorConfirm,
  authorDrill,
  authorReveal,
  authorShares,
  encodeDefinitionBody,
  signCeremonyMessage,
  signDefinition,
  signRegistrarKeys,
} from "../../record/authoring/index.ts";
import { shares } from "../../record/ceremony-entries.ts";
import type { DefinitionBody } from "../../record/definition.ts";
import { EntryType } from "../../record/entry-types.ts";
import { decodeRecord, encodeRecord } from "../../record/schema/cbor.ts";
import { close } from "../../record/tally-entries.ts";
import { both, digestList, kitDefinition, opens } from "./definition.ts";
import { dealerOf, endorsementKey, officialOf, rsaKey, signerOf, witnessParty } from "./keys.ts";
import type { Run, Step } from "./run.ts";
import { actSteps, anchorStep, entry, seat, step, withdrawStep } from "./steps.ts";
import {
  auditStep,
  brokenProof,
  countStep,
  flipped,
  resultStep,
  shareSecretOf,
  shareStep,
  tallyStep,
} from "./tally-steps.ts";
import { ballotStep, passStep, voters } from "./voters.ts";

export const definitionStep = (
  change: (body: DefinitionBody, run: Run) => DefinitionBody = (body) => body,
  officials: readonly [number, number] = [0, 2],
): Step =>
  entry("definition", (run) => {
    run.now = opens - 3600;
    const body = change(kitDefinition(run), run);
    return signDefinition(encodeDefinitionBody(body), body.origin, [
      officialOf(officials[0]),
      officialOf(officials[1]),
    ]);
  });

export interface RegistrarKeysFields {
  readonly moduli: readonly Uint8Array[];
  readonly endorsement: Uint8Array;
}
export const registrarKeysStep = (
  index: number,
  change: (fields: RegistrarKeysFields, run: Run) => RegistrarKeysFields = (fields) => fields,
  signer = `registrar ${index}`,
): Step =>
  entry(`registrar keys ${index}`, (run) => {
    const { election, definition } = run.state;
    if (!election || !definition) throw new Error("there is no definition yet");
    const { policy, trust, classes } = definition;
    const fields = {
      moduli: classes.map((_, item) => rsaKey(index, item).modulus),
      endorsement: endorsementKey(index).encoded,
    };
    return signRegistrarKeys({ election, index, policy, trust, ...change(fields, run) }, signerOf(signer));
  });

export const partyName = (group: 0 | 1): string => (group === 0 ? "trustees" : "registrars");
export const revealStep = (group: 0 | 1, round: number, index: number): Step =>
  entry(`${partyName(group)} ${round}: reveal ${index}`, (run) => {
    const hand = seat(run, group, round, index);
    return authorReveal(hand, dealerOf(hand.ceremony, index));
  });
const sharesStep = (group: 0 | 1, round: number, index: number): Step =>
  entry(`${partyName(group)} ${round}: shares ${index}`, (run) => {
    const hand = seat(run, group, round, index);
    return authorShares(hand, dealerOf(hand.ceremony, index), hand.round);
  });
/** Shares of which the one to party 1 does not open. */
const badSharesStep = (round: number, index: number): Step =>
  entry(`trustees ${round}: shares ${index}`, (run) => {
    const hand = seat(run, 0, round, index);
    const honest = decodeRecord(shares.signed, authorShares(hand, dealerOf(hand.ceremony, index), hand.round).payload);
    if (!honest.ok) throw new Error(honest.error);
    const { signature: _, ...message } = honest.value;
    const bad = message.shares.map((each) =>
      each.to === 1 ? { ...each, ciphertext: flipped(each.ciphertext) } : each,
    );
    return signCeremonyMessage(hand.ceremony.election, EntryType.shares, { ...message, shares: bad }, hand.key);
  });
const confirmCeremonyStep = (group: 0 | 1, round: number, index: number): Step =>
  entry(`${partyName(group)} ${round}: confirm ${index}`, (run) => {
    const hand = seat(run, group, round, index);
    return authorConfirm(hand, index, hand.round);
  });
export const drillStep = (index: number): Step =>
  entry(`drill ${index}`, (run) => {
    const { completed } = run.state.ceremonies[0];
    if (!completed) throw new Error("the trustees have no key");
    return authorDrill(seat(run, 0, completed.round, index), shareSecretOf(run, index), completed.lastConfirm);
  });
export const closeStep = (name: string): Step =>
  entry(name, () => ({ type: EntryType.close, payload: encodeRecord(close, {}) }));

const t = (seconds: number): number => opens + seconds;
const each = <T>(items: readonly T[], make: (item: T) => Step): Step[] => items.map(make);

function setup(): Step[] {
  const round1 = [1, 2, 3, 4, 5];
  const round3 = [1, 2, 3];
  return [
    definitionStep(),
    anchorStep("first anchor", opens - 3500),
    ...each([1, 2, 3, 4], (index) => registrarKeysStep(index)),
    ...each([1, 2, 3, 4], (index) => revealStep(1, 1, index)),
    ...each([1, 2, 3, 4], (index) => sharesStep(1, 1, index)),
    ...each([1, 2, 3, 4], (index) => confirmCeremonyStep(1, 1, index)),
    ...each(round1, (index) => revealStep(0, 1, index)),
    ...each([1, 2, 3, 4], (index) => sharesStep(0, 1, index)),
    badSharesStep(1, 5),
    confirmCeremonyStep(0, 1, 2),
    entry("trustees 1: complaint 1", (run) => {
      const hand = seat(run, 0, 1, 1);
      return authorComplaint(hand, dealerOf(hand.ceremony, 1), hand.round, 5);
    }),
    ...each(round3, (index) => revealStep(0, 2, index)),
    ...actSteps("restart", () => ({ type: EntryType.restart, body: { group: 0, round: 2 } }), { at: opens - 3000 }),
    ...each(round3, (index) => revealStep(0, 3, index)),
    ...each(round3, (index) => sharesStep(0, 3, index)),
    ...each(round3, (index) => confirmCeremonyStep(0, 3, index)),
    ...each(round3, (index) => drillStep(index)),
  ];
}

function voting(): Step[] {
  const reason = both("for the test");
  return [
    ...each(voters.slice(0, 10), (voter) => passStep(voter)),
    ...actSteps("open", () => ({ type: EntryType.open, body: { at: t(10) } }), { officials: [0, 2], at: t(10) }),
    ...each([0, 1, 6, 2], (voter) => ballotStep(voter)),
    ...actSteps("pause", () => ({ type: EntryType.pause, body: { at: t(40), reason } }), {
      officials: [2, 1],
      at: t(40),
    }),
    ...actSteps("resume", () => ({ type: EntryType.resume, body: { at: t(70) } }), { at: t(70) }),
    ...each(voters.slice(10, 14), (voter) => passStep(voter)),
    ...each([11, 3, 7, 8], (voter) => ballotStep(voter)),
    ...actSteps("extend", () => ({ type: EntryType.extend, body: { at: t(100), seconds: 60, reason } }), {
      at: t(100),
    }),
    ballotStep(0, 1),
    ...actSteps("extend again", () => ({ type: EntryType.extend, body: { at: t(130), seconds: 50, reason } }), {
      at: t(130),
    }),
    step("time to think", (run) => {
      run.now = t(160);
    }),
    withdrawStep("withdraw", "extend again", 1),
    ...actSteps("notice", () => ({ type: EntryType.notice, body: { text: both("Mind the step.") } }), { at: t(200) }),
    ...each([4, 9, 12], (voter) => ballotStep(voter)),
    ...actSteps("witness change", () => newWitnesses([1, 2, 3, 5]), { at: t(300) }),
    anchorStep("new witnesses in force", t(410)),
    step("the new witness signs", (run) => {
      run.witnesses = [1, 2, 3, 5];
    }),
    ballotStep(6, 1),
    anchorStep("end of the outage", t(620)),
    ...actSteps("resume after the outage", () => ({ type: EntryType.resume, body: { at: t(650) } }), { at: t(650) }),
    ...each([5, 10, 13], (voter) => ballotStep(voter)),
    ...actSteps(
      "new pages",
      (run) => ({
        type: EntryType.client,
        body: { digests: run.addDocument(digestList("index.html", "app.js")), reason },
      }),
      { at: t(760) },
    ),
    ballotStep(0, 2),
    ...each([870, 980, 1090], (at) => anchorStep(`anchor at ${at}`, t(at))),
    ballotStep(11, 1),
    anchorStep("end", t(1140)),
  ];
}

export const newWitnesses = (numbers: readonly number[], quorum = 3, dishonest = 1) => ({
  type: EntryType.witnessChange,
  body: {
    witnesses: numbers.map((number) => encodeVkey(witnessParty(number).key)),
    quorum,
    dishonest,
    reason: both("for the test"),
  },
});

function tally(): Step[] {
  return [
    closeStep("close"),
    anchorStep("anchor over close", t(1150)),
    countStep("count"),
    tallyStep("encrypted tally"),
    shareStep("share 1", 1),
    shareStep("share 2", 2, brokenProof),
    shareStep("share 3", 3),
    auditStep("audit report"),
    resultStep("result"),
  ];
}

export const honestScript = (): readonly Step[] => [...setup(), ...voting(), ...tally()];
