import { describe, expect, test } from "vitest";
import type { ElectionView, FromWorker, PaperFile, Standing, VoterView } from "./messages.ts";
import { type Action, initialSession, reduce, type Session } from "./session.ts";

const text = (it: string) => ({ ko: `${it} (ko)`, en: it });
const contest = (title: string, options: number, max: number, min = 1) => ({
  title: text(title),
  text: text(`About ${title}`),
  options: Array.from({ length: options }, (_, index) => text(`Option ${index}`)),
  rule: { options, maxValue: 1, min, max, blank: true },
});
const election: ElectionView = {
  origin: "example.org/vote",
  title: text("Library"),
  text: text("Two questions"),
  rehearsal: true,
  opens: 1000,
  closes: 2000,
  revote: true,
  registrars: { names: ["A", "B", "C", "D"], quorum: 3 },
  witnesses: { count: 4, quorum: 3 },
  contests: [contest("Site", 3, 1), contest("Rooms", 4, 2), contest("Elsewhere", 2, 1)],
};
const voter: VoterView = { place: text("North"), weight: 1, contests: [0, 1], last: [] };
const open: Standing = { phase: "open", end: 2000, skew: 0 };
const envelopes = [{ code: "AAAA", hash: "h" }];
const file: PaperFile = { name: "paper.txt", text: "paper" };
const received: Action = { type: "received" };
const recorded: Action = {
  type: "recorded",
  places: [{ index: 7, size: 12 }],
  witnessed: { names: ["W"], quorum: 3, time: 1500 },
  receipts: [file],
};

const run = (from: Session, ...actions: Action[]): Session => actions.reduce(reduce, from);
const opened = (standing: Standing, known: VoterView | null = null): FromWorker => ({
  type: "opened",
  election,
  standing,
  voter: known,
  pending: [],
});
const atRead = run(initialSession, opened(open), { type: "enter" }, { type: "entered", voter });
const marked = run(
  atRead,
  { type: "next" },
  { type: "mark", option: 1, value: 1 },
  { type: "next" },
  { type: "mark", option: 0, value: 1 },
  { type: "next" },
);
const sealed = run(marked, { type: "lock" }, { type: "locked", envelopes });
const sent = run(sealed, { type: "cast" });

describe("where a session begins", () => {
  test.each([
    ["setup", "early"],
    ["open", "code"],
    ["paused", "code"],
    ["closed", "over"],
    ["decided", "over"],
    ["aborted", "over"],
  ] as const)("%s → %s", (phase, at) => {
    expect(run(initialSession, opened({ ...open, phase })).stage.at).toBe(at);
  });
  test("a device that has its pass is welcomed back", () => {
    expect(run(initialSession, opened(open, voter)).stage.at).toBe("back");
  });
  test("somebody else may use the same device", () => {
    const other = run(initialSession, opened(open, voter), { type: "someone-else" });
    expect(other).toMatchObject({ voter: null, stage: { at: "code" } });
    expect(run(marked, { type: "someone-else" })).toBe(marked);
  });
  test("a ballot without an answer is shown as being sent", () => {
    const session = run(initialSession, { ...opened(open, voter), pending: envelopes } as Action);
    expect(session.stage).toMatchObject({ at: "sent", progress: { envelopes, received: false } });
  });
  test("unreachable only while loading", () => {
    expect(run(initialSession, { type: "unreachable", why: "offline" }).stage).toEqual({
      at: "unreachable",
      why: "offline",
    });
    expect(run(atRead, { type: "unreachable", why: "offline" })).toBe(atRead);
  });
});

describe("the way of a vote", () => {
  test("five screens lead from the code to the receipt", () => {
    expect(atRead.stage.at).toBe("read");
    expect(marked.stage.at).toBe("check");
    expect(marked.choices).toEqual([
      [0, 1, 0, 0],
      [1, 0, 0, 0, 0],
    ]);
    expect(sealed.stage).toEqual({ at: "sealed", envelopes });
    const done = run(sent, received, recorded);
    expect(done.stage).toMatchObject({
      at: "sent",
      progress: { received: true, recorded: { places: [{ size: 12 }] } },
    });
    expect(done.voter?.last).toEqual(envelopes);
  });
  test("the choices are forgotten when the ballot is cast", () => expect(sent.choices).toEqual([]));
  test("nothing marked keeps the screen and says why", () => {
    const stuck = run(atRead, { type: "next" }, { type: "next" });
    expect(stuck.stage).toMatchObject({ at: "choose", step: 0, problem: { kind: "nothing" } });
    expect(run(stuck, { type: "mark-blank", blank: true }).stage).toMatchObject({ problem: null });
  });
  test("checking cannot be reached past an open question", () => {
    expect(run(atRead, { type: "go", to: "check" }).stage).toMatchObject({ at: "choose", step: 0 });
    expect(run(atRead, { type: "go", to: "choose", step: 1 }).stage).toMatchObject({ at: "choose", step: 0 });
    expect(run(atRead, { type: "lock" }).stage.at).toBe("read");
  });
  test("changing one answer leads straight back to checking", () => {
    const changed = run(
      marked,
      { type: "go", to: "choose", step: 0, single: true },
      { type: "mark", option: 2, value: 1 },
      { type: "next" },
    );
    expect(changed.stage.at).toBe("check");
    expect(changed.choices[0]).toEqual([0, 0, 1, 0]);
  });
  test("the back button does not lead out of a cast vote", () => {
    for (const to of ["read", "choose", "check"] as const) expect(run(sent, { type: "go", to })).toBe(sent);
  });
  test("a locked envelope may be opened again before it is cast, not after", () => {
    expect(run(sealed, { type: "unlock" }).stage.at).toBe("check");
    expect(run(sent, { type: "unlock" })).toBe(sent);
  });
  test("voting again starts from empty choices", () => {
    const again = run(sent, received, recorded, { type: "again" });
    expect(again.stage.at).toBe("read");
    expect(again.choices.flat().every((it) => it === 0)).toBe(true);
  });
});

