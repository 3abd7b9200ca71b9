import { decodeTlogProof, decodeVkey, openCheckpoint, policy, verifyTlogProof } from "@hanpyo/bulletin-board";
import { unwrap } from "@hanpyo/crypto";
import { afterAll, describe, expect, it } from "vitest";
import { closeTestDatabase, testBoard } from "./test-board.ts";
import { TestElection } from "./test-election.ts";
import { until } from "./until.ts";

afterAll(closeTestDatabase);

describe("a whole election", () => {
  it("runs from definition to result over the routes, with a restart at every phase", async () => {
    const test = await testBoard();
    const election = await new TestElection(test).open({
      mixSeconds: 1,
      schedule: { opens: test.clock.seconds - 10, closes: test.clock.seconds + 240 },
    });
    const voters = await Promise.all(Array.from({ length: 12 }, () => election.voter(0)));
    const casts = await Promise.all(voters.map((voter, i) => election.vote(voter, i % 3)));
    const indices = casts.map(({ acknowledged }) => acknowledged.index);
    expect(new Set(indices).size).toBe(12);

    const { receipt, acknowledged } = casts[0]!;
    const witnesses = test.witnessKeys.map((key) => unwrap(decodeVkey(key)));
    const keys = unwrap(policy(unwrap(decodeVkey(test.board.keyNames.record)), witnesses, 1));
    const leaf = Uint8Array.from(Buffer.from(acknowledged.leaf, "base64url"));
    expect(verifyTlogProof(unwrap(decodeTlogProof(receipt!)), leaf, keys).ok).toBe(true);

    await test.restart();
    // One changes its mind: from option 0 to option 2.
    test.clock.advance(2);
    await election.vote(voters[0]!, 2);
    expect(election.state.ballots).toBe(13);

    await election.passTime(240);
    await until("the server has closed, counted and summed", () => election.state.phase === "tallied");
    expect(election.state.count!.message.counted).toEqual([12, 0]);
    await test.restart();
    expect(election.state.phase).toBe("tallied");
    for (const trustee of [1, 2]) await election.accept(election.share(trustee));
    await until("the result is there", () => election.state.phase === "decided");
    const { contests } = election.state.result!.message;
    expect(contests[0]!.totals).toEqual([3, 4, 5]);
    expect(contests[1]!.totals).toEqual([12, 24]);

    await test.restart();
    expect(election.state.phase).toBe("decided");
    const overview = (await test.app.inject({ url: "/api/election" })).json();
    expect(overview).toMatchObject({ phase: "decided", turnout: { total: 12, classes: [12, 0] } });
    await until("the last checkpoint covers the record", async () => {
      const note = (await test.app.inject({ url: "/record/checkpoint" })).body;
      const opened = openCheckpoint(note, keys);
      return opened.ok && opened.value.checkpoint.size === test.board.election.head.size;
    });
    expect(test.fatal).toEqual([]);
    await test.close();
  });
});
