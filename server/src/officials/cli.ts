/** `npm run official -- keygen|sign|define|propose|confirm|withdraw|status`: officials' acts from the command line. */
import { readFileSync, writeFileSync } from "node:fs";
import {
  type Act,
  type AuthoredEntry,
  confirmAct,
  decodeVkey,
  definition,
  definitionMessage,
  type Ed25519Signer,
  ed25519Official,
  encodeRecord,
  proposeAct,
  RecordFollower,
  type Surroundings,
  strictVerify,
  submitEntry,
  type Trouble,
  withdrawAct,
} from "@hanpyo/bulletin-board";
import { bytesToHex, equalBytes, hexToBytes, type Result } from "@hanpyo/crypto";
import {
  clockOf,
  type ExitCode,
  exitCode,
  hash32,
  isPassing,
  nodeSurroundings,
  printTrouble,
  readArguments,
  required,
  serverAddress,
  UsageError,
  wholeNumber,
} from "../trustees/command-line.ts";
import { actFromArguments, actNames, actOptions, describeAct } from "./act-arguments.ts";
import { bundleAddress, bundleSurroundings } from "./bundle-surroundings.ts";
import { readDefinitionJson } from "./definition-file.ts";
import { createKeyFile, readKeyFile } from "./key-file.ts";
import { type PostFault, postDefinition, putDocument } from "./post-definition.ts";
import { statusLines } from "./status.ts";

const help = `npm run official -- COMMAND …

Officials' acts. Every binding act takes two officials: one proposes, another reads the proposal from the record and
confirms it. Read the record from another origin than the board's wherever you can (--read, --bundle).

  keygen   --key FILE                                     make a key; prints the public key for the definition
  sign     --definition JSON --key FILE --out FILE        an official's signature under a definition
  define   --definition JSON --signature FILE (twice) --server URL [--document FILE]… [--token-file FILE]
                                                          upload the documents and put the definition on the board
  propose  ACT --server URL --key FILE …                  ACT: ${Object.keys(actNames).join(" ")}
  confirm  --server URL --key FILE [--proposal HEX]       confirm another official's proposal
  withdraw --server URL --key FILE --act HEX              take back an extend or abort before its effect
  status   --server URL                                   what the record says

  --read URL               read the record from here instead (a mirror)
  --bundle DIR             read the record from an exported bundle
  --election HEX           the election E that was agreed on
  --at SECONDS             time of an act since 1970 (default: now)
  --text-ko, --text-en     reason or notice in both languages
  --seconds N              extend: by so many seconds        --group 0|1 --round N    restart
  --digests HEX            client: SHA-256 of the new list   --witness VKEY… --quorum K --dishonest F  witness-change
  --timeout SECONDS        wait so long for a witnessed checkpoint (default: 60)

Exit codes: 0 done · 1 refused · 2 not yet · 3 wrong usage or unreadable.
`;

const options = {
  key: { type: "string" },
  definition: { type: "string" },
  signature: { type: "string", multiple: true },
  out: { type: "string" },
  document: { type: "string", multiple: true },
  "token-file": { type: "string" },
  server: { type: "string" },
  read: { type: "string" },
  bundle: { type: "string" },
  election: { type: "string" },
  proposal: { type: "string" },
  act: { type: "string" },
  timeout: { type: "string" },
  help: { type: "boolean", short: "h" },
  ...actOptions,
} as const;
type Values = ReturnType<typeof readArguments<typeof options>>;

const say = (...lines: string[]): void => void process.stdout.write(lines.map((line) => `${line}\n`).join(""));

