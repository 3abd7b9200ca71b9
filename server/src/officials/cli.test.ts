import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { EntryType, nobleSigner } from "@hanpyo/bulletin-board";
import { bytesToHex } from "@hanpyo/crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { MemoryBoard } from "../../../bulletin-board/src/testing/memory-board.ts";
import { smallDefinition } from "../../../bulletin-board/src/testing/small-definition.ts";
import { main } from "./cli.ts";
import { definitionToJson } from "./definition-file.ts";
import { readKeyFile } from "./key-file.ts";

const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-officials-"));
const file = (name: string) => path.join(folder, name);
const board = new MemoryBoard({ origin: "town.example/rehearsal" });
let server: Server;
let address: string;
let output = "";
let errors = "";

/** The memory board behind a real port. */
function serve(): Promise<Server> {
  const { fetch } = board.surroundings();
  const listening = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.method === "PUT") {
      board.addDocument(new Uint8Array(Buffer.concat(parts)));
      response.writeHead(201).end();
      return;
    }
    const answer = await fetch(`http://board${request.url}`, {
      method: request.method!,
      body: Buffer.concat(parts),
    } as never);
    const bytes = await new Response(answer.body as ReadableStream | null).arrayBuffer();
    response.writeHead(answer.status).end(new Uint8Array(bytes));
  });
  return new Promise((resolve) => listening.listen(0, "127.0.0.1", () => resolve(listening)));
}

/** Runs a command line and gives its exit code; what it printed is in `output` and `errors`. */
function official(...args: string[]): Promise<number> {
  output = "";
  errors = "";
  return main(args);
}

beforeAll(async () => {
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    errors += String(text);
    return true;
  });
  server = await serve();
  address = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  board.now = Math.floor(Date.now() / 1000);
});
afterAll(() => {
  vi.restoreAllMocks();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  board.now = Math.floor(Date.now() / 1000);
});

