/** What the command-line tools of trustees and officials share: arguments, exit codes, surroundings, passphrases. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { refusals, type Trouble } from "@hanpyo/bulletin-board";
import { hexToBytes, Secret } from "@hanpyo/crypto";

export { clockOf, nodeSurroundings } from "@hanpyo/bulletin-board/node";

/** Exit codes, those of the verifier (docs/protocol.md section 9): done · refused or failed · not yet · wrong usage or unreadable. */
export const exitCode = { done: 0, refused: 1, pending: 2, usage: 3 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Wrong arguments; the message is for the person who typed them. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Strict: unknown options and stray words are usage errors. */
export function readArguments<O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export function required(value: string | boolean | undefined, name: string): string {
  if (typeof value !== "string" || value === "") throw new UsageError(`--${name} is missing`);
  return value;
}

/** An address as http(s)://host[:port], without a slash at its end. */
export function serverAddress(value: string): string {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new UsageError("--server is not an address such as https://vote.example");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new UsageError("--server begins with https:// or http://");
  return value.replace(/\/+$/, "");
}

export function wholeNumber(value: string, name: string, min = 0): number {
  if (!/^[0-9]{1,15}$/.test(value) || Number(value) < min)
    throw new UsageError(`--${name} is a whole number from ${min}`);
  return Number(value);
}

export function hash32(value: string, name: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new UsageError(`--${name} is 64 hex digits`);
  return hexToBytes(value);
}

/**
 * The passphrase from a file (its first line), or asked for without echo where there is a terminal. `twice` asks again, for
 * a passphrase that is chosen now. Never an argument: other users of a machine can read those.
 */
export async function readPassphrase(file: string | undefined, twice: boolean): Promise<Secret<string>> {
  if (file !== undefined) {
    const line = readFileSync(file, "utf8").split(/\r?\n/)[0] ?? "";
    if (line === "") throw new UsageError("the passphrase file is empty");
    return new Secret(line);
  }
  if (!process.stdin.isTTY)
    throw new UsageError("there is no terminal to ask for the passphrase; use --passphrase-file");
  const first = await ask("Passphrase: ");
  if (first.length < 12) throw new UsageError("a passphrase has at least 12 characters");
  if (twice && (await ask("Again: ")) !== first) throw new UsageError("the two passphrases differ");
  return new Secret(first);
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await reader.question("");
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}

/** A trouble for the terminal: what happened in both languages, and the detail. */
export function printTrouble(trouble: Pick<Trouble, "detail"> & { readonly code: string }): void {
  const sentences = (refusals as Record<string, { readonly ko: string; readonly en: string } | undefined>)[
    trouble.code
  ];
  if (sentences) process.stderr.write(`${sentences.en}\n${sentences.ko}\n`);
  process.stderr.write(`${trouble.code}: ${trouble.detail}\n`);
}

/** Troubles that pass by themselves. */
const passing: ReadonlySet<string> = new Set(["unavailable", "overloaded", "quorum-missing", "witnesses-missing"]);
export const isPassing = (trouble: { readonly code: string }): boolean => passing.has(trouble.code);

const helpWords: readonly (string | undefined)[] = ["help", "--help", "-h"];

/**
 * The frame of a command with subcommands: its help, its wrong usage (exit code 3, one sentence), else `run`.
 * `name` is how npm knows it.
 */
export async function runCommand<T extends Options>(
  { name, help, options }: { readonly name: string; readonly help: string; readonly options: T },
  args: readonly string[],
  run: (command: string, values: ReturnType<typeof readArguments<T>>) => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    const [command, ...rest] = args;
    if (command === undefined || helpWords.includes(command)) {
      process.stdout.write(help);
      return command === undefined ? exitCode.usage : exitCode.done;
    }
    const values = readArguments(rest, options);
    if ((values as { help?: boolean }).help) {
      process.stdout.write(help);
      return exitCode.done;
    }
    return await run(command, values);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nnpm run ${name} -- help shows how it is used.\n`);
    return exitCode.usage;
  }
}
