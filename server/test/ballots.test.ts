/** Every way in which a ballot is not taken, over the real routes with real proofs, and the ways in which it is. */
import { refusalMessage, refusals, strictVerify } from "@hanpyo/bulletin-board";
import { type BallotCore, bytesToHex, randomBytes, randomKeyPair } from "@hanpyo/crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { proofSetting } from "../src/ballots/proof-check.ts";
import { ProofPool } from "../src/ballots/proof-pool.ts";
import { closeTestDatabase, type TestBoard, testBoard } from "./test-board.ts";
import { type Cast, type Refusal, TestElection, type Voter } from "./test-election.ts";

let test: TestBoard;
let election: TestElection;
let voter: Voter;

beforeAll(async () => {
  test = await testBoard();
  election = await new TestElection(test).open();
  voter = await election.voter(0);
});
afterAll(async () => {
  await test.close();
  await closeTestDatabase();
});

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64url"));

/** The refusal's own paper: it must name this ballot and hold under the acknowledgement key. */
function expectSigned(refusal: Refusal, h: Uint8Array | null): void {
  expect(refusal.ballot).toBe(h && Buffer.from(h).toString("base64url"));
  expect(refusal.sentence).toEqual(refusals[refusal.code as keyof typeof refusals]);
  const { board } = test;
  expect(refusal.head).toBe(board.election.head.size - 1);
  expect(bytes(refusal.leaf)).toEqual(board.election.head.leafHash);
  const fields = { code: refusal.code, head: refusal.head, reason: refusal.reason, leaf: bytes(refusal.leaf) };
  const message = refusalMessage({ origin: test.origin, ballot: h, ...fields });
  expect(strictVerify(bytes(refusal.signature), message, board.acknowledgementKey.publicKey)).toBe(true);
}

async function expectRefused(code: string, payload: Uint8Array, h: Uint8Array | null, context?: string) {
  const before = { size: test.board.election.head.size, ballots: election.state.ballots };
  const answer = await election.cast(payload, context);
  expect(answer.refusal?.code).toBe(code);
  expect(answer.status).toBe(422);
  expect(answer.acknowledged).toBeNull();
  expect({ size: test.board.election.head.size, ballots: election.state.ballots }).toEqual(before);
  expectSigned(answer.refusal!, h);
  return answer;
}

/** A core with bytes of one contest's field replaced, signed anew. */
function bent(field: "ciphertexts" | "commitments" | "responses", at: number, value: Uint8Array, contest = 0): Cast {
  const change = (core: BallotCore): BallotCore => ({
    ...core,
    contests: core.contests.map((block, i) => {
      if (i !== contest) return block;
      const changed = Uint8Array.from(block[field]);
      changed.set(value, at);
      return { ...block, [field]: changed };
    }),
  });
  return election.ballot(voter, 0, { core: change });
}
const identity = new Uint8Array(32);
const noPoint = new Uint8Array(32).fill(0xff);
const somePoint = (): Uint8Array => randomKeyPair().encoded;

describe("malformed bytes", () => {
  it.each<[string, (payload: Uint8Array) => Uint8Array]>([
    ["nothing", () => new Uint8Array(0)],
    ["something else", () => randomBytes(500)],
    ["a truncated ballot", (payload) => payload.slice(0, -1)],
    ["a ballot and a byte", (payload) => Uint8Array.of(...payload, 0)],
    ["a length that is not the shortest", (payload) => Uint8Array.of(0x98, 3, ...payload.slice(1))],
  ])("refuses %s", async (_, change) => {
    await expectRefused("malformed", change(election.ballot(voter).payload), null);
  });

  it("refuses what is larger than an entry, signed too", async () => {
    const answer = await election.cast(randomBytes(60_001));
    expect([answer.status, answer.refusal!.code]).toEqual([413, "too-large"]);
    expectSigned(answer.refusal!, null);
  });

  it("refuses a body of another type", async () => {
    const response = await test.app.inject({
      method: "POST",
      url: `/api/ballots/${bytesToHex(election.state.context!)}`,
      payload: { ballot: 1 },
    });
    expect(response.statusCode).toBe(422);
    expect(JSON.parse(response.body).refusal!.code).toBe("malformed");
  });

  it("refuses ciphertexts, commitments and responses of a wrong length", async () => {
    for (const field of ["ciphertexts", "commitments", "responses"] as const) {
      const core = (it: BallotCore): BallotCore => ({
        ...it,
        contests: it.contests.map((block, i) => (i === 1 ? { ...block, [field]: block[field].slice(32) } : block)),
      });
      const cast = election.ballot(voter, 0, { core });
      await expectRefused("malformed", cast.payload, cast.h);
    }
  });
});