export async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    const [command, ...rest] = args;
    const asked = command === "help" || rest.includes("--help") || command === "--help" || command === "-h";
    if (command === undefined || asked) {
      process.stdout.write(help);
      return asked ? exitCode.done : exitCode.usage;
    }
    const act = command === "propose" ? (rest.shift() ?? "") : "";
    return await run(command, act, readArguments(rest, options));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nnpm run official -- help shows how it is used.\n`);
    return exitCode.usage;
  }
}

async function run(command: string, actName: string, values: Values): Promise<ExitCode> {
  const around = nodeSurroundings(clockOf(process.env));
  switch (command) {
    case "keygen":
      say(bytesToHex(createKeyFile(required(values.key, "key")).publicKey));
      return exitCode.done;
    case "sign":
      return sign(values);
    case "define":
      return define(values);
    case "status":
      return status(values, around);
    case "propose":
      return propose(actFromArguments(actName, values, Math.floor(around.clock.now() / 1000)), values, around);
    case "confirm":
      return confirm(values, around);
    case "withdraw":
      return withdraw(values, around);
    default:
      throw new UsageError(`there is no command ${command}`);
  }
}

function readDefinition(values: Values) {
  const read = readDefinitionJson(readFileSync(required(values.definition, "definition"), "utf8"));
  if (!read.ok) throw new UsageError(read.error);
  return read.value;
}

function sign(values: Values): ExitCode {
  const { bytes, body } = readDefinition(values);
  const key = readKeyFile(required(values.key, "key"));
  const official = officialOf(body, key);
  const signature = { official, signature: bytesToHex(key.sign(definitionMessage(body.origin, bytes))) };
  writeFileSync(required(values.out, "out"), `${JSON.stringify(signature)}\n`);
  say(`official ${official} signed ${body.origin}`);
  return exitCode.done;
}

async function define(values: Values): Promise<ExitCode> {
  const { bytes, body } = readDefinition(values);
  const server = serverAddress(required(values.server, "server"));
  const signatures = (values.signature ?? []).map((file) =>
    readSignature(file, body, definitionMessage(body.origin, bytes)),
  );
  const [first, second] = [...signatures].sort((a, b) => a.official - b.official);
  if (signatures.length !== 2 || !first || !second || first.official === second.official)
    throw new UsageError("--signature is needed twice, of two different officials");
  const tokenFile = values["token-file"];
  const board = { server, token: tokenFile === undefined ? null : readFileSync(tokenFile, "utf8").trim() };
  for (const file of values.document ?? []) {
    const put = await putDocument(board, readFileSync(file));
    if (!put.ok) return notPosted(file, put.error);
  }
  const sent = await postDefinition(board, encodeRecord(definition, { body: bytes, signatures: [first, second] }));
  if (!sent.ok) return notPosted("the definition", sent.error);
  say(`defined ${body.origin}`, bytesToHex(sent.value));
  return exitCode.done;
}

function notPosted(what: string, { status, detail }: PostFault): ExitCode {
  process.stderr.write(`${what}: ${status === 0 ? "no answer" : `the board answers ${status}`}: ${detail}\n`);
  return status === 0 || status === 503 ? exitCode.pending : exitCode.refused;
}

function readSignature(file: string, body: Parameters<typeof officialOf>[0], message: Uint8Array) {
  const { official, signature } = JSON.parse(readFileSync(file, "utf8")) as { official?: unknown; signature?: unknown };
  const key = typeof official === "number" ? body.officials[official]?.key.key : undefined;
  const bytes = typeof signature === "string" && /^[0-9a-f]{128}$/.test(signature) ? hexToBytes(signature) : null;
  if (!key || !bytes || !strictVerify(bytes, message, key))
    throw new UsageError(`${file} is not an official's signature of this definition`);
  return { official: official as number, signature: { kind: 0 as const, signature: bytes } };
}

async function status(values: Values, around: Surroundings): Promise<ExitCode> {
  const follower = await follow(values, around);
  if (!follower.ok) return failed(follower.error);
  say(...statusLines(follower.value));
  return exitCode.done;
}

async function propose(act: Act, values: Values, around: Surroundings): Promise<ExitCode> {
  const hand = await official(values, around);
  if (!hand.ok) return failed(hand.error);
  say(...describeAct(act));
  return send(hand.value, await proposeAct(hand.value.place, act, hand.value.signer), values, around, "proposed");
}

