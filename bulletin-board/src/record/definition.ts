/** The definition of an election, entry 0 of its record (docs/protocol.md section 3). */
import { bool, bytes, list, literal, map, named, nullable, type TypeOf, text, uint } from "./schema/schema.ts";
import { officialSignature } from "./signatures.ts";

export const key32 = bytes(32);
export const hash32 = bytes(32);
export const seconds = uint();
const index = uint(65_535);

/** A text in both languages of the pages. */
export const bilingual = (max: number) => named(`bilingual-${max}`, map({ ko: text(max), en: text(max) }));

/** The rule of a contest: n options of values 0..R, sum in min..max, blank or not. */
export const contestRule = named(
  "contest-rule",
  map({ options: uint(200, 1), maxValue: uint(100, 1), min: uint(20_000), max: uint(20_000, 1), blank: bool }),
);

export const contest = named(
  "contest",
  map({ title: bilingual(200), text: bilingual(4000), options: list(bilingual(300), 200, 1), rule: contestRule }),
);

/** Constituency × weight denomination; `certified` = the issuer's count of passes, or null. */
export const electionClass = named(
  "class",
  map({ group: index, weight: uint(2 ** 30, 1), contests: list(index, 64, 1), certified: nullable(uint()) }),
);

/** A node of the tree along which sums are published; the first is the root. */
export const group = named("group", map({ title: bilingual(200), parent: nullable(index) }));

/** An official's key: Ed25519 from the command line, or a passkey (WebAuthn; COSE algorithm −7 or −8). */
export const officialKey = named("official-key", map({ algorithm: text(7), key: bytes(32, 65) }));
export const official = named("official", map({ name: text(100), key: officialKey, passkey: bool }));

export const party = named("party", map({ name: text(100), key: key32 }));

export const auditor = named("auditor", map({ name: text(100), key: key32, commitment: hash32 }));

export const definitionBody = named(
  "definition-body",
  map({
    version: literal(1),
    origin: text(200),
    title: bilingual(200),
    text: bilingual(4000),
    rehearsal: bool,
    contests: list(contest, 64, 1),
    groups: list(group, 1000, 1),
    /** As many as the keys of a registrar fit in one entry. */
    classes: list(electionClass, 220, 1),
    schedule: map({ opens: seconds, closes: seconds }),
    bounds: map({
      pauses: uint(1000),
      pauseSeconds: uint(31_536_000),
      extensions: uint(1000),
      extensionSeconds: uint(31_536_000),
    }),
    officials: list(official, 50, 2),
    webauthn: nullable(map({ rpId: text(200), origins: list(text(200), 10, 1) })),
    trustees: list(party, 50, 2),
    threshold: uint(50, 1),
    minTrustees: uint(50, 1),
    registrars: list(party, 20, 1),
    quorum: uint(20, 1),
    dishonest: uint(20),
    /** Verifier keys in C2SP signed-note form. */
    witnesses: list(text(300), 20, 1),
    witnessQuorum: uint(20, 1),
    witnessDishonest: uint(20),
    auditors: list(auditor, 20),
    /** Key to which registrars seal evidence; null = the stated mode "no audit". */
    evidenceKey: nullable(key32),
    auditSample: uint(6000),
    policy: hash32,
    trust: hash32,
    revote: bool,
    maxBallots: uint(1000, 1),
    /** Longest time from acknowledgement to witnessed checkpoint, seconds. */
    mmd: uint(86_400, 1),
    mixSeconds: uint(86_400),
    /** Fewest ballots of a published sum. */
    smallestGroup: uint(1_000_000, 10),
    /** SHA-256 of the digest list of the pages. */
    client: hash32,
    keys: map({ record: text(300), passes: text(300), acknowledgement: text(300) }),
  }),
);
export type DefinitionBody = TypeOf<typeof definitionBody>;
export type Contest = TypeOf<typeof contest>;
export type ElectionClass = TypeOf<typeof electionClass>;
export type Official = TypeOf<typeof official>;

export const definition = named(
  "definition",
  map({
    body: bytes(1, 59_000),
    signatures: list(map({ official: index, signature: officialSignature }), 2, 2),
  }),
);
export type Definition = TypeOf<typeof definition>;
