/**
 * Makes the demonstration's election over the board's HTTP interface, as its officials would: definition, roll, opening.
 * Everything it decides lies in its folder before it is sent, so that it goes on wherever it was interrupted.
 */
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import {
  confirmAct,
  type DefinitionBody,
  EntryType,
  ed25519Official,
  encodeDefinitionBody,
  holderOf,
  type Overview,
  openBoard,
  proposeAct,
  RecordFollower,
  RegistrarClient,
  readOverview,
  type Surroundings,
  signDefinition,
  type Trouble,
} from "@hanpyo/bulletin-board";
import { bytesToHex, equalBytes, type Result, Secret } from "@hanpyo/crypto";
import { readTable } from "../eligibility/csv.ts";
import { makeRoll } from "../eligibility/make-roll.ts";
import { writeRoll } from "../eligibility/roll-folder.ts";
import { createKeyFile, readKeyFile } from "../officials/key-file.ts";
import { postDefinition, putDocument } from "../officials/post-definition.ts";
import { isPassing } from "../trustees/command-line.ts";
import { readIfThere, writeDurably } from "../trustees/files.ts";
import { sendEntry } from "../trustees/participant.ts";
import { eligiblePerArea, isEligible, residentList } from "./residents.ts";
import { demonstrationContent, demonstrationPolicy } from "./vote.ts";

/** Public keys of the parties that take part by themselves. */
export interface DemonstrationParties {
  /** Ed25519 signing keys, in the order of their indices. */
  readonly trustees: readonly Uint8Array[];
  readonly registrars: readonly Uint8Array[];
  /** Verifier keys of cosignatures. */
  readonly witnesses: readonly string[];
  /** Keys, commitments and the evidence key; without auditors the election says openly that nobody audits. */
  readonly auditors?: readonly { readonly key: Uint8Array; readonly commitment: Uint8Array }[];
  readonly evidenceKey?: Uint8Array | null;
}

export interface DemonstrationOptions {
  /** Address of the board, without a slash at its end. */
  readonly server: string;
  /** Everything of the demonstration that is not the board's or the parties': officials' keys, roll, codes. */
  readonly folder: string;
  readonly operatorToken: string;
  readonly parties: DemonstrationParties;
  readonly around: Surroundings;
  /** The digest list of the pages. */
  readonly client: Uint8Array;
  /** A line for the terminal; never a code or a person. */
  readonly say?: (line: string) => void;
  /** Ends the waiting when the server is told to stop. */
  readonly signal?: AbortSignal;
}

export interface Demonstration {
  /** E */
  readonly election: Uint8Array;
  /** Ten activation codes of eligible residents that have no pass yet; fewer when they run out. */
  readonly codes: readonly string[];
}

/** How long the demonstration is open, seconds. */
export const demonstrationSeconds = 7 * 86_400;
const codesShown = 10;

/** Where registrars find roll.csv, roll.sig and roll.salt. */
export const demonstrationRoll = (folder: string): string => path.join(folder, "roll");

/** What marks a data folder: its keys lie on one machine and nobody may trust them. */
const marker = "DEMONSTRATION";

/** Throws if this data folder, or one of a demonstration itself, was ever used by one: a production server starts on no such folder. */
export function refuseDemonstrationFolder(folder: string): void {
  if ([marker, marker.toLowerCase()].some((name) => existsSync(path.join(folder, name))))
    throw new Error(
      `${folder} holds the keys of a demonstration; a production server starts with a folder and keys of its own`,
    );
}

export async function ensureDemonstration(options: DemonstrationOptions): Promise<Demonstration> {
  const { folder, say = () => undefined } = options;
  writeDurably(path.join(folder, marker), "Made by npm start. All keys below lie on one machine.\n");
  const overview = await until(options, "the board", () => readOverview(options.around, options.server));
  const payload = await definitionPayload(options, overview);
  const election = await define(options, overview, payload);
  say(`election ${bytesToHex(election)}`);
  const follower = await until(options, "a witnessed checkpoint", () =>
    RecordFollower.open({ around: options.around, server: options.server, election }),
  );
  await awaitParties(options, follower);
  await openVoting(options, follower);
  await endOutage(options, follower);
  const codes = await unusedCodes(options, election);
  return { election, codes };
}

