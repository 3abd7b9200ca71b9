/** What anybody reads from a board, and what its log says of people. */
import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import { decodeBundle, decodeEntry, leafHash, MemoryTree, refusals } from "@hanpyo/bulletin-board";
import { bytesToHex, unwrap } from "@hanpyo/crypto";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeTestDatabase, operatorToken, type TestBoard, testBoard } from "./test-board.ts";
import { TestElection, type Voter } from "./test-election.ts";
import { until } from "./until.ts";

let test: TestBoard;
let election: TestElection;
const voters: Voter[] = [];
const casts: Awaited<ReturnType<TestElection["vote"]>>[] = [];

beforeAll(async () => {
  test = await testBoard({ app: { live: true } });
  election = await new TestElection(test).open();
  for (let i = 0; i < 3; i++) voters.push(await election.voter(1));
  for (const voter of voters) casts.push(await election.vote(voter));
});
afterAll(async () => {
  await test.close();
  await closeTestDatabase();
});

const get = (url: string) => test.app.inject({ url });
const immutable = "public, max-age=31536000, immutable";

describe("the logs as files", () => {
  it("serve checkpoint, tiles and bundles that fit together, for any origin and for ever", async () => {
    await until(
      "all is under a checkpoint",
      () => test.board.logs.record.latest?.checkpoint.size === test.board.election.head.size,
    );
    const checkpoint = await get("/record/checkpoint");
    expect(checkpoint.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(checkpoint.headers["cache-control"]).toMatch(/max-age=1\b/);
    const size = Number(checkpoint.body.split("\n")[1]);
    const bundle = await get(`/record/tile/entries/000.p/${size}`);
    expect(bundle.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "cache-control": immutable,
      "access-control-allow-origin": "*",
    });
    const tree = new MemoryTree();
    for (const entry of unwrap(decodeBundle(new Uint8Array(bundle.rawPayload), size))) tree.append(leafHash(entry));
    expect(Buffer.from(tree.root()).toString("base64")).toBe(checkpoint.body.split("\n")[2]);
    const tile = await get(`/record/tile/0/000.p/${size}`);
    expect(tile.rawPayload.length).toBe(32 * size);
    expect((await get("/passes/checkpoint")).body).toContain(`${test.origin}/passes\n3\n`);
  });

  it.each([
    "/record/tile/0/001",
    "/record/tile/0/000",
    "/record/tile/0/0",
    "/record/tile/../keys/acknowledgement",
    "/record/tile/0/000.p/0",
    "/passes/tile/entries/000.p/200",
  ])("have nothing at %s", async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers["cache-control"] ?? "").not.toContain("immutable");
  });
});

describe("documents", () => {
  it("are stored by the operator under their hash and read by anybody", async () => {
    const bytes = Buffer.from("a document");
    const url = `/documents/${createHash("sha256").update(bytes).digest("hex")}`;
    const put = (headers: Record<string, string>, payload = bytes) =>
      test.app.inject({
        method: "PUT",
        url,
        payload,
        headers: { "content-type": "application/octet-stream", ...headers },
      });
    const operator = { authorization: `Bearer ${operatorToken}` };
    expect((await put({})).statusCode).toBe(401);
    expect((await put({ authorization: "Bearer x" })).statusCode).toBe(401);
    expect((await put(operator, Buffer.from("another"))).statusCode).toBe(422);
    expect((await get(url)).statusCode).toBe(404);
    expect((await put(operator)).statusCode).toBe(201);
    expect((await put(operator)).statusCode).toBe(201);
    const answer = await get(url);
    expect([answer.body, answer.headers["cache-control"]]).toEqual(["a document", immutable]);
    expect((await get(`/documents/${"0".repeat(64)}`)).statusCode).toBe(404);
    expect((await get("/documents/x")).statusCode).toBe(400);
  });
});

describe("look-ups", () => {
  it("lists each voter's latest ballot in the bucket of its pseudonym", async () => {
    test.clock.advance(2);
    casts[0] = await election.vote(voters[0]!, 1);
    for (const [i, { keys }] of voters.entries()) {
      const bucket = (keys.encoded[0]! << 4) | (keys.encoded[1]! >> 4);
      const { rawPayload } = await get(`/index/${bucket}`);
      const rows = Array.from({ length: rawPayload.length / 16 }, (_, j) => rawPayload.subarray(16 * j, 16 * j + 16));
      const mine = rows.find((row) => row.subarray(0, 8).equals(Buffer.from(keys.encoded.subarray(0, 8))))!;
      expect(Number(mine.readBigUInt64BE(8))).toBe(casts[i]!.acknowledged.index);
    }
    const taken = new Set(voters.map(({ keys }) => (keys.encoded[0]! << 4) | (keys.encoded[1]! >> 4)));
    for (const bucket of [0, 1, 15, 16, 255, 256, 4094, 4095].filter((it) => !taken.has(it)))
      expect((await get(`/index/${bucket}`)).rawPayload.length).toBe(0);
    expect((await get("/index/4096")).statusCode).toBe(404);
  });
});