describe("what can go wrong", () => {
  test("a wrong code is told on the code screen", () => {
    const session = run(
      initialSession,
      opened(open),
      { type: "enter" },
      { type: "code-problem", problem: { kind: "check" } },
    );
    expect(session.stage).toEqual({ at: "code", busy: false, problem: { kind: "check" } });
  });
  test("missing registrars are counted", () => {
    const session = run(
      initialSession,
      opened(open),
      { type: "enter" },
      { type: "registrars", step: "signing", answered: 2, late: true },
    );
    expect(session.stage).toEqual({ at: "registrars", step: "signing", answered: 2, late: true });
  });
  test("the end of voting closes every screen before sending, never a receipt", () => {
    const end: Action = { type: "standing", standing: { ...open, phase: "closed" } };
    for (const session of [atRead, marked, sealed]) {
      expect(run(session, end).stage.at).toBe("over");
      expect(run(session, end).choices).toEqual([]);
    }
    expect(run(sent, end).stage.at).toBe("sent");
  });
  test("the opening opens the door by itself", () => {
    const early = run(initialSession, opened({ ...open, phase: "setup" }));
    expect(run(early, { type: "standing", standing: open }).stage.at).toBe("code");
  });
  test("a pause keeps the choices", () => {
    const paused = run(marked, { type: "standing", standing: { ...open, phase: "paused" } });
    expect(paused.stage.at).toBe("check");
    expect(paused.choices).toBe(marked.choices);
  });
  test("offline is shown and goes when the answer comes", () => {
    const waiting = run(sent, { type: "waiting", why: "offline", retryAt: 5 });
    expect(waiting.stage).toMatchObject({ progress: { waiting: "offline", retryAt: 5 } });
    expect(run(waiting, received).stage).toMatchObject({ progress: { waiting: null, retryAt: null } });
  });
  test("a refusal shows its code, and another vote may be cast", () => {
    const refused = run(sent, { type: "refused", refusal: { code: "stale-previous", sentence: text("stale"), file } });
    expect(refused.stage).toMatchObject({ at: "refused", envelopes, refusal: { code: "stale-previous" } });
    expect(run(refused, { type: "again" }).stage.at).toBe("read");
  });
  test("a broken receipt is kept as evidence", () => {
    const fault = run(sent, received, { type: "receipt-fault", fault: "witnesses", evidence: file });
    expect(fault.stage).toMatchObject({ progress: { fault: { fault: "witnesses", evidence: file } } });
  });
  test("a crash while locking leads back to checking with the choices kept", () => {
    const crashed = run(marked, { type: "lock" }, { type: "crash" });
    expect(crashed.stage).toEqual({ at: "check", failed: true });
    expect(crashed.choices).toBe(marked.choices);
  });
  test("a worker that was started again finds the choices where they were", () => {
    const again = run(marked, { type: "crash" }, opened(open, voter));
    expect(again.stage.at).toBe("check");
    expect(again.choices).toBe(marked.choices);
    const done = run(sent, received, recorded);
    expect(run(done, { type: "crash" }, opened(open, voter)).stage).toBe(done.stage);
    expect(run(sent, { type: "crash" }, { ...opened(open, voter), pending: envelopes } as Action).stage.at).toBe(
      "sent",
    );
    expect(run(marked, { type: "crash" }, opened(open, null)).stage.at).toBe("code");
  });
  test("answers that come too late change nothing", () => {
    expect(run(marked, { type: "locked", envelopes: [] })).toBe(marked);
    expect(run(marked, received)).toBe(marked);
    expect(run(atRead, { type: "registrars", step: "signing", answered: 4, late: false })).toBe(atRead);
  });
  test("leaving no trace forgets the voter", () => {
    const erased = run(sent, received, { type: "erased" });
    expect(erased).toMatchObject({ voter: null, choices: [], stage: { at: "erased" } });
    expect(run(erased, { type: "again" })).toBe(erased);
  });
});