/** The signed definition, made once. */
async function definitionPayload(options: DemonstrationOptions, overview: Overview): Promise<Uint8Array> {
  const file = path.join(options.folder, "definition.cbor");
  const known = readIfThere(file);
  if (known !== null) return known;
  if (overview.election !== null)
    throw new Error("the board carries an election that this demonstration's folder did not make");
  const documents = await makeDocuments(options);
  const officials = officialKeys(options.folder);
  const now = Math.floor(options.around.clock.now() / 1000);
  const { record, passes, acknowledgement } = overview.keys;
  const { trustees, registrars, witnesses, auditors = [], evidenceKey = null } = options.parties;
  const named = (keys: readonly Uint8Array[], names: readonly string[]) =>
    keys.map((key, i) => ({ name: names[i] ?? `${i + 1}`, key }));
  const body: DefinitionBody = {
    version: 1,
    origin: overview.origin,
    ...demonstrationContent(eligiblePerArea(residentList())),
    rehearsal: true,
    schedule: { opens: now, closes: now + demonstrationSeconds },
    bounds: { pauses: 20, pauseSeconds: 86_400, extensions: 3, extensionSeconds: 3 * 86_400 },
    officials: officials.map(({ publicKey }, i) => ({
      name: officialNames[i]!,
      key: { algorithm: "Ed25519", key: publicKey },
      passkey: false,
    })),
    webauthn: null,
    trustees: named(trustees, trusteeNames),
    threshold: Math.max(2, Math.floor(trustees.length / 2) + 1),
    minTrustees: trustees.length,
    registrars: named(registrars, registrarNames),
    quorum: registrars.length === 1 ? 1 : Math.floor((registrars.length + 1) / 2) + 1,
    dishonest: registrars.length === 1 ? 0 : 1,
    witnesses,
    witnessQuorum: Math.floor((witnesses.length + 1) / 2) + 1,
    witnessDishonest: 1,
    auditors: auditors.map((each, i) => ({ name: auditorNames[i] ?? `${i + 1}`, ...each })),
    evidenceKey,
    auditSample: evidenceKey === null ? 0 : auditSample,
    policy: documents.policy,
    trust: documents.trust,
    revote: true,
    maxBallots: 32,
    mmd: 60,
    mixSeconds: 2,
    smallestGroup: 10,
    client: documents.client,
    keys: { record, passes, acknowledgement },
  };
  const hands = [ed25519Official(0, officials[0]!), ed25519Official(1, officials[1]!)] as const;
  const { payload } = await signDefinition(encodeDefinitionBody(body), body.origin, hands);
  writeDurably(file, payload);
  return payload;
}

const officialNames = [
  "선거관리 담당 김하늘 · Official Kim",
  "참여예산 담당 이보람 · Official Lee",
  "감사 담당 박새롬 · Official Park",
];
const trusteeNames = [
  "구의회 · District Council",
  "시민단체 연합 · Civic Alliance",
  "변호사회 · Bar Association",
  "대학 · University",
  "언론인회 · Press Club",
];
const registrarNames = [
  "구청 · District Office",
  "주민자치회 · Residents’ Council",
  "도서관 협의회 · Library Council",
  "복지재단 · Welfare Foundation",
];
const auditorNames = ["선거관리위원회 감사 · Election Commission audit", "회계사회 · Accountants’ Association"];
/** Passes whose evidence is opened after the count. */
const auditSample = 20;

function officialKeys(folder: string) {
  return officialNames.map((_, i) => {
    const file = path.join(folder, "officials", `${i}.key`);
    return existsSync(file) ? readKeyFile(file) : createKeyFile(file);
  });
}

