/** Admission to the pass log: the first entry under a nullifier with the quorum's endorsements, and nothing else. */
import { encodeRecord, passEntry } from "@hanpyo/bulletin-board";
import { randomBytes } from "@hanpyo/crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { closeTestDatabase, type TestBoard, testBoard } from "./test-board.ts";
import { TestElection } from "./test-election.ts";
import { until } from "./until.ts";

let test: TestBoard;
let election: TestElection;

beforeAll(async () => {
  test = await testBoard();
  election = await new TestElection(test).open();
});
afterAll(async () => {
  await test.close();
  await closeTestDatabase();
});

const post = (payload: Uint8Array) => election.post("/api/passes", payload);
const size = async () => (await test.board.passLog.store.head()).size;

describe("the pass log", () => {
  it("admits the first entry under a nullifier and answers the same request with it", async () => {
    const [request, nullifier] = [randomBytes(32), randomBytes(32)];
    const first = await post(election.passPayload(0, request, nullifier));
    expect(first.status).toBe(201);
    // Another registrar may append the same request with its own endorsements: it stands already.
    const again = await post(election.passPayload(0, request, nullifier));
    expect([again.status, again.body]).toEqual([200, first.body]);
    const other = await post(election.passPayload(0, randomBytes(32), nullifier));
    expect([other.status, other.body.code, other.body.index]).toEqual([409, "nullifier-repeated", first.body.index]);
  });

  it("admits one of many that come at once under one nullifier", async () => {
    const before = await size();
    const nullifier = randomBytes(32);
    const payloads = Array.from({ length: 8 }, () => election.passPayload(0, randomBytes(32), nullifier));
    const answers = await Promise.all(payloads.map(post));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
    expect(await size()).toBe(before + 1);
  });

  it("counts a pass that was committed though the answer to the commit was lost", async () => {
    const { counts, store } = test.board.passLog;
    const before = { size: counts.size, total: counts.total(1) };
    const real = store.transaction.bind(store);
    const lost = vi.spyOn(store, "transaction").mockImplementationOnce(async (work) => {
      await real(work);
      throw new Error("the connection ended");
    });
    const payload = election.passPayload(1, randomBytes(32), randomBytes(32));
    expect((await post(payload)).status).toBe(500);
    lost.mockRestore();
    expect([counts.size, counts.total(1)]).toEqual([before.size + 1, before.total + 1]);
    expect(await size()).toBe(counts.size);
    expect((await post(payload)).status).toBe(200);
    expect((await post(election.passPayload(0, randomBytes(32), randomBytes(32)))).status).toBe(201);
    expect(counts.perClass(await size())![1]).toBe(before.total + 1);
  });

  it("refuses malformed entries, unknown classes, other policies, missing and false endorsements", async () => {
    const before = await size();
    const good = () => election.passPayload(0, randomBytes(32), randomBytes(32));
    const endorsement = { registrar: 1, evidence: randomBytes(32), signature: randomBytes(64) };
    const entry = {
      nullifier: randomBytes(32),
      class: 0,
      request: randomBytes(32),
      policy: election.state.definition!.policy,
      endorsements: [endorsement],
    };
    const cases: [string, Uint8Array][] = [
      ["form-invalid", randomBytes(200)],
      ["form-invalid", good().slice(0, -1)],
      ["form-invalid", Uint8Array.of(...good(), 0)],
      ["form-invalid", election.passPayload(7, randomBytes(32), randomBytes(32))],
      ["form-invalid", election.passPayload(0, randomBytes(32), randomBytes(32), { policy: randomBytes(32) })],
      ["endorsement-invalid", encodeRecord(passEntry, entry)],
      ["endorsement-invalid", encodeRecord(passEntry, { ...entry, endorsements: [{ ...endorsement, registrar: 2 }] })],
      ["endorsements-missing", encodeRecord(passEntry, { ...entry, endorsements: [endorsement, endorsement] })],
    ];
    for (const [code, payload] of cases) expect((await post(payload)).body.code).toBe(code);
    expect(await size()).toBe(before);
    // An endorsement of one entry says nothing about another.
    const moved = Uint8Array.from(good());
    moved[moved.length - 150]! ^= 1;
    expect((await post(moved)).status).toBe(422);
    expect(await size()).toBe(before);
  });

  it("refuses more passes than certified", async () => {
    const { classes } = election.state.definition!;
    while (test.board.passLog.counts.total(0) < classes[0]!.certified!)
      expect((await post(election.passPayload(0, randomBytes(32), randomBytes(32)))).status).toBe(201);
    const over = await post(election.passPayload(0, randomBytes(32), randomBytes(32)));
    expect([over.status, over.body.code]).toEqual([422, "over-certified"]);
    expect((await post(election.passPayload(1, randomBytes(32), randomBytes(32)))).status).toBe(201);
  });

  it("stands after a restart, and is frozen by the close", async () => {
    const before = await size();
    const [request, nullifier] = [randomBytes(32), randomBytes(32)];
    await post(election.passPayload(1, request, nullifier));
    await test.restart();
    expect(test.board.passLog.counts.size).toBe(before + 1);
    expect((await post(election.passPayload(1, request, nullifier))).status).toBe(200);
    const { end } = election.state;
    await election.passTime(end - test.clock.seconds + 1);
    await until("it is counted", () => ["tallied", "decided"].includes(election.state.phase));
    expect(election.state.passesFrozen).toBe(before + 1);
    const late = await post(election.passPayload(1, randomBytes(32), randomBytes(32)));
    expect([late.status, late.body.code]).toEqual([422, "passes-frozen"]);
    expect(await size()).toBe(before + 1);
  });
});
