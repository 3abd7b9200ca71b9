/** Check 5a, 5b: the keys with which registrars sign passes and endorse (docs/protocol.md section 4.1). */
import { bytesToHex, decodeNonIdentity, wellFormedModulus } from "@hanpyo/crypto";
import { decodeUtf8, strictVerify } from "../../log/index.ts";
import { registrarKeys } from "../ceremony-entries.ts";
import { registrarKeysMessage } from "../messages.ts";
import { type Judgement, noEffect, type Rule } from "../rule.ts";
import { decodeRecord } from "../schema/cbor.ts";

export const judgeRegistrarKeys: Rule = (state, entry, inputs, judge): Judgement => {
  const decoded = decodeRecord(registrarKeys.signed, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  const keys = decoded.value;
  const { index, moduli, endorsement, signature } = keys;
  const definition = state.definition!;
  const registrar = definition.registrars[index - 1];
  const expected = state.phase === "setup" && registrar !== undefined && !state.registrarKeys.has(index);
  if (!judge.require("8b", expected, "out-of-order", `no keys of registrar ${index} are due`) || !registrar)
    return noEffect;

  judge.require(
    "5a",
    moduli.length === definition.classes.length,
    "registrar-invalid",
    `registrar ${index}: ${moduli.length} keys for ${definition.classes.length} classes`,
  );
  judge.require(
    "5a",
    moduli.every(wellFormedModulus),
    "registrar-invalid",
    `registrar ${index}: a modulus is not well-formed`,
  );
  const others = [...state.registrarKeys.values()].flatMap(({ message }) => [...message.moduli, message.endorsement]);
  const all = [...others, ...moduli, endorsement].map(bytesToHex);
  judge.require("5a", new Set(all).size === all.length, "registrar-invalid", `registrar ${index}: a key is used twice`);
  judge.require(
    "5a",
    decodeNonIdentity(endorsement).ok,
    "registrar-invalid",
    `registrar ${index}: the endorsement key is no key`,
  );
  const message = registrarKeysMessage({
    election: state.election!,
    index,
    moduli,
    endorsement,
    policy: definition.policy,
    trust: definition.trust,
  });
  judge.require(
    "5b",
    strictVerify(signature, message, registrar.key),
    "registrar-invalid",
    `registrar ${index}: the signature does not hold`,
  );
  for (const [name, hash] of [
    ["policy", definition.policy],
    ["trust snapshot", definition.trust],
  ] as const) {
    const document = inputs.document(hash);
    judge.require(
      "5d",
      document !== undefined && isJsonObject(document),
      "registrar-invalid",
      `the ${name} is missing or no JSON object`,
    );
  }
  return {
    apply: () => {
      state.registrarKeys.set(index, { entry: entry.index, leafHash: entry.leafHash, message: keys });
    },
  };
};

function isJsonObject(document: Uint8Array): boolean {
  const text = decodeUtf8(document);
  if (!text.ok) return false;
  try {
    const value: unknown = JSON.parse(text.value);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