/** Policy, trust snapshot and digest list, uploaded; the roll is made on the way. */
async function makeDocuments(options: DemonstrationOptions) {
  const roll = demonstrationRoll(options.folder);
  if (!existsSync(roll)) {
    options.say?.("making the roll and its activation codes");
    const authorityFile = path.join(options.folder, "authority.key");
    const key = existsSync(authorityFile) ? readKeyFile(authorityFile) : createKeyFile(authorityFile);
    const made = await makeRoll(residentList(), {
      authority: { name: "마포구 (시연) · Mapo District (demonstration)", key },
    });
    const draft = `${roll}.new`;
    rmSync(draft, { recursive: true, force: true });
    writeRoll(draft, made);
    renameSync(draft, roll);
  }
  const trust = new Uint8Array(readFileSync(path.join(roll, "trust.json")));
  return {
    policy: await upload(options, demonstrationPolicy()),
    trust: await upload(options, trust),
    client: await upload(options, options.client),
  };
}

async function upload(options: DemonstrationOptions, bytes: Uint8Array): Promise<Uint8Array> {
  const done = await putDocument({ server: options.server, token: options.operatorToken }, bytes);
  if (!done.ok) throw new Error(`the board refused a document: ${done.error.status} ${done.error.detail}`);
  return done.value;
}

/** E; the definition is sent where the board has none. */
async function define(options: DemonstrationOptions, overview: Overview, payload: Uint8Array): Promise<Uint8Array> {
  const board = { server: options.server, token: options.operatorToken };
  const file = path.join(options.folder, "election.id");
  const known = readIfThere(file);
  if (overview.election !== null && known !== null) {
    if (!equalBytes(overview.election, known))
      throw new Error("the board carries another election than this demonstration's");
    return known;
  }
  // Sent again after an interruption, the board answers with the entry that stands.
  const sent = await postDefinition(board, payload);
  if (!sent.ok) throw new Error(`the board refused the definition: ${sent.error.status} ${sent.error.detail}`);
  writeDurably(file, sent.value);
  return sent.value;
}

/** Ceremonies, drills and registrars' keys: the parties do them by themselves. */
async function awaitParties(options: DemonstrationOptions, follower: RecordFollower): Promise<void> {
  const { trustees, registrars } = follower.definition;
  await untilState(options, follower, () => {
    const { ceremonies, drills, registrarKeys, phase } = follower.state;
    if (phase !== "setup") return null;
    const [first, second] = ceremonies.map(({ completed }) => completed !== undefined);
    const missing = [
      ...(first ? [] : ["the trustees' keys"]),
      ...(second ? [] : ["the registrars' joint key"]),
      ...(drills.size < trustees.length ? [`${trustees.length - drills.size} backup drills`] : []),
      ...(registrarKeys.size < registrars.length
        ? [`the keys of ${registrars.length - registrarKeys.size} registrars`]
        : []),
    ];
    return missing.length === 0 ? null : `waiting for ${missing.join(", ")}`;
  });
}

/** Two officials open. */
const openVoting = (options: DemonstrationOptions, follower: RecordFollower): Promise<void> =>
  carryOut(options, follower, EntryType.open, () => follower.state.phase !== "setup");

/** A machine that was off for more than two minutes was an outage: voting is paused until two officials resume. */
async function endOutage(options: DemonstrationOptions, follower: RecordFollower): Promise<void> {
  await untilState(options, follower, () => {
    const { phase, anchor } = follower.state;
    const age = Math.floor(options.around.clock.now() / 1000) - (anchor?.time ?? 0);
    return phase === "open" && age > 120 ? "waiting for the first anchor after the interruption" : null;
  });
  if (follower.state.pause?.outage !== true) return;
  options.say?.("voting was interrupted for more than two minutes; two officials resume it");
  await carryOut(options, follower, EntryType.resume, () => follower.state.pause?.outage !== true);
}