async function confirm(values: Values, around: Surroundings): Promise<ExitCode> {
  const hand = await official(values, around);
  if (!hand.ok) return failed(hand.error);
  const { state } = hand.value.follower;
  const wanted = values.proposal === undefined ? undefined : bytesToHex(hash32(values.proposal, "proposal"));
  const open = [...state.proposals.values()].filter(
    (it) =>
      it.official !== hand.value.signer.official &&
      equalBytes(it.last, state.lastAct!) &&
      (wanted === undefined || bytesToHex(it.leafHash) === wanted),
  );
  if (open.length !== 1) {
    process.stderr.write(
      open.length === 0
        ? "the record holds no such proposal of another official that is still current\n"
        : `several proposals are open; name one with --proposal:\n${open.map((it) => `  ${bytesToHex(it.leafHash)}`).join("\n")}\n`,
    );
    return open.length === 0 ? exitCode.pending : exitCode.usage;
  }
  const [proposed] = open;
  say(`proposed by official ${proposed!.official}`, ...describeAct(proposed!.act));
  const { act, body, official: proposer, leafHash: leaf } = proposed!;
  const recorded = { leafHash: leaf, proposal: { act: act.type, body, official: proposer } };
  return send(hand.value, await confirmAct(hand.value.place, recorded, hand.value.signer), values, around, "confirmed");
}

async function withdraw(values: Values, around: Surroundings): Promise<ExitCode> {
  const hand = await official(values, around);
  if (!hand.ok) return failed(hand.error);
  const act = hash32(required(values.act, "act"), "act");
  return send(hand.value, await withdrawAct(hand.value.place, act, hand.value.signer), values, around, "withdrawn");
}

/** The record as this official reads it, and the official's place in it. */
async function official(values: Values, around: Surroundings) {
  const key = readKeyFile(required(values.key, "key"));
  const follower = await follow(values, around);
  if (!follower.ok) return follower;
  const { state, definition: body, election } = follower.value;
  const place = { origin: body.origin, election, last: state.lastAct! };
  return {
    ok: true as const,
    value: { follower: follower.value, place, signer: ed25519Official(officialOf(body, key), key) },
  };
}

function officialOf(
  body: { readonly officials: readonly { readonly key: { readonly key: Uint8Array } }[] },
  key: Ed25519Signer,
): number {
  const index = body.officials.findIndex((it) => equalBytes(it.key.key, key.publicKey));
  if (index < 0) throw new UsageError("the definition does not name this key as an official's");
  return index;
}

async function follow(values: Values, around: Surroundings): Promise<Result<RecordFollower, Trouble>> {
  const election = values.election === undefined ? undefined : hash32(values.election, "election");
  if (values.bundle !== undefined)
    return RecordFollower.open({ around: bundleSurroundings(values.bundle, around), server: bundleAddress, election });
  return RecordFollower.open({
    around,
    server: serverAddress(required(values.read ?? values.server, "server")),
    election,
  });
}

/** Sends and waits until the entry stands under a witnessed checkpoint where the record is read. */
async function send(
  hand: { readonly follower: RecordFollower },
  entry: AuthoredEntry,
  values: Values,
  around: Surroundings,
  what: string,
): Promise<ExitCode> {
  const server = serverAddress(required(values.server, "server"));
  const { origin, keys } = hand.follower.definition;
  if (!decodeVkey(keys.acknowledgement).ok) throw new UsageError("the definition's acknowledgement key is not a key");
  const sent = await submitEntry({ around, server, origin, acknowledgementKey: keys.acknowledgement }, entry);
  if (!sent.ok) return failed(sent.error);
  say(`${what}: entry ${sent.value.index}`, bytesToHex(sent.value.leaf));
  if (values.bundle !== undefined) return exitCode.done;
  const seconds = values.timeout === undefined ? 60 : wholeNumber(values.timeout, "timeout");
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; await around.wait(250)) {
    const advanced = await hand.follower.advance();
    if (!advanced.ok && !isPassing(advanced.error)) return failed(advanced.error);
    if (hand.follower.size > sent.value.index) {
      say("witnessed");
      return exitCode.done;
    }
  }
  process.stderr.write("acknowledged, but not yet under a witnessed checkpoint\n");
  return exitCode.pending;
}

function failed(trouble: Trouble): ExitCode {
  printTrouble(trouble);
  return isPassing(trouble) ? exitCode.pending : exitCode.refused;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