describe("proofs", () => {
  it.each<[string, string, () => Cast]>([
    ["the identity as R", "bad-point", () => bent("ciphertexts", 0, identity)],
    ["bytes that are no point", "bad-point", () => bent("ciphertexts", 32, noPoint)],
    ["the identity as a commitment", "bad-point", () => bent("commitments", 0, identity)],
    ["a scalar that is not reduced", "bad-scalar", () => bent("responses", 0, noPoint)],
    ["another ciphertext under the proof", "selection-invalid", () => bent("ciphertexts", 32, somePoint())],
    [
      "an R that stands twice",
      "randomness-repeated",
      () => {
        const { ciphertexts } = election.ballot(voter).ballot.core.contests[0]!;
        return election.ballot(voter, 0, {
          core: (core) => ({
            ...core,
            contests: core.contests.map((block, i) => {
              if (i !== 0) return block;
              const changed = Uint8Array.from(block.ciphertexts);
              changed.set(ciphertexts.slice(0, 32), 0);
              changed.set(ciphertexts.slice(0, 32), 64);
              return { ...block, ciphertexts: changed };
            }),
          }),
        });
      },
    ],
  ])("refuses %s as %s", async (_, code, make) => {
    const cast = make();
    await expectRefused(code, cast.payload, cast.h);
  });

  it("refuses a sum beyond the contest's limits", async () => {
    const cast = election.ballot(voter);
    // The last response of contest 0 is of the sum's only branch: the options' proofs still hold.
    const { responses } = cast.ballot.core.contests[0]!;
    const wrong = bent("responses", responses.length - 32, cast.ballot.core.contests[1]!.responses.slice(0, 32));
    await expectRefused("limits-invalid", wrong.payload, wrong.h);
  });

  it("refuses a signature by another key, and one over other passes", async () => {
    const { ballot } = election.ballot(voter);
    const stranger: Voter = { ...voter, keys: randomKeyPair() };
    const forged = election.sign(stranger, ballot.core, voter.passes);
    await expectRefused("signature-invalid", forged.payload, forged.h);
    const other = election.sign(voter, ballot.core, []);
    const { encodeBallot } = await import("@hanpyo/bulletin-board");
    const moved = encodeBallot({ ...other.ballot, passes: voter.passes });
    await expectRefused("signature-invalid", moved, other.h);
  });
});

