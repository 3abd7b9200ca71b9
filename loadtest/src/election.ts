/**
 * `npm run election -- --voters 300 --out DIR`: a whole election over the HTTP interface of a server it starts itself. The
 * exit code is 0 only if the result equals what was cast and the exported bundle verifies.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Board, RecordFollower, Surroundings } from "@hanpyo/bulletin-board";
import { Secret } from "@hanpyo/crypto";
import { badFirstBallots, badRevotes, craft, honestCore } from "./bad-ballots.ts";
import { checkDevices, checkRefusals, type RefusalCheck } from "./bad-behaviour.ts";
import { exportBundle } from "./bundle.ts";
import { DrivenClock } from "./clock-file.ts";
import { type ExpectedContest, expectedResult } from "./expected.ts";
import { openElection, openPatiently, reach } from "./open-election.ts";
import { type ElectionOptions, readOptions, usage } from "./options.ts";
import { act, readCodes, scripts, startWorld, trustee, type World } from "./parties.ts";
import { chooseValues, classes, planElection, type Resident, rules } from "./plan.ts";
import { run } from "./processes.ts";
import { Progress } from "./progress.ts";
import { dice } from "./random.ts";
import { type Papers, passesOf, type Vote, voteAll } from "./voting.ts";

/** Between two anchors of an open election at most 120 s may pass; a step of time stays well below. */
const timeStep = 60;

