/** `npm run bench [-- --json]`: every figure that a page or README of the project shows, measured here and now. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { encodeBallot, passesHash } from "@hanpyo/bulletin-board";
import { benchAppends, migrate, openPool, startEmbedded } from "@hanpyo/bulletin-board/node";
import { ballotHash, encryptBallot, randomBytes, randomKeyPair, signCast, unwrap } from "@hanpyo/crypto";
import {
  benchContext,
  makeBallots,
  timeEncryption,
  timeVerification,
} from "../../../crypto/src/testing/bench-ballots.ts";
import { type AdmissionFigure, benchAdmission } from "./admission.ts";
import { machine } from "./figures.ts";

const usage = `npm run bench [-- --json] [--quick] [--only crypto,append,admission]

  --json         figures as JSON on standard output
  --quick        fewer repetitions: for a look, not for a table
  --only LIST    only these parts

The machine should do nothing else meanwhile.
`;

const parts = ["crypto", "append", "admission"] as const;
type Part = (typeof parts)[number];

/** Bytes of a choose-one-of-five ballot as an entry's payload, with three passes. */
function ballotBytes(): number {
  const keys = randomKeyPair();
  const context = benchContext();
  const input = { pseudonym: keys.encoded, previous: null, checker: null, seed: randomBytes(32) };
  const core = unwrap(encryptBallot(context, { ...input, choices: [[1, 0, 0, 0, 0]] }));
  const passes = [1, 2, 3].map((registrar) => ({ registrar, signature: randomBytes(256) }));
  const statement = {
    context: context.context,
    ballot: ballotHash(context.context, core),
    passes: passesHash(randomBytes(32), passes),
  };
  return encodeBallot({ core, passes, signature: signCast(statement, keys) }).length;
}

async function benchAppend(quick: boolean) {
  const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-bench-"));
  chmodSync(folder, 0o711);
  const database = await startEmbedded(path.join(folder, "database"));
  const pool = openPool({ ...database.pool, max: 20 });
  try {
    await migrate(pool);
    return await benchAppends(pool, { entries: quick ? 5_000 : 50_000 });
  } finally {
    await pool.end();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  let values: { json: boolean; quick: boolean; help: boolean; only?: string | undefined };
  try {
    const flag = { type: "boolean", default: false } as const;
    values = parseArgs({ options: { json: flag, quick: flag, help: flag, only: { type: "string" } } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 3;
  }
  const only = (values.only?.split(",") ?? parts) as readonly Part[];
  if (values.help || only.some((part) => !parts.includes(part))) {
    process.stdout.write(usage);
    return values.help ? 0 : 3;
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { quick } = values;
  const figures: Record<string, unknown> = { machine: machine() };
  if (only.includes("crypto")) {
    say("encryption");
    figures.encryptionMilliseconds = timeEncryption(quick ? 10 : 50);
    figures.ballotBytes = ballotBytes();
    say("verification");
    const batches = quick ? [16, 64] : [1, 16, 64, 256, 1024];
    figures.verification = timeVerification(makeBallots(Math.max(...batches)), batches, quick ? 3 : 10);
  }
  if (only.includes("append")) {
    say("appends");
    figures.appends = await benchAppend(quick);
  }
  if (only.includes("admission")) {
    say("admission");
    figures.admission = await benchAdmission(quick ? 60 : 300, (line) => say(`  ${line}`));
  }
  process.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : table(figures));
  return 0;
}

function table(figures: Record<string, unknown>): string {
  const lines: string[] = [];
  const it = figures as {
    machine: ReturnType<typeof machine>;
    encryptionMilliseconds?: number;
    ballotBytes?: number;
    verification?: ReturnType<typeof timeVerification>;
    appends?: Awaited<ReturnType<typeof benchAppends>>;
    admission?: AdmissionFigure;
  };
  const { cpu, cores, memoryGiB, node, date, commit, versions } = it.machine;
  lines.push(`${date}, commit ${commit}, ${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}`);
  lines.push(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    "",
  );
  if (it.encryptionMilliseconds !== undefined) {
    lines.push(`encrypt choose one of 5       ${it.encryptionMilliseconds.toFixed(1)} ms`);
    lines.push(`ballot with three passes      ${it.ballotBytes} bytes`);
    lines.push("verify, ballots per second and core:");
    for (const { engine, batch, ballotsPerSecond } of it.verification!)
      lines.push(
        `  ${engine.padEnd(16)} batch ${String(batch).padStart(4)}  ${ballotsPerSecond.toFixed(1).padStart(8)}`,
      );
  }
  if (it.appends) {
    const { appendsPerSecond, entries, p50, p99 } = it.appends;
    lines.push(
      `appends                       ${appendsPerSecond.toFixed(0)} per second (${entries}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms)`,
    );
  }
  if (it.admission) {
    const { ballots, ballotsPerSecond, p50, p99, bytesPerBallot } = it.admission;
    lines.push(
      `admission over HTTP           ${ballotsPerSecond.toFixed(1)} ballots per second (${ballots} of ${bytesPerBallot} bytes, two contests; to the receipt p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms)`,
    );
  }
  return `${lines.join("\n")}\n`;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
