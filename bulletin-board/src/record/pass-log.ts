/**
 * The rulebook of the pass log (check 18): what may follow what there. The board asks it before it appends, every registrar
 * before it signs, the verifier over the whole log. Endorsements are Schnorr equations, so that they can join a batch.
 */
import { endorsementEquation, equalBytes, type SchnorrEquation } from "@hanpyo/crypto";
import type { DefinitionBody } from "./definition.ts";
import { EntryType } from "./entry-types.ts";
import type { Judge } from "./judge.ts";
import { type PassEntry, passEntry } from "./pass-entry.ts";
import { decodeRecord } from "./schema/cbor.ts";

/** What the pass log's rules need of the record. */
export interface PassRules {
  /** E. */
  readonly election: Uint8Array;
  readonly definition: DefinitionBody;
  /** Endorsement key of a registrar; undefined for one that published none. */
  endorsementKey(registrar: number): Uint8Array | undefined;
}

/** What the log so far says. */
export interface PassView {
  /** Entry under a nullifier. */
  nullifier(nullifier: Uint8Array): number | undefined;
  /** Passes of a class. */
  passes(classIndex: number): number;
}

export interface JudgedPass {
  readonly pass: PassEntry;
  /** Each must hold (18b); not checked here. */
  readonly endorsements: readonly SchnorrEquation[];
}

/** Judges the payload of an entry of the pass log against what stands before it; null where it does not decode. */
export function judgePass(
  rules: PassRules,
  view: PassView,
  type: number,
  payload: Uint8Array,
  judge: Judge,
): JudgedPass | null {
  if (!judge.require("18a", type === EntryType.pass, "unknown-type", `type ${type} in the pass log`)) return null;
  const decoded = decodeRecord(passEntry, payload);
  if (!judge.require("18a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return null;
  const pass = decoded.value;
  const { definition, election } = rules;
  const item = definition.classes[pass.class];
  if (
    !judge.require(
      "18a",
      item !== undefined && equalBytes(pass.policy, definition.policy),
      "form-invalid",
      "no such class, or another policy",
    ) ||
    !item
  )
    return null;
  const known = view.nullifier(pass.nullifier);
  judge.require("18c", known === undefined, "nullifier-repeated", "a pass under this nullifier is logged", known);
  const issued = view.passes(pass.class);
  judge.require(
    "18f",
    item.certified === null || issued < item.certified,
    "over-certified",
    `class ${pass.class}: more than ${item.certified} certified`,
  );
  return { pass, endorsements: endorsementsOf(rules, pass, election, judge) };
}

function endorsementsOf(rules: PassRules, pass: PassEntry, election: Uint8Array, judge: Judge): SchnorrEquation[] {
  const { endorsements } = pass;
  const ascending = endorsements.every(({ registrar }, i) => i === 0 || registrar > endorsements[i - 1]!.registrar);
  const enough = endorsements.length >= rules.definition.quorum && ascending;
  judge.require(
    "18b",
    enough,
    "endorsements-missing",
    `${endorsements.length} endorsements, ${rules.definition.quorum} needed, ascending`,
  );
  return endorsements.flatMap(({ registrar, evidence, signature }) => {
    const key = rules.endorsementKey(registrar);
    const { nullifier, request, policy } = pass;
    const endorsed = { election, nullifier, class: pass.class, request, policy, registrar, evidence };
    const equation = key ? endorsementEquation(key, endorsed, signature) : null;
    if (equation?.ok) return [equation.value];
    judge.refuse(
      "18b",
      "endorsement-invalid",
      `registrar ${registrar}: ${equation ? "malformed signature" : "no such key"}`,
    );
    return [];
  });
}