async function holdElection(options: ElectionOptions, folder: string, progress: Progress): Promise<boolean> {
  const say = (line: string) => progress.step(line);
  const clock = new DrivenClock(path.join(folder, "clock"));
  const world = await startWorld(folder, clock, say);
  const interrupted = (): void => {
    progress.step("interrupted; everything that was started is stopped");
    void world.stop().finally(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
  try {
    const residents = planElection(options.voters, options.seed);
    const { election, follower, around } = await openElection(
      world,
      { residents, ...options, open: 900 + 4 * options.voters },
      say,
    );
    const { votes, papers, refused } = await vote(world, around, election, residents, options, progress);
    await pauseAndResume(world, follower, around, election, votes, papers, refused);
    say(`${refused.length} bad requests, each refused as it must be; a pause of officials among them`);

    await passTime(world, follower, progress);
    await late(world, around, election, votes, papers, refused);
    await reach(world, follower, "the tally", ({ state }) => state.phase === "tallied");
    say("closed, counted, tallied");
    const present = Array.from({ length: options.threshold }, (_, i) => options.trustees - i).sort();
    await Promise.all(present.map((index) => trustee(world, index, "share")));
    say(`shares of trustees ${present.join(", ")}; ${options.trustees - options.threshold} absent`);
    await reach(world, follower, "the result", ({ state }) => state.phase === "decided");
    await reach(world, follower, "the audit report", ({ state }) => state.audit !== null);
    const { sample, findings } = follower.state.audit!.message;
    say(`auditors opened ${sample.length} passes: ${findings.length} findings`);

    const counted = votes.flatMap(({ counted: ballot }) => ballot ?? []);
    const expected = expectedResult(follower.definition, counted);
    const found = follower.state.result!.message.contests;
    const equal = sayResult(expected, found, say);
    const bundle = await exportBundle(world.server, options.out, papers);
    say(
      `exported ${bundle.entries} entries, ${bundle.passes} passes, ${bundle.documents} documents, ${(bundle.bytes / 2 ** 20).toFixed(1)} MiB to ${options.out}`,
    );
    const verified = await run(scripts.verify, [options.out]);
    process.stdout.write(verified.stdout);
    if (verified.code !== 0) process.stderr.write(verified.stderr);
    say(`verifier: exit code ${verified.code}`);
    return equal && verified.code === 0;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, interrupted);
    await world.stop();
  }
}

/** All residents vote, while others try what must be refused. */
async function vote(
  world: World,
  around: Surroundings,
  election: Uint8Array,
  residents: readonly Resident[],
  options: ElectionOptions,
  progress: Progress,
): Promise<{ votes: Vote[]; papers: Papers; refused: RefusalCheck[] }> {
  const papers: Papers = { receipts: new Map(), acknowledgements: new Map(), refusals: new Map() };
  const codes = new Map([...readCodes(world)].map(([id, code]) => [id, new Secret(code)]));
  const voting = residents.filter(({ passes }) => passes.some(({ ballots }) => ballots.length > 0));
  const planned = voting.reduce((sum, { passes }) => sum + passes.reduce((n, { ballots }) => n + ballots.length, 0), 0);
  const start = performance.now();
  let done = 0;
  const onBallot = (): void => {
    done++;
    const rate = done / ((performance.now() - start) / 1000);
    progress.update(`          ${done} of ${planned} ballots recorded, ${rate.toFixed(1)} per second`);
    if (!process.stderr.isTTY && done % 100 === 0) progress.step(`${done} of ${planned} ballots recorded`);
  };
  const { server } = world;
  const votes = await voteAll(
    { around, server, election, residents: voting, codes, papers, devices: options.devices },
    { onBallot },
  );
  progress.step(`${votes.length} passes, ${done} ballots recorded (${done - votes.length} re-votes)`);

  const board = await openPatiently(around, world.server, election);
  const idle = residents.filter(
    ({ eligible, passes, weight }) => eligible && weight === 1 && passes[0]!.ballots.length === 0,
  );
  const [holder, southerner] = [0, 1].map((item) => idle.find(({ class: home }) => home === item));
  if (!holder || !southerner) throw new Error("the plan has no idle residents of north and south");
  const [pass] = await passesOf(around, board, codes.get(holder.id)!);
  // With a pass to spare in the south too, a pass of the wrong class is refused for that and not for want of passes.
  await passesOf(around, board, codes.get(southerner.id)!);
  const values = someValues(0);
  const north = votes.find(({ pass: it }) => it.class === 0)!;
  const bad = [
    ...badFirstBallots(board, pass!, values, north.payload!),
    ...badRevotes(board, north.pass, north.latest!, values),
  ];
  const refused = await checkRefusals(board, bad, papers);
  refused.push(
    ...(await checkDevices(around, board, {
      used: codes.get(north.resident.id)!,
      barred: codes.get(residents.find(({ eligible }) => !eligible)!.id)!,
      recorded: { payload: north.payload!, h: north.latest! },
    })),
  );
  return { votes, papers, refused };
}

const someValues = (item: number): number[][] => {
  const roll = dice(7);
  return classes[item]!.contests.map((contest) => chooseValues(rules[contest]!, roll));
};

/** A ballot during the officials' pause is refused; afterwards voting goes on. */
async function pauseAndResume(
  world: World,
  follower: RecordFollower,
  around: Surroundings,
  election: Uint8Array,
  votes: readonly Vote[],
  papers: Papers,
  refused: RefusalCheck[],
): Promise<void> {
  await act(world, "pause", "--text-ko", "시험", "--text-en", "Test");
  await reach(world, follower, "the pause", ({ state }) => state.phase === "paused");
  const board = await openPatiently(around, world.server, election);
  refused.push(...(await checkRefusals(board, [revoteNow(board, votes, "paused", "a ballot during a pause")], papers)));
  await act(world, "resume");
  await reach(world, follower, "the end of the pause", ({ state }) => state.phase === "open");
}

async function late(
  world: World,
  around: Surroundings,
  election: Uint8Array,
  votes: readonly Vote[],
  papers: Papers,
  refused: RefusalCheck[],
): Promise<void> {
  const board = await openPatiently(around, world.server, election);
  refused.push(...(await checkRefusals(board, [revoteNow(board, votes, "late", "a ballot after the end")], papers)));
}

/** A correct re-vote of somebody who voted once. */
function revoteNow(board: Board, votes: readonly Vote[], code: "paused" | "late", name: string) {
  const { pass, latest } = votes.find(({ pass: it }) => it.class === 1)!;
  const core = honestCore(board, pass, latest, someValues(pass.class));
  return { name, code, payload: craft(board, core, pass.pseudonym, []) };
}

/** Lets time pass until the end and beyond, an anchor in every step. */
async function passTime(world: World, follower: RecordFollower, progress: Progress): Promise<void> {
  const { clock } = world;
  while (follower.state.phase === "open" && clock.seconds < follower.state.end) {
    clock.advance(Math.min(timeStep, follower.state.end - clock.seconds + 1));
    const now = clock.seconds;
    await reach(world, follower, "an anchor", ({ state }) => (state.anchor?.time ?? 0) >= now - 1);
    progress.update(`          ${Math.max(0, follower.state.end - clock.seconds)} s of election time left`);
  }
  await reach(world, follower, "the close", ({ state }) => !["open", "paused"].includes(state.phase));
}

function sayResult(
  expected: readonly ExpectedContest[],
  found: readonly { readonly totals: readonly number[]; readonly unopened: number }[],
  say: (line: string) => void,
): boolean {
  let equal = expected.length === found.length;
  for (const [i, contest] of expected.entries()) {
    const same = contest.totals.join() === found[i]?.totals.join() && contest.unopened === found[i]?.unopened;
    equal &&= same;
    const unopened = contest.unopened > 0 ? `, ${contest.unopened} ballots not opened` : "";
    say(
      `contest ${i + 1}: ${found[i]?.totals.join(" ")}${unopened}${same ? ", as cast" : `  BUT CAST WERE ${contest.totals.join(" ")}`}`,
    );
  }
  return equal;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if ("fault" in options) {
    process.stderr.write(`${options.fault}\n\n${usage}`);
    return 3;
  }
  if (existsSync(options.out) && readdirSync(options.out).length > 0) {
    process.stderr.write(`${options.out} is not empty\n`);
    return 3;
  }
  mkdirSync(options.out, { recursive: true });
  const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-election-"));
  // The embedded database runs as another user where this runs as root: it must reach its own folder below.
  chmodSync(folder, 0o711);
  const progress = new Progress(process.stderr);
  let kept = options.keep;
  try {
    const good = await holdElection({ ...options, out: path.resolve(options.out) }, folder, progress);
    progress.step(good ? "the result equals what was cast, and the bundle verifies" : "FAILED");
    return good ? 0 : 1;
  } catch (error) {
    kept = true;
    progress.step(`FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 1;
  } finally {
    if (kept) progress.step(`logs and keys: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