/** Two officials carry out an act; where one has proposed it before an interruption, the other confirms that. */
async function carryOut(
  options: DemonstrationOptions,
  follower: RecordFollower,
  type: typeof EntryType.open | typeof EntryType.resume,
  done: () => boolean,
): Promise<void> {
  const officials = officialKeys(options.folder).map((key, i) => ed25519Official(i, key));
  while (!done()) {
    const { state, definition, election } = follower;
    const place = { origin: definition.origin, election, last: state.lastAct! };
    const now = Math.floor(options.around.clock.now() / 1000);
    const current = [...state.proposals.values()].find(
      ({ act, last }) => act.type === type && equalBytes(last, state.lastAct!) && Math.abs(now - act.body.at) < 240,
    );
    const entry = current
      ? await confirmAct(
          place,
          {
            leafHash: current.leafHash,
            proposal: { act: current.act.type, body: current.body, official: current.official },
          },
          officials.find(({ official }) => official !== current.official)!,
        )
      : await proposeAct(place, { type, body: { at: now } }, officials[0]!);
    const sent = await until(options, current ? "the confirmation" : "the proposal", () => sendEntry(follower, entry));
    await untilState(options, follower, () => (follower.size > sent.index ? null : "waiting for the witnesses"));
  }
}

/** Codes whose residents the policy admits and the first registrar has not seen yet. */
async function unusedCodes(options: DemonstrationOptions, election: Uint8Array): Promise<string[]> {
  const table = readTable(new Uint8Array(readFileSync(path.join(demonstrationRoll(options.folder), "codes.csv"))));
  if (!table.ok) throw new Error(`codes.csv: line ${table.error.line}: ${table.error.what}`);
  const column = table.value.columns.indexOf("code");
  // The board may name its registrars by a path of its own relay.
  const around: Surroundings = {
    ...options.around,
    fetch: (url, init) => options.around.fetch(url.startsWith("/") ? `${options.server}${url}` : url, init),
  };
  const board = await until(options, "the registrars", async () => openBoard(around, options.server, election));
  const [registrar] = board.election.registrars;
  if (!registrar) throw new Error("an open election has registrars");
  const client = new RegistrarClient(around, registrar);
  const codes: string[] = [];
  for (const row of table.value.rows.filter(isEligible)) {
    if (codes.length === codesShown) break;
    const code = new Secret(row[column]!);
    const holder = holderOf(board.election, code.reveal());
    if (!holder.ok) throw new Error("a code of our own does not parse");
    const answer = await until(options, "a registrar", () => client.nonce(holder.value.publicKey), isFinal);
    if (answer !== null && !answer.used) codes.push(code.reveal());
  }
  return codes;
}

/** A registrar that answers "too often" for this key has seen it; nothing is learnt by waiting. */
const isFinal = (trouble: Trouble): boolean => trouble.code === "too-many-attempts" || trouble.code === "passes-frozen";

/** Repeats what fails for a reason that passes; throws what does not pass. `null` where `give up` says so. */
async function until<T>(
  options: DemonstrationOptions,
  what: string,
  work: () => Promise<Result<T, Trouble>>,
): Promise<T>;
async function until<T>(
  options: DemonstrationOptions,
  what: string,
  work: () => Promise<Result<T, Trouble>>,
  giveUp: (trouble: Trouble) => boolean,
): Promise<T | null>;
async function until<T>(
  options: DemonstrationOptions,
  what: string,
  work: () => Promise<Result<T, Trouble>>,
  giveUp: (trouble: Trouble) => boolean = () => false,
): Promise<T | null> {
  for (;;) {
    options.signal?.throwIfAborted();
    const done = await work();
    if (done.ok) return done.value;
    if (giveUp(done.error)) return null;
    if (!isPassing(done.error)) throw new Error(`${what}: ${done.error.code}: ${done.error.detail}`);
    await options.around.wait(250);
  }
}

/** Follows the record until `waitsFor` says null; says each new reason once. */
async function untilState(
  options: DemonstrationOptions,
  follower: RecordFollower,
  waitsFor: () => string | null,
): Promise<void> {
  let said = "";
  for (;;) {
    await until(options, "the record", () => follower.advance());
    const reason = waitsFor();
    if (reason === null) return;
    if (reason !== said) options.say?.(reason);
    said = reason;
    await options.around.wait(250);
  }
}
