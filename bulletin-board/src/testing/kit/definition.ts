/** The definition of the kit's election: small, but with every kind of contest, party and bound. */
import { auditCommitment, utf8ToBytes } from "@hanpyo/crypto";
import { sha384 } from "@noble/hashes/sha2.js";
import { encodeBase64, encodeVkey } from "../../log/index.ts";
import type { DefinitionBody } from "../../record/definition.ts";
import { bytesOf, evidenceKey, logParty, origin, passkey, relying, signerOf, witnessParty } from "./keys.ts";
import type { Run } from "./run.ts";

/** Voting is open from here, in seconds. */
export const opens = 1_800_000_000;
export const closes = opens + 800;

export const both = (en: string) => ({ ko: `${en} (한국어)`, en });
export const json = (value: unknown): Uint8Array => utf8ToBytes(`${JSON.stringify(value)}\n`);
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** A file of the pages, as served. */
export const servedFile = (name: string): Uint8Array => utf8ToBytes(`<!doctype html><title>${name}</title>\n`);
export const digestList = (...names: readonly string[]): Uint8Array =>
  json(Object.fromEntries(names.map((name) => [name, `sha384-${encodeBase64(sha384(servedFile(name)))}`])));

export const policyDocument = json({ v: 1, snapshotAt: opens - 86_400, source: "roll", eligible: "true", class: "0" });
export const trustDocument = json({ v: 1, authority: "kit" });
export const auditValue = (auditor: number): Uint8Array => bytesOf(`audit value ${auditor}`);

export function kitDefinition(run: Run): DefinitionBody {
  const parties = (what: string, count: number) =>
    range(count).map((i) => ({ name: `${what} ${i + 1}`, key: signerOf(`${what} ${i + 1}`).publicKey }));
  const official = (i: number) => ({
    name: `official ${i}`,
    key: { algorithm: "Ed25519", key: signerOf(`official ${i}`).publicKey },
    passkey: false,
  });
  const contest = (name: string, rule: DefinitionBody["contests"][number]["rule"]) => ({
    title: both(name),
    text: both("Which?"),
    options: range(rule.options).map((i) => both(`${name} ${i}`)),
    rule,
  });
  return {
    version: 1,
    origin,
    title: both("An election for tests"),
    text: both("Everything in it is made up."),
    rehearsal: true,
    contests: [
      contest("one or blank", { options: 2, maxValue: 1, min: 1, max: 1, blank: true }),
      contest("one", { options: 2, maxValue: 1, min: 1, max: 1, blank: false }),
      contest("any", { options: 2, maxValue: 1, min: 0, max: 2, blank: false }),
    ],
    groups: [
      { title: both("Town"), parent: null },
      { title: both("North"), parent: 0 },
      { title: both("South"), parent: 0 },
    ],
    classes: [
      { group: 1, weight: 1, contests: [0, 1, 2], certified: 7 },
      { group: 2, weight: 1, contests: [0, 1, 2], certified: 6 },
      { group: 2, weight: 2, contests: [0, 2], certified: 10 },
    ],
    schedule: { opens, closes },
    bounds: { pauses: 1, pauseSeconds: 600, extensions: 2, extensionSeconds: 200 },
    officials: [official(0), official(1), { name: "official 2", key: passkey.key, passkey: true }],
    webauthn: relying,
    trustees: parties("trustee", 5),
    threshold: 2,
    minTrustees: 3,
    registrars: parties("registrar", 4),
    quorum: 3,
    dishonest: 1,
    witnesses: [1, 2, 3, 4].map((i) => encodeVkey(witnessParty(i).key)),
    witnessQuorum: 3,
    witnessDishonest: 1,
    auditors: parties("auditor", 2).map((party, i) => ({ ...party, commitment: auditCommitment(auditValue(i + 1)) })),
    evidenceKey: evidenceKey.encoded,
    auditSample: 4,
    policy: run.addDocument(policyDocument),
    trust: run.addDocument(trustDocument),
    revote: true,
    maxBallots: 3,
    mmd: 60,
    mixSeconds: 0,
    smallestGroup: 10,
    client: run.addDocument(digestList("index.html")),
    keys: {
      record: encodeVkey(logParty(origin).key),
      passes: encodeVkey(logParty(`${origin}/passes`).key),
      acknowledgement: encodeVkey(logParty(`${origin}/ack`).key),
    },
  };
}
