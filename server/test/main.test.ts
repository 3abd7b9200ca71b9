/** `npm start` as a whole: a demonstration comes up, outlives its children's deaths and its own, and stops in order. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { until } from "./until.ts";

const root = path.resolve(import.meta.dirname, "../..");
// Not below a private folder: as root, Postgres runs as `nobody` and must get there.
const dataDir = path.join(tmpdir(), `hanpyo-main-${process.pid}`);
const patience = 150_000;
let running: Server | null = null;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

class Server {
  output = "";
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(port: number, args: readonly string[] = []) {
    this.url = `http://127.0.0.1:${port}`;
    const main = path.join(root, "server/src/main.ts");
    this.child = spawn(process.execPath, ["--import", "tsx", main, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), DATA_DIR: dataDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on("data", (text) => {
        this.output += text;
      });
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
    running = this;
  }

  /** Until the codes are printed. */
  async up(): Promise<void> {
    const isUp = () => {
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}:\n${this.output}`);
      return this.codes().length > 0 && this.output.endsWith("\n\n");
    };
    await until("the demonstration is open", isUp, patience);
  }

  codes(): string[] {
    return this.output.match(/^ {4}([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/gm) ?? [];
  }

  async overview(): Promise<{ election: string; phase: string; size: number }> {
    return (await (await fetch(`${this.url}/api/election`)).json()) as {
      election: string;
      phase: string;
      size: number;
    };
  }

  async checkpointSize(): Promise<number> {
    return Number((await (await fetch(`${this.url}/record/checkpoint`)).text()).split("\n")[1]);
  }
}

/** Process ids of children whose command line names this test's folder and the word. */
function children(word: string): number[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid,args"], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line.includes(dataDir) && line.includes(word))
    .map((line) => Number.parseInt(line, 10));
}

afterAll(async () => {
  running?.child.kill("SIGTERM");
  await running?.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

it(
  "starts, resumes, and stops",
  async () => {
    const port = await freePort();
    const first = new Server(port);
    await first.up();
    expect(first.codes()).toHaveLength(10);
    expect(first.output).not.toMatch(/token|secret/i);
    const { election, phase } = await first.overview();
    expect(phase).toBe("open");
    if (existsSync(path.join(root, "client/dist/index.html"))) {
      const headers = JSON.parse(readFileSync(path.join(root, "client/csp.json"), "utf8")) as Record<string, string>;
      for (const page of ["/", "/observe"]) {
        const answer = await fetch(`${first.url}${page}`);
        expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
        for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name)).toBe(value);
      }
    }
    const relayed = await fetch(`${first.url}/relay/registrar/1/nonce`, {
      method: "POST",
      body: JSON.stringify({ key: "A".repeat(43) }),
      headers: { "content-type": "application/json" },
    });
    expect(await relayed.json()).toMatchObject({ code: "unknown-voter" });

    // A second server on the same folder, and a fresh one, are turned away.
    for (const args of [[], ["--fresh"]]) {
      const second = new Server(await freePort(), args);
      expect(await second.ended).toBe(3);
      expect(second.output).toContain("DATA_DIR");
      running = first;
    }

    // Signer and parties die: they are started again, and the next anchor gets its witnesses.
    for (const word of ["signer-process", "parties"]) for (const pid of children(word)) process.kill(pid, "SIGKILL");
    const { size } = await first.overview();
    await until("the record goes on under its witnesses", async () => (await first.checkpointSize()) > size, patience);

    // The server is killed: its children leave, the next start goes on with the same election.
    first.child.kill("SIGKILL");
    await first.ended;
    await until("the children have left", () => children("signer-process").length + children("parties").length === 0);
    const again = new Server(port);
    await again.up();
    expect((await again.overview()).election).toBe(election);
    expect(again.codes()).toEqual(first.codes());

    again.child.kill("SIGINT");
    expect(await again.ended).toBe(0);
    expect(children("").length).toBe(0);
    running = null;
  },
  4 * patience,
);
