/** Who may append what, and when; how time opens, pauses, extends and ends an election. Tables over the kit's election. */
import { beforeAll, describe, expect, it } from "vitest";
import { both, digestList, opens } from "../../testing/kit/definition.ts";
import { honestElection } from "../../testing/kit/honest.ts";
import { type Played, Run, type Step } from "../../testing/kit/run.ts";
import { closeStep, newWitnesses, registrarKeysStep, revealStep } from "../../testing/kit/script.ts";
import { actSteps, anchorStep, entry, proposeStep, withdrawStep } from "../../testing/kit/steps.ts";
import { auditStep, countStep, resultStep, shareStep, tallyStep } from "../../testing/kit/tally-steps.ts";
import { ballotStep } from "../../testing/kit/voters.ts";
import type { Act } from "../acts.ts";
import { EntryType } from "../entry-types.ts";

let honest: Played;
beforeAll(async () => {
  honest = await honestElection();
});

const t = (seconds: number): number => opens + seconds;
const reason = both("for the test");
const seconds = (run: Run): number => run.now;
const acts = {
  open: (run: Run): Act => ({ type: EntryType.open, body: { at: seconds(run) } }),
  pause: (run: Run): Act => ({ type: EntryType.pause, body: { at: seconds(run), reason } }),
  resume: (run: Run): Act => ({ type: EntryType.resume, body: { at: seconds(run) } }),
  extend: (run: Run): Act => ({ type: EntryType.extend, body: { at: seconds(run), seconds: 20, reason } }),
  abort: (run: Run): Act => ({ type: EntryType.abort, body: { at: seconds(run), reason } }),
  notice: (): Act => ({ type: EntryType.notice, body: { text: both("Mind the step.") } }),
  client: (run: Run): Act => ({
    type: EntryType.client,
    body: { digests: run.addDocument(digestList("index.html")), reason },
  }),
  witnesses: (): Act => newWitnesses([1, 2, 3, 6]),
  restart: (): Act => ({ type: EntryType.restart, body: { group: 0, round: 1 } }),
};

/** The run right after a step of the honest script. */
function runAfter(name: string): Run {
  const at = honest.script.findIndex((step) => step.name === name);
  if (at < 0) throw new Error(`no step “${name}”`);
  return new Run(honest.snapshots[at + 1]);
}
async function go(run: Run, ...steps: readonly Step[]): Promise<string[]> {
  const before = run.refusals.length;
  for (const step of steps) {
    run.step = step.name;
    await step.act(run);
  }
  return run.refusals.slice(before).map(({ code }) => code);
}
/** An act now, with the anchor it needs. */
const act = (name: keyof typeof acts, at?: (run: Run) => number): Step => ({
  name,
  act: async (run) => {
    for (const step of actSteps(name, acts[name], { at: at?.(run) ?? run.now })) {
      run.step = step.name;
      await step.act(run);
    }
  },
});
const passive = (type: number, from: string): Step =>
  entry(`again ${from}`, () => ({ type, payload: honest.run.record.entries[honest.run.places.get(from)!]!.slice(42) }));

const attempts: Readonly<Record<string, () => Step>> = {
  "registrar keys": () => registrarKeysStep(1),
  reveal: () => revealStep(0, 1, 1),
  drill: () => passive(EntryType.drill, "drill 1"),
  proposal: () => proposeStep("a proposal", acts.notice, 0),
  notice: () => act("notice"),
  client: () => act("client"),
  witnesses: () => act("witnesses"),
  open: () => act("open"),
  pause: () => act("pause"),
  resume: () => act("resume"),
  extend: () => act("extend"),
  abort: () => act("abort"),
  restart: () => act("restart"),
  anchor: () => anchorStep("an anchor"),
  ballot: () => ballotStep(2, 1),
  close: () => closeStep("close it"),
  count: () => countStep("count it"),
  tally: () => tallyStep("tally it"),
  share: () => shareStep("share it", 3),
  result: () => resultStep("decide it"),
  audit: () => auditStep("audit it"),
};

