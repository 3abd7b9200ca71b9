/** Nothing acknowledged is lost: the server is killed at random moments under ballots, and every promise must be kept. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { acknowledgementMessage, decodeEntry, leafHash, strictVerify } from "@hanpyo/bulletin-board";
import { bytesToHex, unwrap } from "@hanpyo/crypto";
import { afterAll, expect, it } from "vitest";
import { closeTestDatabase, testBoard, testDatabase } from "./test-board.ts";
import { type Acknowledged, type Cast, TestElection, type Voter } from "./test-election.ts";

afterAll(closeTestDatabase);

const kills = 20;
const voters = 60;

class BoardProcess {
  readonly #options: string;
  #child: ChildProcess | null = null;
  #port = 0;

  constructor(options: string) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const script = path.join(import.meta.dirname, "board-process.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script, this.#options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    let errors = "";
    child.stderr.on("data", (text) => {
      errors += text;
    });
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the board ended with ${code}: ${errors}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        this.#port = Number(/listens on ([0-9]+)/.exec(line)?.[1] ?? 0);
        if (this.#port > 0) resolve();
      });
    });
  }

  async kill(): Promise<void> {
    const child = this.#child!;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  /** The acknowledgement, however the connection ends after it; null where there was none. */
  async cast(context: string, payload: Uint8Array): Promise<Acknowledged | null> {
    let text = "";
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/api/ballots/${context}`, {
        method: "POST",
        body: Uint8Array.from(payload),
        headers: { "content-type": "application/octet-stream" },
        signal: AbortSignal.timeout(10_000),
      });
      for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString("utf8");
        if (text.includes('"acknowledged"') && text.endsWith("\n")) break;
      }
    } catch {
      // Killed in the middle: what was said before counts.
    }
    for (const line of text.split("\n").slice(0, -1)) {
      const said = JSON.parse(line) as { acknowledged?: Acknowledged; refusal?: { code: string; signature?: string } };
      if (said.acknowledged) return said.acknowledged;
      if (said.refusal?.signature && said.refusal.code !== "stale-previous")
        throw new Error(`refused: ${said.refusal.code}`);
    }
    return null;
  }
}

it(`keeps every acknowledged ballot over ${kills} kills`, async () => {
  const test = await testBoard();
  const election = await new TestElection(test).open();
  const context = bytesToHex(election.state.context!);
  const people: Voter[] = [];
  for (let i = 0; i < voters; i++) people.push(await election.voter(1));
  const { acknowledgementKey } = test.board;
  // Everything is encrypted before: under load the server shall be busy, not the test.
  const first: Cast[] = people.map((voter) => election.ballot(voter));
  const second = people.map((voter, i) => election.ballot({ ...voter, previous: first[i]!.h }, 1));
  const { state } = election;
  await test.stop();

  const { connection } = await testDatabase();
  const file = path.join(test.folder, "process.json");
  writeFileSync(file, JSON.stringify({ connection, folder: test.folder, origin: test.origin }));
  const board = new BoardProcess(file);
  await board.start();

  const promises = new Map<string, Acknowledged[]>();
  let killed = 0;
  let ended = false;
  const work = people.map(async (_, i) => {
    for (const cast of [first[i]!, second[i]!]) {
      const name = bytesToHex(cast.h);
      while (!ended) {
        const acknowledged = await board.cast(context, cast.payload);
        if (acknowledged !== null) {
          promises.set(name, [...(promises.get(name) ?? []), acknowledged]);
          // Asked again after some kills: the answer must stay the same.
          if (killed >= kills || randomInt(4) === 0) break;
        }
        await new Promise((resolve) => setTimeout(resolve, 30 + randomInt(400)));
      }
    }
  });
  for (; killed < kills; killed++) {
    await new Promise((resolve) => setTimeout(resolve, randomInt(1200)));
    await board.kill();
    await board.start();
  }
  await Promise.all(work);
  ended = true;
  await board.kill();

  await test.restart();
  expect(promises.size).toBe(2 * voters);
  const entries: Uint8Array[] = [];
  const { record } = test.board.election;
  for await (const body of record.read(0, test.board.election.head.size)) entries.push(body);
  for (const [h, said] of promises) {
    for (const it of said) expect(it).toEqual(said[0]);
    const { index, prev, leaf, signature } = said[0]!;
    const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64url"));
    const fields = {
      origin: test.origin,
      index,
      prev: bytes(prev),
      leaf: bytes(leaf),
      ballot: Uint8Array.from(Buffer.from(h, "hex")),
    };
    expect(strictVerify(bytes(signature), acknowledgementMessage(fields), acknowledgementKey.publicKey)).toBe(true);
    expect(leafHash(entries[index]!)).toEqual(bytes(leaf));
    expect(unwrap(decodeEntry(entries[index]!)).prev).toEqual(bytes(prev));
  }
  // The restart has folded the whole record and compared it with the tables.
  expect(test.board.election.state.ballots).toBe(2 * voters);
  expect(test.board.election.state.firstBallots).toEqual([0, voters]);
  expect(state.ballots).toBe(0);
  expect(test.fatal).toEqual([]);
  await test.close();
}, 300_000);
