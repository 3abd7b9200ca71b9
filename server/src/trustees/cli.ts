/** `npm run trustee -- keygen|ceremony|drill|check|share`: a trustee's own work, on its own machine. */
import { existsSync } from "node:fs";
import { bytesToHex, type Result, Secret } from "@hanpyo/crypto";
import { type AgentTrouble, TrusteeAgent } from "./agent.ts";
import {
  clockOf,
  type ExitCode,
  exitCode,
  hash32,
  isPassing,
  nodeSurroundings,
  printTrouble,
  type readArguments,
  readPassphrase,
  required,
  runCommand,
  serverAddress,
  UsageError,
  wholeNumber,
} from "./command-line.ts";
import type { CeremonyStep } from "./participant.ts";
import { PartyFolder } from "./party-folder.ts";
import { verifyForShare } from "./verify-for-share.ts";

const help = `npm run trustee -- COMMAND --dir DIR [--server URL] …

A trustee's own work, on the trustee's own machine. DIR holds the signing key, the backup of the share and
everything that was signed; keep it to yourself.

  keygen    make the signing key of DIR and print its public key, for the definition
  ceremony  take part in the key ceremony until it is complete, then prove the backup (drill)
  drill     prove from the backup file alone that the share is there
  check     verify the record as this trustee sees it; decrypts nothing
  share     verify the record, note its one tally durably, decrypt it, post the share

  --server URL             the board's address
  --dir DIR                the trustee's folder
  --index I                the trustee's number, from 1 (default: found by the key)
  --election HEX           the election E that was agreed on (default: what the board carries; pinned at the first signature)
  --passphrase-file FILE   first line = passphrase of the backup (default: asked for at the terminal)
  --no-drill               ceremony: stop before the drill
  --timeout SECONDS        give up waiting for others after this long (default: 3600)

Exit codes: 0 done · 1 refused, or the record does not verify · 2 not yet (others are missing) · 3 wrong usage or unreadable.
`;

const options = {
  server: { type: "string" },
  dir: { type: "string" },
  index: { type: "string" },
  election: { type: "string" },
  "passphrase-file": { type: "string" },
  "no-drill": { type: "boolean" },
  timeout: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;
type Values = ReturnType<typeof readArguments<typeof options>>;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export const main = (args: readonly string[]): Promise<ExitCode> =>
  runCommand({ name: "trustee", help, options }, args, run);

async function run(command: string, values: Values): Promise<ExitCode> {
  const dir = required(values.dir, "dir");
  if (command === "keygen") {
    const existed = existsSync(dir);
    const key = new PartyFolder(dir, new Secret("")).createKey();
    if (!existed) process.stderr.write(`made ${dir}\n`);
    say(bytesToHex(key.publicKey));
    return exitCode.done;
  }
  if (!["ceremony", "drill", "check", "share"].includes(command))
    throw new UsageError(`there is no command ${command}`);
  const server = serverAddress(required(values.server, "server"));
  const election = values.election === undefined ? undefined : hash32(values.election, "election");
  const index = values.index === undefined ? undefined : wholeNumber(values.index, "index", 1);
  const seconds = values.timeout === undefined ? 3600 : wholeNumber(values.timeout, "timeout", 1);
  const around = nodeSurroundings(clockOf(process.env));
  if (command === "check") {
    const verified = await verifyForShare(server, around);
    if (!verified.ok) return failed(verified.error);
    for (const line of verified.value.lines) say(line);
    return verified.value.ok ? exitCode.done : exitCode.refused;
  }
  const fresh = command === "ceremony" && !existsSync(`${dir}/backup.hanpyo`);
  const folder = new PartyFolder(dir, await readPassphrase(values["passphrase-file"], fresh));
  const deadline = performance.now() + 1000 * seconds;
  const agent = await patiently(deadline, () => TrusteeAgent.open({ around, server, folder, election, index }));
  if (!agent.ok) return failed(agent.error);
  say(`trustee ${agent.value.index} of election ${bytesToHex(agent.value.follower.election)}`);
  if (command === "ceremony") return ceremony(agent.value, deadline, values["no-drill"] !== true);
  return command === "drill" ? drill(agent.value, deadline) : share(agent.value, deadline);
}

async function ceremony(agent: TrusteeAgent, deadline: number, withDrill: boolean): Promise<ExitCode> {
  let said = "";
  while (performance.now() < deadline) {
    const step = await patiently(deadline, () => agent.step());
    if (!step.ok) return failed(step.error);
    const line = describe(step.value);
    if (line !== said) say(line);
    said = line;
    if (step.value.kind === "completed") return withDrill ? drill(agent, deadline) : exitCode.done;
    if (step.value.kind === "excluded") return exitCode.refused;
    // What was sent is read back from the record before the next step: that takes a checkpoint of the witnesses.
    await agent.follower.around.wait(300);
  }
  process.stderr.write("gave up waiting\n");
  return exitCode.pending;
}

function describe(step: CeremonyStep): string {
  switch (step.kind) {
    case "sent":
      return `round ${step.round}: sent ${step.message}`;
    case "waiting":
      return `round ${step.round}: waiting for the ${step.message} of ${step.for.join(", ")}`;
    case "ended":
      return `round ${step.round}: ended, named ${step.named.join(", ")}; waiting for the officials`;
    case "excluded":
      return `round ${step.round}: goes on without this trustee`;
    case "completed":
      return `round ${step.round}: complete; the backup is written`;
  }
}

async function drill(agent: TrusteeAgent, deadline: number): Promise<ExitCode> {
  const done = await patiently(deadline, () => agent.drill());
  if (!done.ok) return failed(done.error);
  say(done.value === "sent" ? "drill: the backup holds the share; proof sent" : "drill: the proof is on the record");
  return exitCode.done;
}

async function share(agent: TrusteeAgent, deadline: number): Promise<ExitCode> {
  const done = await patiently(deadline, () => agent.share(verifyForShare));
  if (!done.ok) return failed(done.error);
  say(done.value === "sent" ? "share: verified, noted, sent" : "share: it is on the record");
  return exitCode.done;
}

/** Repeats what fails for a reason that passes, until the deadline. */
async function patiently<T>(
  deadline: number,
  work: () => Promise<Result<T, AgentTrouble>>,
): Promise<Result<T, AgentTrouble>> {
  for (;;) {
    const done = await work();
    if (done.ok || !(isPassing(done.error) || done.error.code === "too-early") || performance.now() >= deadline)
      return done;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function failed(trouble: AgentTrouble): ExitCode {
  printTrouble(trouble);
  if (isPassing(trouble) || trouble.code === "too-early") return exitCode.pending;
  return trouble.code === "no-key" || trouble.code === "no-backup" ? exitCode.usage : exitCode.refused;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