describe("passes", () => {
  it("refuses a ballot without one, and with one of somebody else", async () => {
    const none = election.ballot(voter, 0, { passes: [] });
    await expectRefused("pass-missing", none.payload, none.h);
    const other = await election.voter(0);
    const stolen = election.ballot(voter, 0, { passes: other.passes });
    await expectRefused("pass-invalid", stolen.payload, stolen.h);
    const twice = election.ballot(voter, 0, { passes: [voter.passes[0]!, voter.passes[0]!] });
    await expectRefused("pass-missing", twice.payload, twice.h);
  });

  it("judges what a stranger cannot make before proofs that a stranger can spoil", async () => {
    const spoiled = (core: BallotCore): BallotCore => ({
      ...core,
      contests: core.contests.map((block) => ({ ...block, commitments: block.commitments.map(() => 0xff) })),
    });
    const passes = voter.passes.map((pass) => ({ ...pass, signature: randomBytes(256) }));
    const first = election.ballot(voter, 0, { core: spoiled, passes });
    await expectRefused("pass-invalid", first.payload, first.h);
    const mine = await election.voter(0);
    await election.vote(mine);
    test.clock.advance(20);
    const again = election.ballot(mine, 0, { core: spoiled });
    const forged = election.sign({ ...mine, keys: randomKeyPair() }, again.ballot.core, []);
    await expectRefused("signature-invalid", forged.payload, forged.h);
    await expectRefused("bad-point", again.payload, again.h);
  });

  it("refuses a pass of another class", async () => {
    const west = await election.voter(1);
    const moved = election.ballot({ ...west, class: 0 });
    await expectRefused("pass-invalid", moved.payload, moved.h);
  });

  it("refuses more first ballots than logged passes, which would stop every later anchor", async () => {
    const fresh = await testBoard();
    const small = await new TestElection(fresh).open();
    const unlogged = await small.voter(0, { logged: false });
    const answer = await small.cast(small.ballot(unlogged).payload);
    expect(answer.refusal!.code).toBe("no-passes-left");
    await fresh.close();
  });
});

describe("place in the record", () => {
  it("refuses a ballot of another election or class", async () => {
    const cast = election.ballot(voter);
    await expectRefused("wrong-election", cast.payload, null, bytesToHex(randomBytes(32)));
    const other = election.ballot(voter, 0, { core: (core) => ({ ...core, class: 1 }) });
    await expectRefused("wrong-class", other.payload, other.h);
    const none = election.ballot(voter, 0, { core: (core) => ({ ...core, class: 999 }) });
    await expectRefused("wrong-class", none.payload, none.h);
  });

  it("answers a retry of the same bytes with the first entry", async () => {
    const mine = await election.voter(0);
    const cast = election.ballot(mine);
    const first = await election.cast(cast.payload);
    const again = await election.cast(cast.payload);
    expect(first.acknowledged!.index).toBe(test.board.election.state.lastBallot);
    expect(again.acknowledged).toEqual(first.acknowledged);
    expect(again.receipt).not.toBeNull();
    // A second valid signature on the same h is the same ballot.
    const resigned = election.sign(mine, cast.ballot.core, mine.passes);
    expect(resigned.payload).not.toEqual(cast.payload);
    expect((await election.cast(resigned.payload)).acknowledged).toEqual(first.acknowledged);
    expect(election.state.lastBallot).toBe(first.acknowledged!.index);
  });

  it("takes the same ballot sent many times at once as one", async () => {
    const mine = await election.voter(0);
    const { payload } = election.ballot(mine);
    const before = election.state.ballots;
    const answers = await Promise.all(Array.from({ length: 8 }, () => election.cast(payload)));
    expect(new Set(answers.map(({ acknowledged }) => acknowledged!.index)).size).toBe(1);
    expect(election.state.ballots).toBe(before + 1);
  });

  it("refuses two first ballots of one pseudonym but for one", async () => {
    const mine = await election.voter(0);
    const casts = [election.ballot(mine, 0), election.ballot(mine, 1)];
    const answers = await Promise.all(casts.map(({ payload }) => election.cast(payload)));
    expect(answers.filter(({ acknowledged }) => acknowledged !== null)).toHaveLength(1);
    const refused = answers.find(({ refusal }) => refusal !== null)!;
    expect(["stale-previous", "pass-invalid"]).toContain(refused.refusal!.code);
    expect(refused.refusal!.reason).toBe(election.state.lastBallot);
  });

  it("refuses a copied ciphertext under another pseudonym", async () => {
    const mine = await election.voter(0);
    const first = await election.vote(mine);
    const thief = await election.voter(0);
    const core = { ...first.ballot.core, pseudonym: thief.keys.encoded };
    const copy = election.sign(thief, core, thief.passes);
    const answer = await expectRefused("copied", copy.payload, copy.h);
    expect(answer.refusal!.reason).toBe(first.acknowledged!.index);
  });

  it("refuses a stale previous, a re-vote with passes, a changed class, and too many ballots", async () => {
    const mine = await election.voter(0);
    const first = await election.vote(mine);
    test.clock.advance(20);
    const stale = election.ballot({ ...mine, previous: randomBytes(32) });
    const answer = await expectRefused("stale-previous", stale.payload, stale.h);
    expect(answer.refusal!.reason).toBe(first.acknowledged!.index);
    const null_ = election.ballot({ ...mine, previous: null });
    const withPasses = election.ballot(mine, 0, { passes: mine.passes });
    await expectRefused("pass-invalid", withPasses.payload, withPasses.h);
    expect((await election.cast(null_.payload)).refusal!.code).toBe("pass-invalid");
    const moved = election.ballot({ ...mine, class: 1 });
    await expectRefused("class-changed", moved.payload, moved.h);
    for (let i = 0; i < 3; i++) {
      await election.vote(mine, i);
      test.clock.advance(10);
    }
    const fifth = election.ballot(mine);
    await expectRefused("too-many-ballots", fifth.payload, fifth.h);
  });

  it("spaces re-votes without refusing them", async () => {
    const mine = await election.voter(0);
    await election.vote(mine);
    const { payload } = election.ballot(mine, 1);
    const soon = await election.cast(payload);
    expect([soon.status, soon.refusal!.code, soon.headers["retry-after"]]).toEqual([429, "too-soon", "1"]);
    expect(soon.refusal!.signature).toBeUndefined();
    test.clock.advance(1);
    expect((await election.cast(payload)).acknowledged).not.toBeNull();
  });
});

