/** `tsx server/src/registrar/cli.ts keygen|serve|destroy`: a registrar's own server, on its own machine. */
import { clockOf, nodeSurroundings, openPool } from "@hanpyo/bulletin-board/node";
import { bytesToHex } from "@hanpyo/crypto";
import {
  type ExitCode,
  exitCode,
  hash32,
  readArguments,
  required,
  serverAddress,
  UsageError,
  wholeNumber,
} from "../trustees/command-line.ts";
import { Registrar } from "./registrar.ts";
import { ServerFolder } from "./server-folder.ts";

const help = `registrar COMMAND --dir DIR …

A registrar's own work, on the registrar's own machine. DIR holds its keys; keep it to yourself.

  keygen    make the signing key of DIR and print its public key, for the definition
  serve     take part in the key ceremony, publish the keys, then issue passes until it is stopped
  destroy   destroy this registrar's share of the nullifier key for good, after the contest period (asks for --yes)

  --server URL      the board's address
  --roll DIR        folder with roll.csv, roll.sig and roll.salt
  --port N          port on 127.0.0.1 (default 4000); a proxy with TLS stands before it
  --proxy ADDRESS   the proxy's address, whose forwarded headers are believed
  --election HEX    the election E that was agreed on (default: what the board carries)
  DATABASE_URL      the registrar's own database

Exit codes: 0 done · 1 refused · 3 wrong usage.
`;

const options = {
  dir: { type: "string" },
  server: { type: "string" },
  roll: { type: "string" },
  port: { type: "string" },
  proxy: { type: "string" },
  election: { type: "string" },
  yes: { type: "boolean" },
} as const;

export async function main([command, ...rest]: readonly string[]): Promise<ExitCode> {
  try {
    if (command === "keygen") return keygen(rest);
    if (command === "destroy") return destroy(rest);
    if (command === "serve") return await serve(rest);
    throw new UsageError(help);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return exitCode.usage;
  }
}

function keygen(args: readonly string[]): ExitCode {
  const folder = new ServerFolder(required(readArguments(args, options).dir, "dir"));
  process.stdout.write(`${bytesToHex(folder.createKey().publicKey)}\n`);
  return exitCode.done;
}

function destroy(args: readonly string[]): ExitCode {
  const values = readArguments(args, options);
  const folder = new ServerFolder(required(values.dir, "dir"));
  if (folder.shareDestroyed) return exitCode.done;
  if (values.yes !== true) {
    process.stderr.write(
      "This cannot be undone: no nullifier can be computed again with this share. Repeat with --yes.\n",
    );
    return exitCode.refused;
  }
  folder.destroyShare();
  process.stdout.write("destroyed\n");
  return exitCode.done;
}

async function serve(args: readonly string[]): Promise<ExitCode> {
  const values = readArguments(args, options);
  const database = process.env.DATABASE_URL;
  if (!database) throw new UsageError("DATABASE_URL is missing");
  const port = wholeNumber(values.port ?? "4000", "port");
  const pool = openPool({ connectionString: database, max: 20 });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const registrar = new Registrar({
    server: serverAddress(required(values.server, "server")),
    folder: new ServerFolder(required(values.dir, "dir")),
    roll: required(values.roll, "roll"),
    pool,
    around: nodeSurroundings(clockOf(process.env)),
    log: { write: (line) => say(line.trimEnd()) },
    say,
    onFatal: (error) => fail(error),
    ...(values.election === undefined ? {} : { election: hash32(values.election, "election") }),
    ...(values.proxy === undefined ? {} : { trustProxy: [values.proxy] }),
  });
  say(`listening on 127.0.0.1:${await registrar.start(port)}`);
  registrar.ready.then(() => say(`registrar ${registrar.index} issues passes`), fail);
  try {
    await Promise.race([failed, stopSignal()]);
  } finally {
    await registrar.stop();
    await pool.end();
  }
  return exitCode.done;
}

/** Resolves at SIGTERM or SIGINT. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}

if (process.argv[1] !== undefined && import.meta.url === new URL(process.argv[1], "file:").href)
  process.exitCode = await main(process.argv.slice(2));