describe("official", () => {
  it("makes keys that only their owner can read, and overwrites none", async () => {
    for (const name of ["a", "b", "stranger"]) expect(await official("keygen", "--key", file(`${name}.key`))).toBe(0);
    expect(output.trim()).toBe(bytesToHex(readKeyFile(file("stranger.key")).publicKey));
    expect(statSync(file("a.key")).mode & 0o777).toBe(0o600);
    expect(await official("keygen", "--key", file("a.key"))).toBe(3);
    writeFileSync(file("open.key"), readFileSync(file("a.key")), { mode: 0o644 });
    expect(await official("status", "--server", address)).not.toBe(0);
    expect(() => readKeyFile(file("open.key"))).toThrow("chmod");
  });

  it("defines with the signatures of two officials and no fewer", async () => {
    const officials = ["a", "b"].map((name) => readKeyFile(file(`${name}.key`)));
    const key = (n: number) => nobleSigner(new Uint8Array(32).fill(n));
    const body = smallDefinition(board, { officials, trustees: [11, 12, 13].map(key), registrars: [key(21)] });
    writeFileSync(file("definition.json"), definitionToJson(body));
    writeFileSync(file("policy.json"), '{"policy":1}\n');
    const definition = ["--definition", file("definition.json")];
    for (const name of ["a", "b"])
      expect(await official("sign", ...definition, "--key", file(`${name}.key`), "--out", file(`${name}.sig`))).toBe(0);
    expect(await official("sign", ...definition, "--key", file("stranger.key"), "--out", file("x.sig"))).toBe(3);
    const define = ["define", ...definition, "--server", address, "--document", file("policy.json")];
    expect(await official(...define, "--signature", file("a.sig"))).toBe(3);
    expect(await official(...define, "--signature", file("a.sig"), "--signature", file("a.sig"))).toBe(3);
    writeFileSync(file("other.json"), definitionToJson({ ...body, maxBallots: 31 }));
    const other = ["define", "--definition", file("other.json"), "--server", address];
    expect(await official(...other, "--signature", file("a.sig"), "--signature", file("b.sig"))).toBe(3);
    expect(board.size).toBe(0);
    expect(await official(...define, "--signature", file("b.sig"), "--signature", file("a.sig"))).toBe(0);
    expect(board.size).toBe(1);
    expect(output).toContain(bytesToHex(board.rulebook.state.election!));
  });

  it("proposes, shows and confirms, with another official only", async () => {
    const on = ["--server", address];
    const notice = ["propose", "notice", ...on, "--text-ko", "알림", "--text-en", "Notice"];
    expect(await official(...notice, "--key", file("stranger.key"))).toBe(3);
    expect(await official(...notice, "--key", file("a.key"))).toBe(0);
    expect(output).toContain("witnessed");
    const proposal = output.match(/[0-9a-f]{64}/)![0];
    expect(await official("confirm", ...on, "--key", file("a.key"))).toBe(2);
    expect(await official("status", ...on)).toBe(0);
    expect(output).toContain(proposal);
    expect(output).toContain("Notice");
    expect(await official("confirm", ...on, "--key", file("b.key"), "--proposal", proposal)).toBe(0);
    expect(output).toContain("text (ko): 알림");
    expect(board.entry(board.size - 1)[1]).toBe(EntryType.notice);
    expect(await official("confirm", ...on, "--key", file("b.key"), "--proposal", proposal)).toBe(2);
  });

  it("does not sign outdated proposals: another act was confirmed since", async () => {
    const on = ["--server", address];
    const notice = (text: string) => [
      "propose",
      "notice",
      ...on,
      "--text-ko",
      text,
      "--text-en",
      text,
      "--key",
      file("a.key"),
    ];
    expect(await official(...notice("one"))).toBe(0);
    expect(await official(...notice("two"))).toBe(0);
    expect(await official("confirm", ...on, "--key", file("b.key"))).toBe(3);
    const [first, second] = errors.match(/[0-9a-f]{64}/g)!;
    expect(await official("confirm", ...on, "--key", file("b.key"), "--proposal", second!)).toBe(0);
    expect(await official("confirm", ...on, "--key", file("b.key"), "--proposal", first!)).toBe(2);
  });

  it("waits for abort, and lets either of the two take it back", async () => {
    const on = ["--server", address];
    const reason = ["--text-ko", "사유", "--text-en", "Reason"];
    expect(await official("propose", "abort", ...on, ...reason, "--key", file("a.key"))).toBe(0);
    expect(await official("confirm", ...on, "--key", file("b.key"))).toBe(0);
    const act = bytesToHex(board.rulebook.state.waiting[0]!.leafHash);
    expect(await official("withdraw", ...on, "--key", file("a.key"), "--act", act)).toBe(0);
    expect(board.rulebook.state.waiting).toEqual([]);
    expect(await official("withdraw", ...on, "--key", file("b.key"), "--act", act)).toBe(1);
    expect(errors).toContain("out-of-order");
  });

  it("refuses to open before the parties are ready, and says why", async () => {
    const on = ["--server", address];
    expect(await official("propose", "open", ...on, "--key", file("a.key"))).toBe(0);
    expect(await official("confirm", ...on, "--key", file("b.key"))).toBe(1);
    expect(board.rulebook.state.phase).toBe("setup");
  });

  it.each([
    [["frobnicate"]],
    [["propose", "dance", "--server", "http://127.0.0.1:1", "--key", "x"]],
    [["propose", "extend", "--server", "http://127.0.0.1:1", "--key", "x"]],
    [["status"]],
    [["status", "--server", "ftp://x"]],
    [["status", "--server", "http://127.0.0.1:1", "--election", "12"]],
    [["status", "--unknown"]],
    [[]],
  ])("answers wrong usage %j with 3", async (args) => {
    expect(await official(...args)).toBe(3);
  });

  it("says that a server which does not answer is not there yet", async () => {
    expect(await official("status", "--server", "http://127.0.0.1:1")).toBe(2);
    expect(await official("help")).toBe(0);
    expect(output).toContain("propose");
  });
});