describe("a re-vote sent before its predecessor has its place", () => {
  it("waits for it", async () => {
    const slow = await testBoard();
    const other = await new TestElection(slow).open({ mixSeconds: 1 });
    const mine = await other.voter(0);
    const first = other.ballot(mine);
    const sent = other.cast(first.payload);
    await new Promise((resolve) => setTimeout(resolve, 0));
    while (slow.board.intake.load === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    slow.clock.advance(5);
    const second = other.ballot({ ...mine, previous: first.h });
    // Resent while it is too soon, as a device does.
    let answer = await other.cast(second.payload);
    while (answer.refusal?.code === "too-soon") {
      slow.clock.advance(1);
      answer = await other.cast(second.payload);
    }
    expect((await sent).acknowledged!.index).toBeLessThan(answer.acknowledged!.index);
    await slow.close();
  });
});

describe("the proof checkers", () => {
  it("answer for every ballot though one of them is killed in the middle", async () => {
    const pool = new ProofPool(proofSetting(election.state)!, 1);
    const good = election.ballot(voter).payload;
    const bad = bent("ciphertexts", 32, somePoint()).payload;
    expect(await pool.check(good)).toBeNull();
    const answers = Promise.all(Array.from({ length: 12 }, (_, i) => pool.check(i % 3 === 0 ? bad : good)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [pid] = pool.pids;
    process.kill(pid!, "SIGKILL");
    const verdicts = await answers;
    expect(verdicts.map((it) => it?.code ?? null)).toEqual(
      Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? "selection-invalid" : null)),
    );
    expect(pool.pids).not.toContain(pid);
    expect(pool.load).toBe(0);
    await pool.close();
    await expect(pool.check(good)).rejects.toThrow("closed");
  });
});

describe("the service", () => {
  it("asks to send again when too many are under way, which is no refusal", async () => {
    const busy = await testBoard({ capacity: 0 });
    const small = await new TestElection(busy).open();
    const answer = await small.cast(small.ballot(await small.voter(0)).payload);
    expect([answer.status, answer.refusal!.code, answer.headers["retry-after"]]).toEqual([503, "overloaded", "2"]);
    expect(answer.refusal!.signature).toBeUndefined();
    await busy.close();
  });

  it("refuses before the opening", async () => {
    const early = await testBoard();
    const small = new TestElection(early);
    const answer = await small.cast(randomBytes(100), bytesToHex(randomBytes(32)));
    expect(answer.refusal!.code).toBe("not-open");
    await early.close();
  });
});
