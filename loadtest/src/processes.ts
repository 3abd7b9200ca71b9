/** Child processes of a test election: every party runs as its own, through its own command line. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

export const repository = path.resolve(import.meta.dirname, "../..");

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** What a child inherits: enough to run, nothing that configures a server. */
const inherited = (): Environment =>
  Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "LANG", "NODE_OPTIONS"].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    ),
  );

/** Services get a pipe as their input: they end when it does, so that a killed run leaves no orphans. */
function start(
  script: string,
  args: readonly string[],
  environment: Environment,
  input: "ignore" | "pipe" = "ignore",
): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", path.join(repository, script), ...args], {
    cwd: repository,
    env: { ...inherited(), ...environment },
    stdio: [input, "pipe", "pipe"],
  });
}

/** Runs a command to its end. */
export function run(script: string, args: readonly string[], environment: Environment = {}): Promise<Finished> {
  const child = start(script, args, environment);
  let stdout = "";
  let stderr = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** Runs a command that must succeed; throws with what it printed otherwise. */
export async function must(script: string, args: readonly string[], environment: Environment = {}): Promise<string> {
  const done = await run(script, args, environment);
  if (done.code !== 0)
    throw new Error(`${script} ${args[0] ?? ""} ended with ${done.code}\n${done.stderr}${done.stdout}`);
  return done.stdout;
}

/** A process that runs until it is stopped; its output goes to a file. */
export class Service {
  readonly name: string;
  readonly log: string;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #closed: Promise<number>;
  #code: number | null = null;
  #waiting: (() => void)[] = [];

  constructor(name: string, folder: string, script: string, args: readonly string[], environment: Environment) {
    this.name = name;
    this.log = path.join(folder, `${name}.log`);
    mkdirSync(folder, { recursive: true });
    this.#child = start(script, args, environment, "pipe");
    const file = createWriteStream(this.log);
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      createInterface({ input: stream }).on("line", (line) => {
        this.#lines.push(line);
        file.write(`${line}\n`);
        this.#wake();
      });
    this.#closed = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        this.#code = code ?? 1;
        file.end();
        this.#wake();
        resolve(this.#code);
      });
    });
  }

  /** The first line that matches; throws with the end of the log if the process ends before. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      for (const line of this.#lines) {
        const match = line.match(pattern);
        if (match) return match;
      }
      this.alive();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Throws with the end of its log if the process has ended. */
  alive(): void {
    if (this.#code !== null)
      throw new Error(`${this.name} ended with ${this.#code}:\n${this.#lines.slice(-25).join("\n")}`);
  }

  async stop(): Promise<number> {
    if (this.#code === null) this.#child.kill("SIGTERM");
    return this.#closed;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