describe("the description", () => {
  it("says of every route what it takes", async () => {
    const { paths } = (await get("/api/openapi.json")).json<{ paths: Record<string, object> }>();
    for (const path of [
      "/api/election",
      "/api/entries/{type}",
      "/api/ballots/{context}",
      "/api/passes",
      "/record/checkpoint",
      "/index/{bucket}",
    ])
      expect(Object.keys(paths)).toContain(path);
    const overview = (await get("/api/election")).json<Record<string, unknown>>();
    expect(overview).toMatchObject({
      phase: "open",
      turnout: { total: 3, classes: [0, 3] },
      passes: 3,
      rehearsal: true,
    });
    expect(overview.registrars).toEqual([
      { index: 1, name: "Registrar", url: "http://localhost:80/relay/registrar/1" },
    ]);
  });

  it("answers what is not there with the closed table", async () => {
    const answer = await get("/nothing");
    expect([answer.statusCode, answer.json()]).toEqual([404, { code: "unavailable", sentence: refusals.unavailable }]);
  });
});

describe("live", () => {
  it("tells checkpoints, turnout and phase, at once and when they change", async () => {
    await test.app.listen({ host: "127.0.0.1", port: 0 });
    const address = test.app.server.address() as AddressInfo;
    const socket = io(`http://127.0.0.1:${address.port}`, { transports: ["websocket"] });
    const heard = new Map<string, unknown[]>();
    for (const event of ["checkpoint", "turnout", "phase"])
      socket.on(event, (said: unknown) => heard.set(event, [...(heard.get(event) ?? []), said]));
    await until("the first events", () => heard.size === 3);
    expect(heard.get("turnout")![0]).toMatchObject({ total: 3, classes: [0, 3] });
    await election.vote(await election.voter(1));
    await until("the turnout", () => heard.get("turnout")!.some((said) => (said as { total: number }).total === 4));
    expect((await election.pause()).status).toBe(201);
    await until("the pause", () => heard.get("phase")!.some((said) => (said as { phase: string }).phase === "paused"));
    const newest = heard.get("checkpoint")!.at(-1) as { record: { size: number; note: string } };
    expect(newest.record.note.startsWith(`${test.origin}\n${newest.record.size}\n`)).toBe(true);
    socket.close();
    await election.resume();
  });
});

describe("the server's log", () => {
  it("holds nothing of a person at its most talkative level, refusals and failures included", async () => {
    const remoteAddress = "203.0.113.77";
    const context = bytesToHex(election.state.context!);
    const headers = {
      "content-type": "application/octet-stream",
      "user-agent": "A Person’s Phone",
      cookie: "name=person",
    };
    const send = (payload: Uint8Array) =>
      test.app.inject({
        method: "POST",
        url: `/api/ballots/${context}`,
        payload: Buffer.from(payload),
        headers,
        remoteAddress,
      });
    const voter = await election.voter(1);
    const cast = election.ballot(voter);
    await send(cast.payload);
    await send(cast.payload.slice(1));
    await test.app.inject({
      url: `/index/${(voter.keys.encoded[0]! << 4) | (voter.keys.encoded[1]! >> 4)}`,
      remoteAddress,
    });
    await test.app.inject({ url: "/record/tile/zzz", remoteAddress });
    // A failure inside, which is logged.
    const broken = test.board.election.tables.bucket;
    test.board.election.tables.bucket = () => Promise.reject(new Error("broken on purpose"));
    expect((await test.app.inject({ url: "/index/7", remoteAddress, headers })).statusCode).toBe(500);
    test.board.election.tables.bucket = broken;
    const log = test.log.join("");
    expect(log).toContain("broken on purpose");
    const person = [remoteAddress, "Phone", "person", "cookie", "/index/7", "zzz"];
    const values = [
      cast.h,
      voter.keys.encoded,
      cast.ballot.signature,
      cast.payload.slice(20, 40),
      voter.passes[0]!.signature,
    ];
    for (const value of values)
      for (const encoding of ["hex", "base64", "base64url"] as const)
        person.push(Buffer.from(value).toString(encoding).slice(0, 16));
    for (const word of person) expect(log).not.toContain(word);
    for (const line of test.log) expect(line).not.toMatch(/remoteAddress|remotePort|"ip"|"time"|"reqId"/);
  });
});

describe("the record", () => {
  it("mentions no person: its ballots hold what the protocol says and no time", async () => {
    const index = casts[1]!.acknowledged.index;
    for await (const body of test.board.election.record.read(index, index + 1))
      expect(unwrap(decodeEntry(body)).payload).toEqual(casts[1]!.payload);
  });
});
