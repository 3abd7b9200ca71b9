/** `npm run auditor`: an auditor's own work, on its own machine. */
import path from "node:path";
import { RecordFollower } from "@hanpyo/bulletin-board";
import { bytesToHex, hexToBytes } from "@hanpyo/crypto";
import {
  clockOf,
  type ExitCode,
  exitCode,
  hash32,
  isPassing,
  nodeSurroundings,
  printTrouble,
  type readArguments,
  required,
  runCommand,
  serverAddress,
  UsageError,
  wholeNumber,
} from "../trustees/command-line.ts";
import { readIfThere, writeDurably } from "../trustees/files.ts";
import { AuditorAgent, type AuditorTrouble, postReport } from "./agent.ts";
import { AuditorFolder, publicPart, readEvidenceKey } from "./keys.ts";

const help = `npm run auditor -- COMMAND --dir DIR [--server URL] [--values DIR] …

An auditor's own work, on the auditor's own machine. DIR holds the signing key, the value that is hidden until the
count, and the auditors' evidence key, which opens who asked for which pass: keep it to yourself.

  keygen   make the keys of DIR and print what goes into the definition, as JSON
  reveal   after the count: write this auditor's value to the exchange folder
  audit    draw the sample, open and check its evidence; writes the report to DIR and to the exchange folder
  sign     sign the report, if this auditor's own audit led to it; writes the signature to the exchange folder
  post     post the report with the signatures of the exchange folder; needs no DIR

  --server URL          the board's address
  --dir DIR             the auditor's folder
  --values DIR          the exchange folder, shared or carried between auditors: auditor-I.value, .report, .signature
  --election HEX        the election E that was agreed on (default: what the board carries)
  --evidence-key FILE   keygen: evidence.key of the auditor who made it first (default: make a new one)
  --roll DIR            audit: folder with roll.csv, roll.sig and roll.salt, as registrars have them
  --withheld I,J        audit: auditors, from 1, that will not reveal their value; the report names them
  --registrar I=URL     audit: where registrar I is, if not where the board says; once per registrar
  --final               audit: do not wait for registrars that are silent; what is missing becomes a finding

Exit codes: 0 done · 1 refused, or there are findings · 2 not yet (others are missing) · 3 wrong usage or unreadable.
`;

