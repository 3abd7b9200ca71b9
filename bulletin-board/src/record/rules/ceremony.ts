/** Check 6: the key ceremonies of trustees and registrars (docs/protocol.md section 4). */
import {
  type Ceremony,
  combineKeys,
  encodePoint,
  equalBytes,
  type VerifiedReveal,
  verifyReveal,
  verifyShares,
} from "@hanpyo/crypto";
import { strictVerify } from "../../log/index.ts";
import type { ActBody } from "../acts.ts";
import { confirm, reveal, shares } from "../ceremony-entries.ts";
import type { CheckPart } from "../checks.ts";
import type { EntryType } from "../entry-types.ts";
import type { Judge } from "../judge.ts";
import { ceremonyMessage } from "../messages.ts";
import { type Judgement, noEffect, type RecordEntry, type Rule } from "../rule.ts";
import { decodeRecord, encodeRecord } from "../schema/cbor.ts";
import type { Schema } from "../schema/schema.ts";
import type { CeremonyRound, ElectionState } from "../state.ts";
import type { Effect } from "./act-effects.ts";
import { startRound } from "./ceremony-round.ts";
import { registrarsSuffice } from "./definition.ts";

/** The parameters of a round as crypto takes them. */
export function ceremonyOf(state: ElectionState, group: number, round: CeremonyRound): Ceremony {
  const definition = state.definition!;
  return {
    election: state.election!,
    group: group as 0 | 1,
    round: round.round,
    parties: round.parties,
    threshold: group === 0 ? definition.threshold : definition.quorum,
  };
}

/** The last round; undefined where the parties never were enough for a key. */
export const currentRound = (state: ElectionState, group: number): CeremonyRound | undefined =>
  state.ceremonies[group as 0 | 1].rounds.at(-1);

/** The reveals of a round, verified again: whoever recorded them had them judged. */
export function verifiedReveals(state: ElectionState, group: number, round: CeremonyRound): VerifiedReveal[] {
  const ceremony = ceremonyOf(state, group, round);
  return [...round.reveals.values()].flatMap(({ message }) => {
    const verified = verifyReveal(ceremony, message);
    return verified.ok ? [verified.value] : [];
  });
}

interface Message {
  readonly group: number;
  readonly round: number;
  readonly index: number;
  readonly signature: Uint8Array;
}

