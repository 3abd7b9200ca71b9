/** Check 7: every trustee of the round shows that its backup holds its share. */
import { decodeNonIdentity, verifyDrill } from "@hanpyo/crypto";
import { strictVerify } from "../../log/index.ts";
import { drill } from "../ceremony-entries.ts";
import { ceremonyMessage } from "../messages.ts";
import { type Judgement, noEffect, type Rule } from "../rule.ts";
import { decodeRecord, encodeRecord } from "../schema/cbor.ts";
import { ceremonyOf, currentRound } from "./ceremony.ts";

export const judgeDrill: Rule = (state, entry, _inputs, judge): Judgement => {
  const decoded = decodeRecord(drill.signed, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const { signature, ...unsigned } = decoded.value;
  const { index, proof } = unsigned;
  const completed = state.ceremonies[0].completed;
  const expected =
    state.phase === "setup" && completed !== undefined && completed.parties.includes(index) && !state.drills.has(index);
  if (!judge.require("8b", expected, "out-of-order", `no drill of trustee ${index} is due`) || !completed)
    return noEffect;
  const message = ceremonyMessage({
    election: state.election!,
    type: entry.type,
    unsigned: encodeRecord(drill.unsigned, unsigned),
  });
  const signed = strictVerify(signature, message, state.definition!.trustees[index - 1]!.key);
  judge.require("7b", signed, "drill-invalid", `trustee ${index}: the signature does not hold`);
  const key = decodeNonIdentity(completed.shareKeys.get(index)!);
  const holds =
    key.ok &&
    verifyDrill(ceremonyOf(state, 0, currentRound(state, 0)!), index, key.value, completed.lastConfirm, proof).ok;
  judge.require("7b", holds, "drill-invalid", `trustee ${index}: the proof does not hold`);
  return {
    apply: () => {
      state.drills.set(index, { entry: entry.index, leafHash: entry.leafHash, message: decoded.value });
    },
  };
};
