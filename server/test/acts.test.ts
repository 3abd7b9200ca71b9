/** What officials do, and what the server itself does as time passes, over the routes. */
import { EntryType } from "@hanpyo/bulletin-board";
import { randomBytes } from "@hanpyo/crypto";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { closeTestDatabase, type TestBoard, type TestBoardOptions, testBoard } from "./test-board.ts";
import { TestElection } from "./test-election.ts";
import { until } from "./until.ts";

const boards: TestBoard[] = [];
const start = async (options: TestBoardOptions = {}) => {
  const test = await testBoard(options);
  boards.push(test);
  return { test, election: new TestElection(test) };
};
afterEach(async () => {
  for (const test of boards.splice(0)) {
    expect(test.fatal).toEqual([]);
    await test.close();
  }
});
afterAll(closeTestDatabase);

const schedule = (test: TestBoard, seconds: number) => ({
  schedule: { opens: test.clock.seconds - 10, closes: test.clock.seconds + seconds },
});
const reason = { ko: "사유", en: "reason" };

describe("the definition", () => {
  it("is taken from the operator alone, and only with this board's keys", async () => {
    const { test, election } = await start();
    const entry = { type: EntryType.definition, payload: randomBytes(100) };
    expect((await election.post("/api/entries/1", entry.payload)).status).toBe(401);
    const wrong = { authorization: "Bearer test-operator-token-0123456780" };
    expect((await election.post("/api/entries/1", entry.payload, wrong)).status).toBe(401);
    expect((await election.submit(entry)).body.code).toBe("definition-invalid");
    const other = { ...test.board.keyNames, passes: test.board.keyNames.record };
    await expect(election.define({ keys: other })).rejects.toThrow(/definition-invalid/);
    expect(test.board.election.head.size).toBe(0);
    await election.define();
    expect(election.state.phase).toBe("setup");
  });
});

describe("acts", () => {
  it("need a second official, an anchor right before them, and nothing newer confirmed since", async () => {
    const { test, election } = await start();
    await election.define();
    await election.ceremonies();
    const at = test.clock.seconds;
    const proposed = await election.propose({ type: EntryType.open, body: { at } });
    const notice = await election.propose({ type: EntryType.notice, body: { text: reason } });
    const size = test.board.election.head.size;
    const { payload } = await election.confirmation(proposed, election.officials[2]!);
    // A confirmation that could not be accepted costs no anchor.
    const broken = Uint8Array.from(payload);
    broken[broken.length - 1]! ^= 1;
    expect((await election.submit({ type: EntryType.open, payload: broken })).body.code).toBe("act-invalid");
    expect(test.board.election.head.size).toBe(size);
    const opened = await election.submit({ type: EntryType.open, payload });
    expect(opened.status).toBe(201);
    expect(opened.body.index).toBe(size + 1);
    expect(election.state.anchor!.entry).toBe(size);
    // Sent again, the answer is the same entry and no further anchor.
    const again = await election.submit({ type: EntryType.open, payload });
    expect([again.status, again.body]).toEqual([200, opened.body]);
    expect(test.board.election.head.size).toBe(size + 2);
    const outdated = await election.submit(await election.confirmation(notice));
    expect(outdated.body.code).toBe("act-outdated");
  });

  it("refuses entries that nobody may send, and unknown types", async () => {
    const { election } = await start();
    await election.define();
    for (const type of [EntryType.anchor, EntryType.ballot, EntryType.close, EntryType.count, EntryType.result, 99])
      expect((await election.post(`/api/entries/${type}`, randomBytes(10))).body.code).toBe("unknown-type");
    expect((await election.post("/api/entries/0", randomBytes(10))).status).toBe(400);
    expect((await election.post("/api/entries/10", new Uint8Array(0))).status).toBe(422);
    expect((await election.post("/api/entries/10", new Uint8Array(60_001))).status).toBe(413);
  });
});

