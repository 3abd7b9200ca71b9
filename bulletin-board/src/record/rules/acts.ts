/** Check 10: proposals, confirmations and withdrawals, and what each act needs and does (docs/protocol.md section 6). */
import { bytesToHex, equalBytes } from "@hanpyo/crypto";
import { type Act, actBodies, confirmation, proposal, withdrawal } from "../acts.ts";
import { EntryType, isActType } from "../entry-types.ts";
import type { Judge } from "../judge.ts";
import { actHash, confirmationMessage, withdrawalMessage } from "../messages.ts";
import { verifyOfficial } from "../official-signature.ts";
import { type Judgement, noEffect, type Rule, type RuleTools } from "../rule.ts";
import { decodeRecord } from "../schema/cbor.ts";
import type { Schema } from "../schema/schema.ts";
import type { OfficialSignature } from "../signatures.ts";
import type { ElectionState } from "../state.ts";
import { effectOf } from "./act-effects.ts";
import { statedTimeTolerance, timeAt } from "./time.ts";

export const judgeProposal: Rule = (state, entry, _inputs, judge, tools): Judgement => {
  const decoded = decodeRecord(proposal, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const { act: type, body, official, signature } = decoded.value;
  if (!judge.require("1b", isActType(type), "unknown-type", `type ${type} is no act`) || !isActType(type))
    return noEffect;
  const parsed = decodeRecord(actBodies[type] as Schema<Act["body"]>, body);
  if (!judge.require("1a", parsed.ok, "form-invalid", () => (parsed.ok ? "" : parsed.error)) || !parsed.ok)
    return noEffect;
  const last = state.lastAct!;
  const message = actHash({ origin: state.origin, election: state.election!, type, body, last });
  requireSignature(state, official, message, signature, judge, tools);
  const act = { type, body: parsed.value } as Act;
  return {
    apply: () => {
      state.proposals.set(bytesToHex(entry.leafHash), {
        entry: entry.index,
        leafHash: entry.leafHash,
        official,
        act,
        body,
        last,
      });
    },
  };
};

/** A confirming entry of any act. */
export const judgeConfirmation: Rule = (state, entry, _inputs, judge, tools): Judgement => {
  const decoded = decodeRecord(confirmation, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const { official, signature } = decoded.value;
  const proposed = state.proposals.get(bytesToHex(decoded.value.proposal));
  const found = proposed !== undefined && proposed.act.type === entry.type;
  if (!judge.require("10b", found, "act-invalid", "there is no such proposal of this act") || !proposed)
    return noEffect;
  judge.require(
    "10b",
    proposed.official !== official,
    "same-official",
    `official ${official} proposed it`,
    proposed.entry,
  );
  judge.require(
    "10a",
    equalBytes(proposed.last, state.lastAct!),
    "act-outdated",
    "another act was confirmed since",
    proposed.entry,
  );
  const fields = {
    origin: state.origin,
    election: state.election!,
    type: entry.type,
    body: proposed.body,
    last: proposed.last,
  };
  requireSignature(
    state,
    official,
    confirmationMessage({ ...fields, proposal: proposed.leafHash }),
    signature,
    judge,
    tools,
  );
  judge.require(
    "8b",
    state.newest?.type === EntryType.anchor,
    "wrong-position",
    "an anchor stands right before every confirmed act",
  );
  if ("at" in proposed.act.body) requireStatedTime(state, proposed.act.body.at, judge);

  const effect = effectOf(state, entry, proposed.act, [proposed.official, official], judge);
  return {
    apply: () => {
      state.lastAct = entry.leafHash;
      state.proposals.delete(bytesToHex(proposed.leafHash));
      effect();
    },
  };
};

export const judgeWithdrawal: Rule = (state, entry, _inputs, judge, tools): Judgement => {
  const decoded = decodeRecord(withdrawal, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const { act, official, signature } = decoded.value;
  const waiting = state.waiting.find((item) => equalBytes(item.leafHash, act));
  if (
    !judge.require("10d", waiting !== undefined, "out-of-order", "there is no such act that has not taken effect") ||
    !waiting
  )
    return noEffect;
  judge.require(
    "10d",
    waiting.officials.includes(official),
    "act-invalid",
    `official ${official} neither proposed nor confirmed it`,
  );
  const message = withdrawalMessage({ origin: state.origin, election: state.election!, act, last: state.lastAct! });
  requireSignature(state, official, message, signature, judge, tools);
  return {
    apply: () => {
      state.waiting = state.waiting.filter((item) => item !== waiting);
      if (waiting.act.type === EntryType.extend) state.extensionsUsed -= 1;
    },
  };
};

function requireSignature(
  state: ElectionState,
  official: number,
  message: Uint8Array,
  signature: OfficialSignature,
  judge: Judge,
  { verifyP256 }: RuleTools,
): void {
  const valid = verifyOfficial(state.definition!, official, message, signature, verifyP256);
  const passkey = !valid.ok && valid.error.startsWith("passkey");
  const detail = () => `official ${official}: ${valid.ok ? "" : valid.error}`;
  if (signature.kind === 1) judge.require("10c", !passkey, "passkey-invalid", detail);
  if (!passkey) judge.require("10a", valid.ok, "act-invalid", detail);
}

function requireStatedTime(state: ElectionState, at: number, judge: Judge): void {
  const time = timeAt(state);
  const near = time !== null && Math.abs(at - time) <= statedTimeTolerance;
  judge.require("9c", near, "time-invalid", () => `it says ${at}, the anchor before it ${time}`, state.anchor?.entry);
}
