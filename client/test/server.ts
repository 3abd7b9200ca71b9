/** A demonstration election, started as `npm start` starts it, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { build } from "vite";
import { client } from "./built.ts";

export interface Demonstration {
  readonly url: string;
  /** Unused activation codes. */
  readonly codes: readonly string[];
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const root = path.resolve(client, "..");

/** Resolves when voting is open; throws with the server's own words where it does not start. */
export async function startDemonstration(): Promise<Demonstration> {
  const mode = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  await build({ root: client, configFile: path.join(client, "vite.config.ts"), mode: "production", logLevel: "error" });
  process.env.NODE_ENV = mode;
  // Not by mkdtemp: the embedded Postgres of root runs as `nobody`, who must be able to pass.
  const data = path.join(tmpdir(), `hanpyo-e2e-${process.pid}-${randomUUID()}`);
  const { DATABASE_URL: _, ...environment } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "server/src/main.ts"], {
    cwd: root,
    env: { ...environment, NODE_ENV: "production", PORT: String(await freePort()), DATA_DIR: data },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => said.push(line));
  const codes: string[] = [];
  let url = "";
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    url = /vote\s+(http:\S+?)\/?$/.exec(line)?.[1] ?? url;
    if (/^\s+(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\s*$/.test(line)) codes.push(line.trim());
    if (url !== "" && codes.length >= 10) {
      child.stdout.resume();
      return { url, codes, stop: () => stop(child, data) };
    }
  }
  throw new Error(`the server did not start:\n${said.slice(-40).join("\n")}`);
}

async function stop(child: ChildProcess, data: string): Promise<void> {
  if (child.exitCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
  }
  rmSync(data, { recursive: true, force: true });
}