const always = ["proposal", "notice", "witnesses", "anchor"];
/** What the rulebook admits after a step; everything else of `attempts` it refuses. */
const phases: readonly (readonly [phase: string, after: string, admitted: readonly string[]])[] = [
  ["setup", "first anchor", [...always, "client", "abort", "registrar keys", "reveal"]],
  ["setup", "drill 3", [...always, "client", "abort"]],
  ["open", "notice", [...always, "client", "abort", "extend", "ballot"]],
  ["open", "open", [...always, "client", "abort", "extend", "pause", "ballot"]],
  ["paused", "pause", [...always, "client", "abort", "extend", "resume"]],
  ["paused", "end of the outage", [...always, "client", "abort", "resume"]],
  ["open", "end", [...always, "client", "close"]],
  ["closed", "close", always],
  ["closed", "anchor over close", [...always, "count"]],
  ["counted", "count", [...always, "tally", "audit"]],
  ["tallied", "encrypted tally", [...always, "audit", "share"]],
  ["tallied", "share 3", [...always, "audit", "result"]],
  ["decided", "result", always],
];

describe.each(phases)("in phase %s, after “%s”", (phase, after, admitted) => {
  it.each(Object.keys(attempts))("%s is admitted exactly where it may", async (name) => {
    const run = runAfter(after);
    expect(run.state.phase).toBe(phase);
    let refused: readonly string[];
    try {
      refused = await go(run, attempts[name]!());
    } catch {
      refused = ["cannot be made"]; // its author finds nothing on the record to make it from
    }
    expect(refused.length === 0).toBe(admitted.includes(name));
  });
});

describe("an abort", () => {
  const waited = (from: number, count: number) =>
    [...Array(count).keys()].map((i) => anchorStep(`later ${i}`, t(from + 100 * (i + 1))));

  it("takes effect at the first anchor 300 s later; then only notices and witnesses change", async () => {
    const run = runAfter("notice");
    await go(
      run,
      act("abort", () => t(210)),
      ...waited(210, 2),
    );
    expect(run.state.phase).toBe("open");
    expect(await go(run, ballotStep(2, 1))).toEqual([]);
    await go(run, anchorStep("third", t(512)));
    expect(run.state.phase).toBe("aborted");
    for (const [name, make] of Object.entries(attempts)) {
      const aborted = new Run(run.snapshot());
      let refused: readonly string[];
      try {
        refused = await go(aborted, make());
      } catch {
        refused = ["cannot be made"];
      }
      expect([name, refused.length === 0]).toEqual([name, always.includes(name)]);
    }
    expect(await go(run, ballotStep(3, 1))).toEqual(["aborted"]);
  });

  it("is withdrawn by either of its officials, and by no other", async () => {
    for (const [official, refusals] of [
      [0, []],
      [1, []],
      [2, ["act-invalid"]],
    ] as const) {
      const run = runAfter("notice");
      await go(
        run,
        act("abort", () => t(210)),
      );
      expect(await go(run, withdrawStep("back", "abort", official))).toEqual(refusals);
    }
    const run = runAfter("notice");
    await go(
      run,
      act("abort", () => t(210)),
      withdrawStep("back", "abort", 0),
      ...waited(210, 5),
    );
    expect(run.state.phase).toBe("open");
  });

  it("lapses if the end comes first", async () => {
    const run = runAfter("anchor at 980");
    const { end } = run.state;
    await go(
      run,
      act("abort", () => end - 100),
      anchorStep("end", end),
      closeStep("close"),
    );
    expect(run.state.phase).toBe("closed");
    await go(run, anchorStep("later", end + 100), anchorStep("later still", end + 300));
    expect(run.state.phase).toBe("closed");
  });
});

describe("an extension", () => {
  it("moves the end at the first anchor 300 s after it, by its seconds", async () => {
    const run = runAfter("open");
    const { end } = run.state;
    await go(
      run,
      act("extend", () => t(50)),
    );
    const confirmed = run.state.anchor!.time;
    await go(run, anchorStep("a", t(150)), anchorStep("b", t(250)), anchorStep("c", t(349)));
    expect([run.state.end, run.state.waiting.length]).toEqual([end, 1]);
    await go(run, anchorStep("d", t(350)));
    expect(run.state.anchor!.time - confirmed).toBe(300);
    expect([run.state.end, run.state.waiting.length]).toEqual([end + 20, 0]);
  });

  it("needs 600 s of time before the end, also of a pause that runs", async () => {
    const run = runAfter("open");
    const { end } = run.state;
    // Cosignatures of the kit are two seconds after the hour it names.
    run.now = end - 600 - 2;
    const late = new Run(run.snapshot());
    late.now += 1;
    // One anchor so late is an outage, which pauses from the anchor before: extending is still in time.
    expect(await go(late, act("extend"))).toEqual([]);
    expect(late.state.phase).toBe("paused");
  });

  it("that was withdrawn gives its place in the bounds back", async () => {
    const run = runAfter("withdraw");
    expect(run.state.extensionsUsed).toBe(1);
    expect(
      await go(
        run,
        act("extend", () => t(165)),
      ),
    ).toEqual([]);
    expect(
      await go(
        run,
        act("extend", () => t(170)),
      ),
    ).toContain("bounds-exceeded");
  });
});

