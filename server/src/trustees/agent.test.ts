import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  close,
  confirmAct,
  count,
  decodeRecord,
  type Ed25519Signer,
  EntryType,
  ed25519Official,
  encodeBallot,
  encodeDefinitionBody,
  encodeRecord,
  encryptedTally,
  expectedTally,
  nobleSigner,
  proposal,
  proposeAct,
  RecordFollower,
  signDefinition,
  signRegistrarKeys,
} from "@hanpyo/bulletin-board";
import { ballotContext, bytesToHex, decodePoint, ok, randomKeyPair, Secret, unwrap } from "@hanpyo/crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryBoard } from "../../../bulletin-board/src/testing/memory-board.ts";
import { smallDefinition } from "../../../bulletin-board/src/testing/small-definition.ts";
import { castBallot } from "../../../crypto/src/testing/bench-ballots.ts";
import { type TallyVerifier, TrusteeAgent } from "./agent.ts";
import { CeremonyParticipant } from "./participant.ts";
import { PartyFolder } from "./party-folder.ts";

const base = mkdtempSync(path.join(tmpdir(), "hanpyo-trustees-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const passphrase = new Secret("correct horse battery staple");
const officials = [1, 2].map((n) => nobleSigner(new Uint8Array(32).fill(n)));
const folderOf = (name: string) => new PartyFolder(path.join(base, name), passphrase);
const server = "http://board";

/** A board with a definition, whose parties' keys lie in folders of their own. */
async function newElection(name: string) {
  const board = new MemoryBoard({ origin: `${name}.example/rehearsal` });
  const trustees = [1, 2, 3].map((i) => folderOf(`${name}-t${i}`));
  const registrar = folderOf(`${name}-r1`);
  const keys = (folders: readonly PartyFolder[]): Ed25519Signer[] => folders.map((folder) => folder.createKey());
  const body = smallDefinition(board, { officials, trustees: keys(trustees), registrars: keys([registrar]) });
  const hands = [ed25519Official(1, officials[1]!), ed25519Official(0, officials[0]!)] as const;
  const definition = await signDefinition(encodeDefinitionBody(body), board.origin, hands);
  unwrap(board.append(definition.type, definition.payload));
  return { board, trustees, registrar };
}
type Election = Awaited<ReturnType<typeof newElection>>;

const open = async ({ board }: Election, folder: PartyFolder) =>
  unwrap(await TrusteeAgent.open({ around: board.surroundings(), server, folder }));

async function ceremony(election: Election): Promise<TrusteeAgent[]> {
  const agents = await Promise.all(election.trustees.map((folder) => open(election, folder)));
  for (let turn = 0; turn < 12; turn++) for (const agent of agents) unwrap(await agent.step());
  return agents;
}

async function act(board: MemoryBoard, type: typeof EntryType.open) {
  const { state } = board.rulebook;
  const place = { origin: board.origin, election: state.election!, last: state.lastAct! };
  const proposed = await proposeAct(place, { type, body: { at: board.now } }, ed25519Official(0, officials[0]!));
  const { leaf } = unwrap(board.append(proposed.type, proposed.payload));
  const read = unwrap(decodeRecord(proposal, proposed.payload));
  const confirmed = await confirmAct(place, { leafHash: leaf, proposal: read }, ed25519Official(1, officials[1]!));
  return unwrap(board.append(confirmed.type, confirmed.payload));
}

/** Registrars' keys and ceremony, opening, twelve ballots, close, count: everything before the encrypted tally. */
async function voteAndCount(election: Election): Promise<void> {
  const { board, registrar } = election;
  const follower = unwrap(await RecordFollower.open({ around: board.surroundings(), server }));
  const key = unwrap(registrar.key());
  const participant = new CeremonyParticipant({ follower, folder: registrar, group: 1, index: 1, key });
  for (let turn = 0; turn < 4; turn++) unwrap(await participant.step());
  const modulus = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" }).n!;
  const { definition, election: id } = board.rulebook.state;
  const keys = { election: id!, index: 1, moduli: [new Uint8Array(Buffer.from(modulus, "base64url"))] };
  const { policy, trust } = definition!;
  const signed = signRegistrarKeys({ ...keys, endorsement: randomKeyPair().encoded, policy, trust }, key);
  unwrap(board.append(signed.type, signed.payload));
  await act(board, EntryType.open);
  const { context, ceremonies } = board.rulebook.state;
  const under = ballotContext({
    context: context!,
    key: unwrap(decodePoint(ceremonies[0].completed!.key)),
    class: 0,
    contests: [{ index: 0, rule: definition!.contests[0]!.rule }],
  });
  for (let i = 0; i < 12; i++) {
    const { core, casting } = castBallot(under, { choices: [[i % 3 === 0 ? 1 : 0, i % 3 === 0 ? 0 : 1]] }) as never as {
      core: Parameters<typeof encodeBallot>[0]["core"];
      casting: { signature: Uint8Array };
    };
    const passes = [{ registrar: 1, signature: new Uint8Array(256) }];
    unwrap(board.append(EntryType.ballot, encodeBallot({ core, passes, signature: casting.signature })));
  }
  board.now += 100;
  for (; board.now < definition!.schedule.closes; board.now += 100) board.anchor();
  board.anchor();
  unwrap(board.append(EntryType.close, encodeRecord(close, {})));
  const { lastBallot } = board.rulebook.state;
  const bitmap = board.addDocument(new Uint8Array(randomBytes(8)));
  unwrap(board.append(EntryType.count, encodeRecord(count, { last: lastBallot, counted: [12], bitmap })));
}

/** Another tally of the right shape at every call: the memory board does not recompute sums. */
function tally(board: MemoryBoard): Uint8Array {
  const { definition } = board.rulebook.state;
  const points = [1, 2, 3, 4].map(() => randomKeyPair().encoded);
  const sums = new Uint8Array(points.flatMap((point) => [...point]));
  return encodeRecord(encryptedTally, expectedTally(definition!, [12], [[sums]]));
}

const holds: TallyVerifier = async (_server, { fetch }) => {
  const init = {
    method: "GET",
    headers: {},
    credentials: "omit",
    referrerPolicy: "no-referrer",
    redirect: "error",
    cache: "no-store",
  } as const;
  const { body } = await fetch(`${server}/record/checkpoint`, init);
  const note = await new Response(body as ReadableStream).text();
  return ok({ ok: true, lines: [], size: Number(note.split("\n")[1]), checkpoint: note });
};

describe("trustees", () => {
  let election: Election;
  beforeAll(async () => {
    election = await newElection("first");
    const agents = await ceremony(election);
    const { completed } = election.board.rulebook.state.ceremonies[0];
    expect(completed?.parties).toEqual([1, 2, 3]);
    for (const agent of agents) expect(unwrap(await agent.drill())).toBe("sent");
    await voteAndCount(election);
  });

  it("complete the ceremony, prove their backups and keep no channel secret", async () => {
    const { state } = election.board.rulebook;
    expect([...state.drills.keys()].sort()).toEqual([1, 2, 3]);
    for (const folder of election.trustees) {
      expect(folder.openRounds()).toEqual([]);
      expect(existsSync(folder.backupFile)).toBe(true);
      for (const file of readdirSync(folder.path).filter((name) => name !== "sent"))
        expect(statSync(path.join(folder.path, file)).mode & 0o077).toBe(0);
    }
    const again = await open(election, election.trustees[0]!);
    expect(unwrap(await again.step()).kind).toBe("completed");
    expect(unwrap(await again.drill())).toBe("there");
  });

  it("do not open their backup with another passphrase, nor take part with a stranger's folder", async () => {
    const wrong = new PartyFolder(election.trustees[0]!.path, new Secret("another passphrase"));
    expect(await wrong.backup()).toMatchObject({ ok: false, error: { code: "passphrase" } });
    const stranger = folderOf("stranger");
    stranger.createKey();
    const opened = await TrusteeAgent.open({ around: election.board.surroundings(), server, folder: stranger });
    expect(opened).toMatchObject({ ok: false, error: { code: "not-a-trustee" } });
    const around = election.board.surroundings();
    const other = await TrusteeAgent.open({
      around,
      server,
      folder: election.trustees[0]!,
      election: new Uint8Array(32),
    });
    expect(other).toMatchObject({ ok: false, error: { code: "wrong-election" } });
    const misnumbered = await TrusteeAgent.open({ around, server, folder: election.trustees[0]!, index: 2 });
    expect(misnumbered).toMatchObject({ ok: false, error: { code: "not-a-trustee" } });
  });

  it("decrypt nothing before there is a tally, nor one that does not verify", async () => {
    const agent = await open(election, election.trustees[2]!);
    expect(await agent.share(holds)).toMatchObject({ ok: false, error: { code: "too-early" } });
  });

  it("decrypt the record's one tally once verified, and no second one", async () => {
    const { board, trustees } = election;
    const fork = board.clone();
    unwrap(board.append(EntryType.encryptedTally, tally(board)));
    unwrap(fork.append(EntryType.encryptedTally, tally(fork)));
    const folder = trustees[0]!;

    const agent = await open(election, folder);
    const fails: TallyVerifier = async (at, around) =>
      ok({ ...unwrap(await holds(at, around)), ok: false, lines: ["14a"] });
    expect(await agent.share(fails)).toMatchObject({ ok: false, error: { code: "not-verified", detail: "14a" } });
    const short: TallyVerifier = async (at, around) => ok({ ...unwrap(await holds(at, around)), size: 3 });
    expect(await agent.share(short)).toMatchObject({ ok: false, error: { code: "not-verified" } });
    const elsewhere: TallyVerifier = () => holds(server, fork.surroundings());
    expect(await agent.share(elsewhere)).toMatchObject({ ok: false, error: { code: "promise-broken" } });
    expect(folder.tallyNote()).toBeNull();

    expect(unwrap(await agent.share(holds))).toBe("sent");
    const note = folder.tallyNote();
    expect(note?.tally).toBe(bytesToHex(board.rulebook.state.tally!.leafHash));
    expect(board.rulebook.state.shares.has(1)).toBe(true);

    // The same folder before another history, as a fresh process would meet it: board, witnesses and E are the same.
    const misled = unwrap(await TrusteeAgent.open({ around: fork.surroundings(), server, folder }));
    expect(await misled.share(holds)).toMatchObject({ ok: false, error: { code: "second-tally" } });
    expect(fork.rulebook.state.shares.size).toBe(0);
    expect(folder.tallyNote()).toEqual(note);
    expect(() => folder.noteTally({ ...note!, tally: "00" })).toThrow("another tally");

    // Asked again, it sends nothing new; and where the answer was lost, the same bytes.
    expect(unwrap(await (await open(election, folder)).share(holds))).toBe("there");
    const sent = readdirSync(path.join(folder.path, "sent")).filter((name) => name.startsWith("share-"));
    expect(sent).toHaveLength(1);
    const kept = new Uint8Array(readFileSync(path.join(folder.path, "sent", sent[0]!)));
    expect(unwrap(board.append(EntryType.share, kept)).index).toBe(board.rulebook.state.shares.get(1)!.entry);
  });
});

describe("a confirmed party", () => {
  it("sends its confirm again as it was, while no checkpoint shows it yet, though its secrets are erased", async () => {
    const election = await newElection("slow");
    const agents = await Promise.all(election.trustees.map((folder) => open(election, folder)));
    for (let turn = 0; turn < 2; turn++) for (const agent of agents) unwrap(await agent.step());
    const around = election.board.surroundings();
    const note = election.board.checkpoint();
    const frozen: typeof around = {
      ...around,
      fetch: async (url, init) =>
        url.endsWith("/checkpoint") ? { status: 200, body: new Response(note).body as never } : around.fetch(url, init),
    };
    const folder = election.trustees[0]!;
    const slow = unwrap(await TrusteeAgent.open({ around: frozen, server, folder }));
    expect(unwrap(await slow.step())).toMatchObject({ kind: "sent", message: "confirm" });
    expect(folder.openRounds()).toEqual([]);
    const size = election.board.size;
    expect(unwrap(await slow.step())).toMatchObject({ kind: "sent", message: "confirm" });
    expect(election.board.size).toBe(size);
  });
});

describe("a ceremony with a bad share", () => {
  it("is ended by a complaint that names the sender, and goes on without it", async () => {
    const election = await newElection("bad");
    const agents = await Promise.all(election.trustees.map((folder) => open(election, folder)));
    for (const agent of agents) unwrap(await agent.step());
    const cheat = election.trustees[1]!;
    // The cheat swaps its polynomial after its reveal: every share it deals misses its commitments.
    const honest = unwrap(await cheat.dealer(1))!;
    await cheat.saveDealer({ ...honest, coefficients: new Secret(honest.coefficients.reveal().map((a) => a + 1n)) });
    for (let turn = 0; turn < 14; turn++) for (const agent of agents) unwrap(await agent.step());
    const { rounds, completed } = election.board.rulebook.state.ceremonies[0];
    expect(rounds[0]?.ended?.named).toEqual([2]);
    expect(completed).toMatchObject({ round: 2, parties: [1, 3] });
    expect(unwrap(await agents[1]!.step()).kind).toBe("excluded");
    expect(unwrap(await agents[0]!.drill())).toBe("sent");
  });
});
