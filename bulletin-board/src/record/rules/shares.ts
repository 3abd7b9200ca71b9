/** Check 21: decryption shares. A share whose proof fails stays on the record and names its trustee. */
import { decodeNonIdentity, equalBytes, type Point, verifyDecryptionShare } from "@hanpyo/crypto";
import { strictVerify } from "../../log/index.ts";
import { shareMessage } from "../messages.ts";
import { type Judgement, noEffect, type Rule } from "../rule.ts";
import { decodeRecord } from "../schema/cbor.ts";
import type { ElectionState } from "../state.ts";
import { type Share, share } from "../tally-entries.ts";
import { tallyComponents } from "./tally.ts";

const attempts = 3;

/** D_1 … D_J of a share whose proof holds under the trustee's X_i, else null. */
export function decryptionsOf(state: ElectionState, message: Share): Point[] | null {
  const key = state.ceremonies[0].completed?.shareKeys.get(message.trustee);
  const components = state.tally ? tallyComponents(state.tally.message) : null;
  const decoded = key ? decodeNonIdentity(key) : null;
  if (!state.tally || !components || components.first.length === 0 || !decoded?.ok || !state.context) return null;
  const statement = {
    context: state.context,
    tally: state.tally.leafHash,
    key: decoded.value,
    ciphertexts: components.first,
  };
  const verdict = verifyDecryptionShare(statement, message);
  return verdict.ok ? verdict.value : null;
}

export const judgeShare: Rule = (state, entry, _inputs, judge): Judgement => {
  const decoded = decodeRecord(share, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const message = decoded.value;
  const { trustee, tally, decryptions, proof, signature } = message;
  const completed = state.ceremonies[0].completed;
  const due = state.phase === "tallied" && state.tally !== null && completed?.parties.includes(trustee) === true;
  if (!judge.require("8b", due, "out-of-order", `no share of trustee ${trustee} is due`)) return noEffect;
  const tried = state.shareAttempts.get(trustee) ?? 0;
  judge.require(
    "8b",
    !state.shares.has(trustee),
    "out-of-order",
    `trustee ${trustee} has a valid share`,
    state.shares.get(trustee)?.entry,
  );
  judge.require("8b", tried < attempts, "bounds-exceeded", `trustee ${trustee} has tried ${attempts} times`);
  judge.require(
    "21a",
    equalBytes(tally, state.tally!.leafHash),
    "share-signature-invalid",
    `trustee ${trustee}: not a share of the record's encrypted tally`,
    state.tally!.entry,
  );
  const key = state.definition!.trustees[trustee - 1]!.key;
  const signed = strictVerify(signature, shareMessage({ election: state.election!, tally, decryptions, proof }), key);
  judge.require("21a", signed, "share-signature-invalid", `trustee ${trustee}: the signature does not hold`);
  // Not a refusal: well-formed, signed shares are recorded even if the proof fails, so that the trustee can be named.
  // The proof is no ground for refusal: well-formed, signed shares are recorded even if it fails, so that the trustee can be
  // named. It is dear and anybody may send a share, so that it is looked at only once the entry stands.
  return {
    apply: () => {
      state.shareAttempts.set(trustee, tried + 1);
      if (decryptionsOf(state, message) !== null)
        state.shares.set(trustee, { entry: entry.index, leafHash: entry.leafHash, message });
      else state.blamed.push({ trustee, entry: entry.index });
    },
  };
};
