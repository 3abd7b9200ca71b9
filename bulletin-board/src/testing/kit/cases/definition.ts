/** Checks 4 and 5: definition, registrars. What changes E is followed to the first ballots. */
import { utf8ToBytes } from "@hanpyo/crypto";
import { encodeDefinitionBody } from "../../../record/authoring/index.ts";
import { type DefinitionBody, definition } from "../../../record/definition.ts";
import { EntryType } from "../../../record/entry-types.ts";
import { definitionMessage } from "../../../record/messages.ts";
import { encodeRecord } from "../../../record/schema/cbor.ts";
import { closes, json, kitDefinition, opens } from "../definition.ts";
import { endorsementKey, officialOf, rsaKey } from "../keys.ts";
import type { Run } from "../run.ts";
import { definitionStep, registrarKeysStep } from "../script.ts";
import { entry } from "../steps.ts";
import { type Edit, replaced, type Tamper, upTo, without } from "../tamper.ts";

const defined = (
  part: Tamper["part"],
  what: string,
  change: (body: DefinitionBody, run: Run) => Partial<DefinitionBody>,
  stops = false,
  last = "ballot 2",
): Tamper => ({
  part,
  what,
  script: (s) =>
    replaced(
      upTo(s, last),
      "definition",
      definitionStep((body, run) => ({ ...body, ...change(body, run) })),
    ),
  stops,
});

/** Official numbers and whose keys sign for them. */
const signedBy =
  (...signatures: readonly (readonly [official: number, key: number])[]): Edit =>
  (s) =>
    replaced(
      upTo(s, "ballot 2"),
      "definition",
      entry("definition", async (run) => {
        run.now = opens - 3600;
        const body = encodeDefinitionBody(kitDefinition(run));
        const message = definitionMessage(run.state.origin, body);
        const made = await Promise.all(
          signatures.map(async ([official, key]) => ({ official, signature: await officialOf(key).sign(message) })),
        );
        return { type: EntryType.definition, payload: encodeRecord(definition, { body, signatures: made }) };
      }),
    );

const withClass = (body: DefinitionBody, index: number, change: Partial<DefinitionBody["classes"][number]>) => ({
  classes: body.classes.map((item, i) => (i === index ? { ...item, ...change } : item)),
});
const withTrustee = (body: DefinitionBody, key: Uint8Array) => ({
  trustees: body.trustees.map((party, i) => (i === 4 ? { ...party, key } : party)),
});

