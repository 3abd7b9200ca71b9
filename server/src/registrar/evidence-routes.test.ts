import {
  close,
  count,
  EntryType,
  ed25519Official,
  encodeDefinitionBody,
  encodeRecord,
  LogReader,
  nobleSigner,
  policyOf,
  signDefinition,
} from "@hanpyo/bulletin-board";
import { bytesToHex, ok, randomBytes, unwrap } from "@hanpyo/crypto";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { MemoryBoard } from "../../../bulletin-board/src/testing/memory-board.ts";
import { smallDefinition } from "../../../bulletin-board/src/testing/small-definition.ts";
import { CountSeen } from "./count-seen.ts";
import { type EvidenceSource, evidenceRoutes } from "./evidence-routes.ts";

/** A board whose rulebook is passed over: what a dishonest operator could append under honest witnesses. */
async function dishonestBoard() {
  const board = new MemoryBoard({ origin: "count.example/rehearsal" });
  const key = (n: number) => nobleSigner(new Uint8Array(32).fill(n));
  const officials = [key(1), key(2)];
  const parties = { officials, trustees: [key(3), key(4)], registrars: [key(5)] };
  const body = smallDefinition(board, parties);
  const hands = [ed25519Official(0, officials[0]!), ed25519Official(1, officials[1]!)] as const;
  const definition = await signDefinition(encodeDefinitionBody(body), board.origin, hands);
  unwrap(board.append(definition.type, definition.payload));
  const around = board.surroundings();
  const reader = () => new LogReader(around, "http://board/record", unwrap(policyOf(body)));
  const clock = { now: () => board.now * 1000 };
  const anchored = board.anchor.bind(board);
  board.anchor = () => undefined;
  const counted = encodeRecord(count, { last: null, counted: [0], bitmap: new Uint8Array(32) });
  return {
    board,
    closes: body.schedule.closes,
    anchor: anchored,
    seen: () => new CountSeen(reader(), body.schedule.closes, clock),
    ended: () => board.append(EntryType.close, encodeRecord(close, {}), true),
    counted: () => board.append(EntryType.count, counted, true),
    add: (type: number) => board.append(type, new Uint8Array([0xa0]), true),
  };
}

describe("a registrar sees the count", () => {
  it("once it stands on the record, however much follows it, and believes nothing less", async () => {
    const it = await dishonestBoard();
    const watching = it.seen();
    const look = async () => {
      it.board.now += 2;
      return unwrap(await watching.seen());
    };
    expect(await look()).toBe(false);
    for (let i = 0; i < 300; i++) it.add(EntryType.ballot);
    it.board.now = it.closes;
    it.anchor();
    it.ended();
    expect(await look()).toBe(false);
    it.anchor();
    expect(await look()).toBe(false);
    it.counted();
    expect(await look()).toBe(true);
    for (let i = 0; i < 600; i++) it.add(EntryType.notice);
    it.add(EntryType.result);
    expect(unwrap(await it.seen().seen())).toBe(true);
  });

  it("not from a count before the time of closing, nor from one without an anchor, nor in the middle of voting", async () => {
    const early = await dishonestBoard();
    early.anchor();
    early.ended();
    early.anchor();
    early.counted();
    expect(unwrap(await early.seen().seen())).toBe(false);

    const bare = await dishonestBoard();
    bare.board.now = bare.closes;
    bare.anchor();
    bare.ended();
    bare.counted();
    expect(unwrap(await bare.seen().seen())).toBe(false);

    const middle = await dishonestBoard();
    middle.board.now = middle.closes;
    middle.anchor();
    middle.counted();
    middle.add(EntryType.ballot);
    expect(unwrap(await middle.seen().seen())).toBe(false);

    const malformed = await dishonestBoard();
    malformed.board.now = malformed.closes;
    malformed.anchor();
    malformed.add(EntryType.count);
    expect(unwrap(await malformed.seen().seen())).toBe(false);
  });

  it("not from a checkpoint without the witnesses' quorum", async () => {
    const it = await dishonestBoard();
    it.board.now = it.closes;
    it.anchor();
    it.counted();
    const whole = it.board.checkpoint.bind(it.board);
    it.board.checkpoint = () => whole(2);
    expect(await it.seen().seen()).toMatchObject({ ok: false, error: { code: "quorum-missing" } });
    it.board.checkpoint = () => whole(3);
    expect(unwrap(await it.seen().seen())).toBe(true);
  });

  it("from an anchor that lies in another bundle than the count", async () => {
    const it = await dishonestBoard();
    while (it.board.size < 255) it.add(EntryType.notice);
    it.board.now = it.closes;
    it.anchor();
    expect(it.board.size).toBe(256);
    it.counted();
    expect(unwrap(await it.seen().seen())).toBe(true);
  });
});

describe("the route of evidence", () => {
  const hash = bytesToHex(randomBytes(32));
  const sealed = randomBytes(600);
  const start = (source: Pick<EvidenceSource, "counted" | "sealed"> | null, times = 100) => {
    const clock = { ms: 0, now: () => clock.ms };
    const app = Fastify();
    evidenceRoutes(app, { source: () => source, clock, allowance: { times, within: 60_000 } });
    const get = async (name = hash) => {
      const answer = await app.inject({ url: `/evidence/${name}` });
      const code = answer.statusCode === 200 ? null : (answer.json() as { code: string }).code;
      return { status: answer.statusCode, code, bytes: new Uint8Array(answer.rawPayload) };
    };
    return { clock, get };
  };
  const counted = { counted: async () => ok(true), sealed: async () => sealed };

  it("gives the bytes as they are", async () => {
    const { get } = start(counted);
    expect(await get()).toEqual({ status: 200, code: null, bytes: sealed });
  });

  it("asks its database for nothing before the count, and says so while it cannot know", async () => {
    const never = { sealed: () => Promise.reject(new Error("asked too early")) };
    expect(await start({ ...never, counted: async () => ok(false) }).get()).toMatchObject({
      status: 403,
      code: "out-of-order",
    });
    const error = { code: "quorum-missing" as const, detail: "" };
    const unknown = start({ ...never, counted: async () => ({ ok: false as const, error }) });
    expect(await unknown.get()).toMatchObject({ status: 503, code: "unavailable" });
    expect(await start(null).get()).toMatchObject({ status: 503, code: "unavailable" });
  });

  it("answers one connection so many times a minute", async () => {
    const { clock, get } = start(counted, 3);
    for (let i = 0; i < 3; i++) expect((await get()).status).toBe(200);
    expect(await get()).toMatchObject({ status: 429, code: "overloaded" });
    clock.ms = 60_000;
    expect((await get()).status).toBe(200);
  });

  it("takes 64 hex digits only", async () => {
    const { get } = start(counted);
    for (const name of [hash.toUpperCase(), hash.slice(2), `${hash}00`, "..%2f"])
      expect((await get(name)).status).toBe(400);
  });
});