const options = {
  server: { type: "string" },
  dir: { type: "string" },
  values: { type: "string" },
  election: { type: "string" },
  "evidence-key": { type: "string" },
  roll: { type: "string" },
  withheld: { type: "string" },
  registrar: { type: "string", multiple: true },
  final: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
type Values = ReturnType<typeof readArguments<typeof options>>;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export const main = (args: readonly string[]): Promise<ExitCode> =>
  runCommand({ name: "auditor", help, options }, args, run);

async function run(command: string, values: Values): Promise<ExitCode> {
  if (command === "keygen") return keygen(values);
  if (!["reveal", "audit", "sign", "post"].includes(command)) throw new UsageError(`there is no command ${command}`);
  const server = serverAddress(required(values.server, "server"));
  const exchange = required(values.values, "values");
  const election = values.election === undefined ? undefined : hash32(values.election, "election");
  const around = nodeSurroundings(clockOf(process.env), server);
  if (command === "post") {
    const follower = await RecordFollower.open({ around, server, ...(election ? { election } : {}) });
    return follower.ok ? post(follower.value, exchange) : failed(follower.error);
  }
  const folder = new AuditorFolder(required(values.dir, "dir"));
  const agent = await AuditorAgent.open({ around, server, folder, election });
  if (!agent.ok) return failed(agent.error);
  say(`auditor ${agent.value.index} of election ${bytesToHex(agent.value.follower.election)}`);
  if (command === "reveal") return reveal(agent.value, exchange);
  return command === "audit" ? audit(agent.value, exchange, values) : sign(agent.value, exchange);
}

function keygen(values: Values): ExitCode {
  const folder = new AuditorFolder(required(values.dir, "dir"));
  const given = values["evidence-key"];
  const evidence = given === undefined ? undefined : readEvidenceKey(given);
  if (evidence !== undefined && !evidence.ok) return failed(evidence.error);
  const keys = folder.create(evidence?.value);
  if (!keys.ok) return failed(keys.error);
  const { key, commitment, evidenceKey } = publicPart(keys.value);
  const hex = { key: bytesToHex(key), commitment: bytesToHex(commitment), evidenceKey: bytesToHex(evidenceKey) };
  say(JSON.stringify(hex, null, 2));
  return exitCode.done;
}

type Kind = "value" | "report" | "signature";
const exchanged = (exchange: string, index: number, kind: Kind): string =>
  path.join(exchange, `auditor-${index}.${kind}`);

/** Bytes that an auditor put into the exchange folder, as hex of this length; null where there is no file. */
function readExchanged(exchange: string, index: number, kind: Kind, length: number | null): Uint8Array | null {
  const file = exchanged(exchange, index, kind);
  const bytes = readIfThere(file);
  if (bytes === null || length === null) return bytes;
  const text = Buffer.from(bytes).toString("utf8").trim();
  if (!/^[0-9a-f]*$/.test(text) || text.length !== 2 * length)
    throw new UsageError(`${file} is not ${length} bytes as hex`);
  return hexToBytes(text);
}

async function reveal(agent: AuditorAgent, exchange: string): Promise<ExitCode> {
  const value = await agent.reveal();
  if (!value.ok) return failed(value.error);
  const file = exchanged(exchange, agent.index, "value");
  writeDurably(file, `${bytesToHex(value.value)}\n`);
  say(`revealed: ${file}`);
  return exitCode.done;
}

function readIndices(text: string | undefined, most: number): ReadonlySet<number> {
  const indices = text === undefined ? [] : text.split(",").map((each) => wholeNumber(each, "withheld", 1));
  if (indices.some((index) => index > most)) throw new UsageError(`--withheld names auditors from 1 to ${most}`);
  return new Set(indices);
}

function readAddresses(given: readonly string[]): ReadonlyMap<number, string> {
  return new Map(
    given.map((each) => {
      const [, index, url] = /^([1-9][0-9]?)=(.*)$/.exec(each) ?? [];
      if (index === undefined || url === undefined) throw new UsageError("--registrar is written as 1=https://…");
      return [Number(index), `${serverAddress(url)}/`];
    }),
  );
}

async function audit(agent: AuditorAgent, exchange: string, given: Values): Promise<ExitCode> {
  const { auditors } = agent.follower.definition;
  const withheld = readIndices(given.withheld, auditors.length);
  const roll = required(given.roll, "roll");
  const registrars = readAddresses(given.registrar ?? []);
  const own = await agent.reveal();
  if (!own.ok) return failed(own.error);
  const values = auditors.map((_, i) => {
    if (withheld.has(i + 1)) return null;
    return i + 1 === agent.index ? own.value : readExchanged(exchange, i + 1, "value", 32);
  });
  const missing = values.flatMap((value, i) => (value === null && !withheld.has(i + 1) ? [i + 1] : []));
  if (missing.length > 0) {
    process.stderr.write(
      `no value of auditor ${missing.join(", ")} in ${exchange} yet; --withheld leaves out who refuses, and says so\n`,
    );
    return exitCode.pending;
  }
  const done = await agent.audit({ values, roll, registrars, final: given.final === true });
  if (!done.ok) return failed(done.error);
  const { unsigned, sample, findings } = done.value;
  for (const index of done.value.withheld) say(`auditor ${index} (${auditors[index - 1]!.name}) withholds its value`);
  const file = exchanged(exchange, agent.index, "report");
  writeDurably(file, unsigned);
  say(
    `opened ${sample.length} passes: ${findings.length === 0 ? "nothing to object to" : `${findings.length} findings`}`,
  );
  for (const { entry, text } of findings) say(`  pass ${entry}: ${text}`);
  say(`report: ${file}`);
  return findings.length === 0 ? exitCode.done : exitCode.refused;
}

async function sign(agent: AuditorAgent, exchange: string): Promise<ExitCode> {
  const unsigned = agent.ownReport();
  if (!unsigned.ok) return failed(unsigned.error);
  for (const [i] of agent.follower.definition.auditors.entries()) {
    const other = readExchanged(exchange, i + 1, "report", null);
    if (other === null || bytesToHex(other) === bytesToHex(unsigned.value)) continue;
    process.stderr.write(
      `the report of auditor ${i + 1} differs from this auditor's own; find out why before you sign\n`,
    );
    return exitCode.refused;
  }
  const signature = await agent.sign(unsigned.value);
  if (!signature.ok) return failed(signature.error);
  const file = exchanged(exchange, agent.index, "signature");
  writeDurably(file, `${bytesToHex(signature.value)}\n`);
  say(`signed: ${file}`);
  return exitCode.done;
}

async function post(follower: RecordFollower, exchange: string): Promise<ExitCode> {
  const indices = follower.definition.auditors.map((_, i) => i + 1);
  const reports = indices.flatMap((index) => readExchanged(exchange, index, "report", null) ?? []);
  const [unsigned] = reports;
  if (unsigned === undefined) throw new UsageError(`${exchange} holds no report`);
  if (reports.some((each) => bytesToHex(each) !== bytesToHex(unsigned))) {
    process.stderr.write("the auditors' reports differ\n");
    return exitCode.refused;
  }
  const signatures = indices.map((index) => readExchanged(exchange, index, "signature", 64));
  const done = await postReport(follower, unsigned, signatures);
  if (!done.ok) return failed(done.error);
  say(done.value === "sent" ? "report: sent" : "report: it is on the record");
  return exitCode.done;
}

const notYet: ReadonlySet<string> = new Set(["too-early", "registrars-silent", "incomplete"]);
const unreadable: ReadonlySet<string> = new Set(["no-key", "damaged", "roll"]);

function failed(trouble: AuditorTrouble): ExitCode {
  printTrouble(trouble);
  if (isPassing(trouble) || notYet.has(trouble.code)) return exitCode.pending;
  return unreadable.has(trouble.code) ? exitCode.usage : exitCode.refused;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