describe("a pause", () => {
  it("of officials ends by itself at the first anchor at which the bound is used up", async () => {
    const run = runAfter("pause");
    const { end } = run.state;
    const since = run.state.pause!.since;
    for (let at = since + 100; at < since + 600; at += 100) await go(run, anchorStep(`at ${at}`, at - 2));
    expect(run.state.phase).toBe("paused");
    await go(run, anchorStep("used up", since + 598));
    expect([run.state.phase, run.state.end]).toEqual(["open", end + 600]);
    expect(await go(run, act("pause"))).toContain("bounds-exceeded");
  });

  it("with an outage in it lasts until officials resume, and is not counted against the bound", async () => {
    const run = runAfter("pause");
    const { end } = run.state;
    const since = run.state.pause!.since;
    for (const at of [since + 300, since + 400, since + 500, since + 600, since + 700])
      await go(run, anchorStep(`at ${at}`, at - 2));
    expect(run.state.phase).toBe("paused");
    expect(await go(run, act("resume"))).toEqual([]);
    expect([run.state.phase, run.state.end, run.state.officialPausedSeconds]).toEqual(["open", end + 700, 0]);
  });
});

describe("an outage", () => {
  it.each([
    [120, "open"],
    [121, "paused"],
  ])("of %i s leaves the election %s", async (gap, phase) => {
    const run = runAfter("open");
    const before = run.state.anchor!.time;
    await go(run, anchorStep("next", before - 2 + gap));
    expect(run.state.anchor!.time - before).toBe(gap);
    expect(run.state.phase).toBe(phase);
    expect(run.state.outages).toEqual(gap > 120 ? [{ from: before, until: null }] : []);
  });

  it("is judged before the end is: the end moves by it", async () => {
    const run = runAfter("anchor at 1090");
    const { end } = run.state;
    const from = run.state.anchor!.time;
    await go(run, anchorStep("long after the end", end + 500));
    expect(run.state.phase).toBe("paused");
    expect(await go(run, closeStep("close"))).toEqual(["out-of-order"]);
    const resumed = runAfter("anchor at 1090");
    await go(resumed, anchorStep("long after the end", end + 500), act("resume"));
    expect([resumed.state.phase, resumed.state.end]).toEqual(["open", end + (end + 502 - from)]);
    expect(await go(resumed, ballotStep(2, 1))).toEqual([]);
  });

  it("does not exist past the end, before the opening, or after close", async () => {
    for (const after of ["first anchor", "anchor over close"]) {
      const run = runAfter(after);
      await go(run, anchorStep("years later", run.now + 10_000));
      expect(run.state.outages.filter(({ until }) => until === null)).toEqual([]);
    }
    const run = runAfter("end");
    await go(run, anchorStep("later", run.now + 10_000));
    expect(run.state.phase).toBe("open");
    expect(await go(run, closeStep("close"))).toEqual([]);
  });
});

describe("judging", () => {
  it("changes nothing: only applying does", async () => {
    const { Judge } = await import("../judge.ts");
    const { Rulebook } = await import("../rulebook.ts");
    for (const after of ["restart: anchor", "pause: anchor", "new witnesses in force", "count", "result"]) {
      const at = honest.script.findIndex((step) => step.name === after);
      const { state } = honest.snapshots[at]!;
      const index = honest.run.places.get(after)!;
      const bytes = honest.run.record.entries[index]!;
      const rulebook = new Rulebook(state.origin, structuredClone(state));
      const entry = { index, type: bytes[1]!, payload: bytes.slice(42), leafHash: honest.run.record.leaves[index]! };
      const inputs = {
        ballots: honest.run.view,
        recordRoot: () => undefined,
        passesRoot: () => undefined,
        document: () => undefined,
        passesPerClass: () => undefined,
        classSums: () => undefined,
        countedBitmap: () => undefined,
      };
      const judgement = rulebook.judge(entry, inputs, new Judge());
      expect(rulebook.state).toEqual(state);
      judgement.apply();
      expect(rulebook.state).not.toEqual(state);
    }
  });
});
