/** The parties as a process of their own beside a real board, and a resident's device from code to recorded ballot and back. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import {
  type Board,
  castBallot,
  decodeBallot,
  decodeVkey,
  encodeBallot,
  lookUp,
  lookUpCode,
  obtainPasses,
  openBoard,
  type Pass,
  type SignedBallot,
  type Surroundings,
  searchRecord,
  signBallot,
  verifyReceipt,
  verifyRefusal,
} from "@hanpyo/bulletin-board";
import { HttpWitness, nodeSurroundings, SignerHost } from "@hanpyo/bulletin-board/node";
import { encryptBallot, hexToBytes, randomBytes, Secret, systemClock, unwrap } from "@hanpyo/crypto";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeTestDatabase, operatorToken, testDatabase } from "../../test/test-board.ts";
import { buildApp } from "../app.ts";
import { type BoardServer, openBoardServer } from "../board-server.ts";
import type { PartiesReady } from "./parties.ts";
import { type PartiesConfig, readPartiesConfig } from "./parties-config.ts";
import { demonstrationRoll, ensureDemonstration } from "./setup.ts";

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
};

describe("the parties of a demonstration", () => {
  const folder = mkdtempSync("/tmp/hanpyo-parties-");
  const said: string[] = [];
  const fatal: unknown[] = [];
  let child: ChildProcess;
  let app: FastifyInstance;
  let server: BoardServer;
  let url = "";
  let around: Surroundings;
  let codes: readonly string[] = [];
  let board: Board;

  async function startChild(config: PartiesConfig): Promise<PartiesReady> {
    const file = path.join(folder, "parties.json");
    writeFileSync(file, JSON.stringify(config));
    const script = path.join(import.meta.dirname, "parties.ts");
    child = spawn(process.execPath, ["--import", "tsx", script, file], { stdio: ["pipe", "pipe", "pipe"] });
    createInterface({ input: child.stderr! }).on("line", (line) => void said.push(line));
    for await (const line of createInterface({ input: child.stdout! })) {
      return (JSON.parse(line) as { ready: PartiesReady }).ready;
    }
    throw new Error(`the parties ended before they were ready:\n${said.join("\n")}`);
  }

  beforeAll(async () => {
    const { pool } = await testDatabase();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    around = nodeSurroundings(systemClock, url);
    const { host, user, database } = pool.options as unknown as Record<"host" | "user" | "database", string>;
    const ready = await startChild({
      server: url,
      folder: path.join(folder, "parties"),
      roll: demonstrationRoll(path.join(folder, "demo")),
      registrars: 4,
      trustees: 3,
      witnesses: 4,
      domain: "demo.test",
      database: { host, user, database },
      interval: 200,
    });
    const signers = await SignerHost.open(path.join(folder, "signer"), systemClock);
    server = await openBoardServer({
      pool,
      dataDir: path.join(folder, "data"),
      origin: `test.example/rehearsal/parties-${process.pid}`,
      clock: systemClock,
      signer: async (name) => {
        const client = await signers.create(name);
        return { client, key: client.key };
      },
      witness: (key) => {
        const found = ready.witnesses.find(({ vkey }) => unwrap(decodeVkey(vkey)).name === key.name);
        return found && new HttpWitness(key, found.url);
      },
      anchorSeconds: 10,
      verifiers: 1,
      interval: 300,
      onFatal: (error) => void fatal.push(error),
    });
    app = await buildApp({
      board: server,
      client: path.join(folder, "no-client"),
      registrarUrls: ready.registrars.map((_, i) => `/relay/registrar/${i + 1}`),
      relayTo: ready.registrars.map((each) => each.url),
      operatorToken,
      live: false,
      logger: { level: "error", stream: { write: (line: string) => void said.push(`board: ${line.trimEnd()}`) } },
    });
    await app.listen({ port, host: "127.0.0.1" });
    const made = await ensureDemonstration({
      server: url,
      folder: path.join(folder, "demo"),
      operatorToken,
      parties: {
        trustees: ready.trustees.map(({ key }) => hexToBytes(key)),
        registrars: ready.registrars.map(({ key }) => hexToBytes(key)),
        witnesses: ready.witnesses.map(({ vkey }) => vkey),
      },
      around,
      client: Buffer.from("{}\n"),
    });
    codes = made.codes;
    board = unwrap(await openBoard(around, url, made.election));
  });

  afterAll(async () => {
    if (fatal.length > 0 || process.env.SHOW_PARTIES) console.log(said.join("\n"));
    expect(fatal).toEqual([]);
    await app?.close();
    await server?.stop();
    if (child?.exitCode === null) child.kill("SIGKILL");
    await closeTestDatabase();
    rmSync(folder, { recursive: true, force: true });
  });

  let pass: Pass;
  let first: SignedBallot;
  let second: SignedBallot;
  const encrypt = (choice: number, previous: Uint8Array | null) => {
    const context = board.election.voting!.ballotContext(pass.class);
    const choices = context.contests.map(({ layout }) =>
      Array.from({ length: layout.values }, (_, option) => (option === choice ? 1 : 0)),
    );
    const core = encryptBallot(context, {
      pseudonym: pass.pseudonym.encoded,
      previous,
      checker: null,
      choices,
      seed: randomBytes(32),
    });
    return signBallot(board, unwrap(core), pass.pseudonym, pass.passes);
  };

  it("give a resident a pass in seconds", async () => {
    const start = performance.now();
    const got = unwrap(await obtainPasses(around, board, { code: codes[0]!, seed: new Secret(randomBytes(32)) }));
    console.log(`code to pass over a real board: ${Math.round(performance.now() - start)} ms`);
    [pass] = got.passes as [Pass];
    expect(pass.answered).toEqual([1, 2, 3, 4]);
    expect(got.troubles).toEqual([]);
  });

  it("see the ballot recorded, with a receipt that anybody can check", async () => {
    first = encrypt(0, null);
    const steps: string[] = [];
    const start = performance.now();
    const cast = unwrap(await castBallot(around, board, first, { progress: ({ step }) => void steps.push(step) }));
    console.log(`ballot to receipt: ${Math.round(performance.now() - start)} ms`);
    expect(cast.outcome).toBe("recorded");
    if (cast.outcome !== "recorded") return;
    expect(steps).toEqual(["sending", "received", "acknowledged", "recorded"]);
    const { policy } = board.record;
    expect(unwrap(verifyReceipt(policy, cast.receipt, cast.acknowledgement.leaf)).index).toBe(
      cast.acknowledgement.index,
    );
    expect(verifyReceipt(policy, cast.receipt, randomBytes(32)).ok).toBe(false);
    expect(
      verifyReceipt(
        { ...policy, k: 4, witnesses: policy.witnesses.slice(0, 1) },
        cast.receipt,
        cast.acknowledgement.leaf,
      ).ok,
    ).toBe(false);
  });

  it("answer the same bytes, and another signature on the same ballot, with the first entry", async () => {
    const again = unwrap(await castBallot(around, board, first));
    const decoded = unwrap(decodeBallot(first.payload));
    const resigned = signBallot(board, decoded.core, pass.pseudonym, pass.passes);
    expect(Buffer.from(resigned.payload).equals(first.payload)).toBe(false);
    const other = unwrap(await castBallot(around, board, resigned));
    expect(again.outcome).toBe("recorded");
    expect(other.outcome).toBe("recorded");
    if (again.outcome === "recorded" && other.outcome === "recorded")
      expect(other.acknowledgement.index).toBe(again.acknowledgement.index);
  });

  it("take a re-vote that names the ballot before it, and refuse one that does not, signed", async () => {
    second = encrypt(1, first.h);
    expect(unwrap(await castBallot(around, board, second)).outcome).toBe("recorded");
    const stale = unwrap(await castBallot(around, board, encrypt(2, first.h)));
    expect(stale).toMatchObject({ outcome: "refused", refusal: { code: "stale-previous" } });
    if (stale.outcome === "refused") {
      expect(verifyRefusal(board.election, stale.refusal)).toBe(true);
      expect(verifyRefusal(board.election, { ...stale.refusal, code: "late" })).toBe(false);
    }
  });

  it("let the device find its ballots again, by pseudonym, code and h, in whole bundles", async () => {
    const paths: string[] = [];
    const listening: Surroundings = {
      ...around,
      fetch: (address, init) => {
        paths.push(new URL(address, url).pathname);
        return around.fetch(address, init);
      },
    };
    const fresh = unwrap(await openBoard(listening, url));
    paths.length = 0;
    const found = unwrap(await lookUp(listening, fresh, pass.pseudonym.encoded));
    const latest = found.ballots.at(-1)!;
    expect(latest.code).toBe(second.code);
    expect(found.complete).toBe(found.ballots.length === 2);
    expect(paths.every((each) => /^\/(record\/(checkpoint|tile\/.*)|index\/[0-9]+)$/.test(each))).toBe(true);
    const wanted = await lookUpCode(around, board, pass.pseudonym.encoded, { code: second.code });
    expect(unwrap(wanted)?.index).toBe(latest.index);
    expect(unwrap(await lookUpCode(around, board, pass.pseudonym.encoded, { h: second.h }))?.index).toBe(latest.index);
    const older = unwrap(await searchRecord(board, { h: first.h }))!;
    expect(older.index).toBeLessThan(latest.index);
    expect(older.code).toBe(first.code);
    expect(unwrap(await searchRecord(board, { h: randomBytes(32) }))).toBeNull();
    expect(unwrap(await lookUp(around, board, randomBytes(32))).ballots).toEqual([]);
  });

  it("refuse a ballot without its passes, with a changed proof, or for another election", async () => {
    const got = unwrap(await obtainPasses(around, board, { code: codes[1]!, seed: new Secret(randomBytes(32)) }));
    const own = pass;
    [pass] = got.passes as [Pass];
    const good = encrypt(0, null);
    const ballot = unwrap(decodeBallot(good.payload));
    const bare = signBallot(board, ballot.core, pass.pseudonym, []);
    expect(unwrap(await castBallot(around, board, bare))).toMatchObject({
      outcome: "refused",
      refusal: { code: "pass-missing" },
    });
    const [contest] = ballot.core.contests;
    const responses = Uint8Array.from(contest!.responses);
    responses[0]! ^= 1;
    const core = { ...ballot.core, contests: [{ ...contest!, responses }, ...ballot.core.contests.slice(1)] };
    const broken = signBallot(board, core, pass.pseudonym, pass.passes);
    expect(unwrap(await castBallot(around, board, broken)).outcome).toBe("refused");
    const unsigned = { ...good, payload: encodeBallot({ ...ballot, signature: randomBytes(64) }) };
    const outcome = await castBallot(around, board, unsigned, { patience: 1000 });
    expect(outcome.ok && outcome.value.outcome === "refused").toBe(true);
    expect(unwrap(await castBallot(around, board, good)).outcome).toBe("recorded");
    pass = own;
  });

  it("end in order when they are told to, having said nothing of any person", async () => {
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    const text = said.join("\n");
    for (const code of codes) expect(text).not.toContain(code);
    expect(text).not.toMatch(/M-[0-9]{4}/);
  });
});

describe("the parties' configuration", () => {
  const good = {
    server: "http://127.0.0.1:3000",
    folder: "/x",
    roll: "/y",
    registrars: 4,
    trustees: 5,
    witnesses: 4,
    domain: "demo.test",
    database: { connectionString: "postgres://x" },
  };
  it("is read strictly", () => {
    expect(readPartiesConfig(JSON.stringify(good))).toEqual(good);
    for (const bad of [{ registrars: "4" }, { more: 1 }, { server: "http://elsewhere:1" }, { database: {} }])
      expect(() => readPartiesConfig(JSON.stringify({ ...good, ...bad }))).toThrow("configuration");
  });
});