describe("time", () => {
  it("refuses ballots while paused and takes them after; paused time is added to the end", async () => {
    const { election } = await start();
    await election.open();
    const voter = await election.voter();
    const { payload } = election.ballot(voter);
    const { end } = election.state;
    expect((await election.pause()).status).toBe(201);
    const paused = await election.cast(payload);
    expect([paused.status, paused.refusal!.code]).toEqual([422, "paused"]);
    await election.passTime(60);
    expect((await election.resume()).status).toBe(201);
    expect(election.state.end - end).toBeGreaterThanOrEqual(60);
    expect((await election.cast(payload)).acknowledged).not.toBeNull();
  });

  it("pauses by itself after an outage until officials resume", async () => {
    const { test, election } = await start();
    await election.open();
    const voter = await election.voter();
    test.clock.advance(300);
    await until("the outage is on the record", () => election.state.phase === "paused");
    expect(election.state.outages).toHaveLength(1);
    expect((await election.cast(election.ballot(voter).payload)).refusal!.code).toBe("paused");
    expect((await election.resume()).status).toBe(201);
    expect((await election.cast(election.ballot(voter).payload)).acknowledged).not.toBeNull();
  });

  it("records what came before the end, refuses what came after, and closes behind an anchor that covers all", async () => {
    const { test, election } = await start();
    await election.open({ ...schedule(test, 240), mixSeconds: 2 });
    const early = await election.voter();
    const late = await election.voter();
    await election.passTime(election.state.end - test.clock.seconds - 5);
    // In the mixing pool when the end comes: it is flushed, not lost.
    const sent = election.cast(election.ballot(early).payload);
    await until("the ballot is under way", () => test.board.intake.load > 0);
    test.clock.advance(election.state.end - test.clock.seconds);
    const { acknowledged } = await sent;
    expect(acknowledged).not.toBeNull();
    // It was flushed because the end had come: whoever comes now waits for the anchor past the end, which refuses it.
    const refused = await election.cast(election.ballot(late).payload);
    expect(refused.refusal?.code).toBe("late");
    await until("it is closed", () => election.state.closeEntry !== null);
    expect(election.state.lastBallot).toBe(acknowledged!.index);
    expect((await election.cast(election.ballot(late).payload)).refusal!.code).toBe("late");
    // Fewer than the smallest group: nothing is opened, and the result says so without a share.
    await until("there is a result", () => election.state.phase === "decided");
    expect(election.state.count!.message).toMatchObject({ last: acknowledged!.index, counted: [1, 0] });
    expect(election.state.result!.message.contests.map(({ unopened }) => unopened)).toEqual([1, 1]);
  });

  it("aborts five minutes after the confirmation, if it is not withdrawn", async () => {
    const { test, election } = await start();
    await election.open();
    const voter = await election.voter();
    const act = { type: EntryType.abort, body: { at: test.clock.seconds, reason } } as const;
    expect((await election.act(act)).status).toBe(201);
    expect((await election.cast(election.ballot(voter).payload)).acknowledged).not.toBeNull();
    await election.passTime(240);
    expect(election.state.phase).toBe("open");
    test.clock.advance(60);
    await until("it is aborted", () => election.state.phase === "aborted");
    expect(
      (await election.cast(election.ballot(await election.voter(0, { logged: false })).payload)).refusal!.code,
    ).toBe("aborted");
  });

  it("makes no anchor and no act without its witnesses' quorum, and goes on when they are back", async () => {
    const { test, election } = await start({ witnessCount: 2, downWitnesses: () => down });
    let down = 0;
    await election.define({ witnessQuorum: 2 });
    await election.ceremonies();
    down = 1;
    const proposed = await election.propose({ type: EntryType.notice, body: { text: reason } });
    const size = test.board.election.head.size;
    const confirming = election.confirmation(proposed).then((entry) => election.submit(entry));
    await until("a witness was missed", () => test.alarms.length > 0);
    expect(test.board.election.head.size).toBe(size);
    down = 0;
    expect((await confirming).status).toBe(201);
  });
});