export const definitionCases: readonly Tamper[] = [
  defined("4a", "it closes before it opens", () => ({ schedule: { opens: closes, closes: opens } }), true),
  defined("4a", "a single ballot and re-votes", () => ({ maxBallots: 1 }), true),
  defined("4a", "a class sees a contest that is not there", (body) => withClass(body, 1, { contests: [0, 7] }), true),
  defined("4a", "two classes of one constituency and weight", (body) => withClass(body, 2, { weight: 1 }), true),
  defined("4a", "auditors without a key for evidence", () => ({ evidenceKey: null }), true),
  defined("4a", "passkeys without an rpId", () => ({ webauthn: null }), true),
  defined("4a", "the key of another log", (body) => ({ keys: { ...body.keys, record: body.keys.passes } }), true),
  { part: "4b", what: "one official twice", script: signedBy([0, 0], [0, 0]) },
  { part: "4b", what: "another's signature", script: signedBy([0, 0], [1, 0]) },
  { part: "4b", what: "an official who is not there", script: signedBy([0, 0], [9, 1]) },
  defined("4c", "two registrars of four suffice", () => ({ quorum: 2 })),
  defined("4c", "no registrars' quorum at all", () => ({ quorum: 5 }), true),
  defined("4c", "two witnesses of four suffice", () => ({ witnessQuorum: 2 })),
  defined("4c", "one trustee decrypts", () => ({ threshold: 1 })),
  defined("4c", "more trustees needed than there are", () => ({ threshold: 6, minTrustees: 6 }), true),
  defined("4d", "two trustees with one key", (body) => withTrustee(body, body.trustees[0]!.key)),
  defined("4d", "a trustee with a registrar's key", (body) => withTrustee(body, body.registrars[0]!.key)),
  defined("4d", "a key of small order", (body) => withTrustee(body, Uint8Array.of(1, ...new Uint8Array(31)))),
  defined(
    "4e",
    "a ballot that no entry holds",
    (body) => {
      const { title } = body.contests[1]!;
      const rule = { options: 200, maxValue: 2, min: 1, max: 1, blank: false };
      const wide = { ...body.contests[1]!, options: Array.from({ length: rule.options }, () => title), rule };
      return { contests: [body.contests[0]!, wide, body.contests[2]!] };
    },
    false,
    "drill 3",
  ),
  defined(
    "4f",
    "a class at an inner node of the group tree",
    (body) => withClass(body, 0, { group: 0 }),
    true,
    "result",
  ),
  defined("4f", "a group before its parent", (body) => ({
    groups: [body.groups[0]!, { ...body.groups[1]!, parent: 2 }, body.groups[2]!],
  })),
  defined("4f", "a denomination of three", (body) => withClass(body, 2, { weight: 3 })),
  defined("4f", "several denominations without certified counts", (body) => withClass(body, 0, { certified: null })),
  defined("4f", "a denomination with too few holders", (body) => withClass(body, 2, { certified: 9 })),
  defined("4f", "totals that could pass 2^53", (body) => withClass(body, 2, { certified: Number.MAX_SAFE_INTEGER })),
  defined("4g", "a rehearsal's origin without the flag", () => ({ rehearsal: false })),
  {
    part: "5a",
    what: "an even modulus",
    script: (s) =>
      replaced(
        s,
        "registrar keys 2",
        registrarKeysStep(2, (keys) => ({
          ...keys,
          moduli: keys.moduli.map((modulus, i) => (i === 0 ? modulus.with(255, modulus[255]! - 1) : modulus)),
        })),
      ),
  },
  {
    part: "5a",
    what: "a modulus missing",
    script: (s) =>
      replaced(
        s,
        "registrar keys 2",
        registrarKeysStep(2, (keys) => ({ ...keys, moduli: keys.moduli.slice(1) })),
      ),
  },
  {
    part: "5a",
    what: "a modulus of another registrar",
    script: (s) =>
      replaced(
        s,
        "registrar keys 2",
        registrarKeysStep(2, (keys) => ({ ...keys, moduli: [rsaKey(1, 0).modulus, ...keys.moduli.slice(1)] })),
      ),
  },
  {
    part: "5a",
    what: "the identity as endorsement key",
    script: (s) =>
      replaced(
        s,
        "registrar keys 2",
        registrarKeysStep(2, (keys) => ({ ...keys, endorsement: new Uint8Array(32) })),
      ),
  },
  {
    part: "5a",
    what: "two registrars with one endorsement key",
    script: (s) =>
      replaced(
        s,
        "registrar keys 2",
        registrarKeysStep(2, (keys) => ({ ...keys, endorsement: endorsementKey(1).encoded })),
      ),
  },
  { part: "5a", what: "opened without the keys of a registrar", script: (s) => without(s, "registrar keys 4") },
  {
    part: "5b",
    what: "keys signed by another registrar",
    script: (s) =>
      replaced(
        s,
        "registrar keys 2",
        registrarKeysStep(2, (keys) => keys, "registrar 1"),
      ),
  },
  {
    part: "5b",
    what: "keys signed by nobody known",
    script: (s) => {
      return replaced(
        s,
        "registrar keys 2",
        registrarKeysStep(2, (keys) => keys, "stranger"),
      );
    },
  },
  { part: "5c", what: "opened before a registrar confirmed", script: (s) => without(s, "registrars 1: confirm 4") },
  defined("5d", "a policy that is no JSON", (_, run) => ({ policy: run.addDocument(utf8ToBytes("everybody")) })),
  defined("5d", "a trust snapshot that is no object", (_, run) => ({ trust: run.addDocument(json([1])) })),
];