/** What every message of a ceremony needs: its form, the running round, a party of it, that party's signature. */
export function openMessage<T extends Message>(
  schemas: { readonly signed: Schema<T>; readonly unsigned: Schema<unknown> },
  state: ElectionState,
  entry: RecordEntry,
  judge: Judge,
  part: CheckPart,
): { readonly message: T; readonly round: CeremonyRound } | null {
  const decoded = decodeRecord(schemas.signed, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return null;
  const message = decoded.value;
  const definition = state.definition!;
  const round = currentRound(state, message.group);
  const running =
    round !== undefined && state.phase === "setup" && state.ceremonies[message.group as 0 | 1].completed === undefined;
  if (!judge.require("8b", running, "out-of-order", "no such ceremony is running") || !round) return null;
  if (
    !judge.require(
      "8b",
      round.round === message.round && !round.ended,
      "out-of-order",
      `round ${message.round}, running ${round.round}`,
    )
  )
    return null;
  if (
    !judge.require(
      "8b",
      round.parties.includes(message.index),
      "out-of-order",
      `party ${message.index} is not of this round`,
    )
  )
    return null;
  const party = (message.group === 0 ? definition.trustees : definition.registrars)[message.index - 1]!;
  const { signature, ...unsigned } = message;
  const signed = ceremonyMessage({
    election: state.election!,
    type: entry.type,
    unsigned: encodeRecord(schemas.unsigned, unsigned),
  });
  judge.require(
    part,
    strictVerify(signature, signed, party.key),
    "ceremony-invalid",
    `party ${message.index}: the signature does not hold`,
  );
  return { message, round };
}

const revealParts = {
  party: "6a",
  "coefficient-count": "6a",
  coefficient: "6a",
  possession: "6b",
  channel: "6c",
  "channel-proof": "6c",
} as const satisfies Record<string, CheckPart>;

export const judgeReveal: Rule = (state, entry, _inputs, judge): Judgement => {
  const opened = openMessage(reveal, state, entry, judge, "6a");
  if (!opened) return noEffect;
  const { message, round } = opened;
  if (!judge.require("8b", !round.reveals.has(message.index), "out-of-order", `party ${message.index} has revealed`))
    return noEffect;
  const verified = verifyReveal(ceremonyOf(state, message.group, round), message);
  if (verified.ok) for (const part of ["6a", "6b", "6c"] as const) judge.require(part, true, "ceremony-invalid", "");
  else judge.refuse(revealParts[verified.error], "ceremony-invalid", `party ${message.index}: ${verified.error}`);
  return {
    apply: () => {
      round.reveals.set(message.index, { entry: entry.index, leafHash: entry.leafHash, message });
    },
  };
};

export const judgeShares: Rule = (state, entry, _inputs, judge): Judgement => {
  const opened = openMessage(shares, state, entry, judge, "6c");
  if (!opened) return noEffect;
  const { message, round } = opened;
  judge.require("8b", round.reveals.size === round.parties.length, "out-of-order", "shares before every reveal");
  if (!judge.require("8b", !round.shares.has(message.index), "out-of-order", `party ${message.index} has sent shares`))
    return noEffect;
  const verified = verifyShares(ceremonyOf(state, message.group, round), message);
  judge.require(
    "6c",
    verified.ok,
    "ceremony-invalid",
    () => `party ${message.index}: ${verified.ok ? "" : verified.error}`,
  );
  return {
    apply: () => {
      round.shares.set(message.index, { entry: entry.index, leafHash: entry.leafHash, message });
    },
  };
};

export const judgeConfirm: Rule = (state, entry, _inputs, judge): Judgement => {
  const opened = openMessage(confirm, state, entry, judge, "6g");
  if (!opened) return noEffect;
  const { message, round } = opened;
  if (
    !judge.require("8b", round.shares.size === round.parties.length, "out-of-order", "a confirmation before all shares")
  )
    return noEffect;
  if (!judge.require("8b", !round.confirms.has(message.index), "out-of-order", `party ${message.index} has confirmed`))
    return noEffect;
  const last = [...round.shares.values()].reduce((a, b) => (a.entry > b.entry ? a : b));
  judge.require(
    "6g",
    equalBytes(message.last, last.leafHash),
    "ceremony-invalid",
    `party ${message.index}: not the leaf hash of the last shares`,
    last.entry,
  );
  const completes = round.confirms.size + 1 === round.parties.length;
  const reveals = completes ? verifiedReveals(state, message.group, round) : [];
  // With a reveal that failed (6a–6c) there are no keys to speak of.
  const complete = completes && reveals.length === round.parties.length;
  const keys = complete ? combineKeys(ceremonyOf(state, message.group, round), reveals) : null;
  if (keys) judge.require("6f", keys.ok, "ceremony-invalid", "a key is the identity: the round must be run again");
  return {
    apply: () => {
      round.confirms.set(message.index, { entry: entry.index, leafHash: entry.leafHash, message });
      if (!keys?.ok) return;
      state.ceremonies[message.group as 0 | 1].completed = {
        round: round.round,
        parties: round.parties,
        key: encodePoint(keys.value.publicKey),
        shareKeys: new Map([...keys.value.shares].map(([index, point]) => [index, encodePoint(point)])),
        lastConfirm: entry.leafHash,
      };
    },
  };
};

/** Starts the next round without those named, where enough remain; otherwise the ceremony is at its end without a key. */
export function nextRound(state: ElectionState, group: number, round: CeremonyRound): void {
  const named = round.ended?.named ?? [];
  const parties = round.parties.filter((index) => !named.includes(index));
  if (enoughRemain(state, group, parties.length)) startRound(state, group as 0 | 1, round.round + 1, parties);
}

function enoughRemain(state: ElectionState, group: number, parties: number): boolean {
  const { minTrustees, registrars, quorum, dishonest } = state.definition!;
  if (group === 0) return parties >= minTrustees;
  return (
    parties >= quorum && (registrarsSuffice(parties, quorum, dishonest) || (registrars.length === 1 && quorum === 1))
  );
}

/** Those whose next message is missing. */
export function missingParties(round: CeremonyRound): number[] {
  for (const messages of [round.reveals, round.shares, round.confirms])
    if (messages.size < round.parties.length) return round.parties.filter((index) => !messages.has(index));
  return [];
}

/** What a restart (act of two officials) needs and does: it ends the running round, or a completed one whose drills are missing. */
export function restartEffect(
  state: ElectionState,
  entry: RecordEntry,
  body: ActBody<typeof EntryType.restart>,
  judge: Judge,
): Effect {
  const round = currentRound(state, body.group);
  const ceremony = state.ceremonies[body.group as 0 | 1];
  if (!judge.require("8b", state.phase === "setup", "out-of-order", `restart in phase ${state.phase}`))
    return () => undefined;
  const running = round?.round === body.round && !round.ended;
  if (!judge.require("6e", running, "ceremony-invalid", `round ${body.round} is not running`) || !round)
    return () => undefined;
  const drillsMissing = ceremony.completed?.parties.filter((party) => !state.drills.has(party)) ?? [];
  const named = ceremony.completed ? (body.group === 0 ? drillsMissing : []) : missingParties(round);
  judge.require("6e", named.length > 0, "ceremony-invalid", "nobody's message is missing");
  const remain = round.parties.length - named.length;
  judge.require(
    "6e",
    enoughRemain(state, body.group, remain),
    "ceremony-invalid",
    `only ${remain} parties would remain`,
  );
  return () => {
    round.ended = { named, entry: entry.index };
    delete ceremony.completed;
    if (body.group === 0) state.drills.clear();
    nextRound(state, body.group, round);
  };
}
