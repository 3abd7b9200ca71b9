/** An honest election is verified; an unfinished one is not, and says why; hostile bytes are never more than a verdict. */
import { bytesToHex } from "@hanpyo/crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { checkParts } from "../record/checks.ts";
import { EntryType } from "../record/entry-types.ts";
import { both, opens } from "../testing/kit/definition.ts";
import { honestElection, outcomeOf } from "../testing/kit/honest.ts";
import { servePages, sourceOf } from "../testing/kit/publish.ts";
import type { Played } from "../testing/kit/run.ts";
import { actSteps, anchorStep } from "../testing/kit/steps.ts";
import { upTo } from "../testing/kit/tamper.ts";
import { UnreadableSource, verifyElection } from "./index.ts";
import type { RecordSource } from "./source.ts";

// The records here share nearly all of their signatures: the real verifier is asked once about each.
vi.mock("../log/ed25519.ts", async (original) => {
  const real = await original<typeof import("../log/ed25519.ts")>();
  const asked = new Map<string, boolean>();
  const strictVerify: typeof real.strictVerify = (...triple) => {
    const name = triple.map(bytesToHex).join();
    const known = asked.get(name) ?? real.strictVerify(...triple);
    asked.set(name, known);
    return known;
  };
  return { ...real, strictVerify };
});

let honest: Played;
beforeAll(async () => {
  honest = await honestElection();
});

describe("an honest election", () => {
  it("is admitted by the rulebook, entry by entry", () => {
    expect(honest.run.refusals).toEqual([]);
    expect(honest.run.omitted).toEqual([]);
  });

  it("is verified: every part of every check held something", async () => {
    const { report, failed } = await outcomeOf({});
    expect(failed).toEqual([]);
    expect([report.verdict, report.exitCode, report.phase]).toEqual(["verified", 0, "decided"]);
    const parts = report.checks.flatMap((check) => check.parts);
    expect(parts.map(({ part }) => part)).toEqual(checkParts);
    expect(parts.filter(({ verdict, held }) => verdict !== "held" || held === 0).map(({ part }) => part)).toEqual([]);
    expect(report.ballots).toBe(18);
    expect(report.counted).toBe(14);
    expect(report.result).toEqual([
      { totals: [expect.any(Number), expect.any(Number), expect.any(Number)], unopened: 3 },
      { totals: [expect.any(Number), expect.any(Number)], unopened: 0 },
      { totals: [expect.any(Number), expect.any(Number)], unopened: 3 },
    ]);
    expect(report.result![1]!.totals.reduce((a, b) => a + b)).toBe(11);
  });

  it("tells what a reader should know", async () => {
    const { report } = await outcomeOf({});
    const texts = report.findings.map(({ text }) => text.en).join("\n");
    for (const said of [
      "rehearsal",
      "240 s",
      "trustee 2",
      "naming 5",
      "naming 4",
      "not opened",
      "withheld",
      "changed the witnesses; now 3 of",
      "4 of 14 passes",
    ])
      expect(texts).toContain(said);
  });

  it("without papers and pages is verified too: those are for their holders to ask", async () => {
    const report = await verifyElection(sourceOf(honest.run));
    expect([report.verdict, report.exitCode]).toEqual(["verified", 0]);
    const asked = report.checks.flatMap(({ parts }) => parts).filter(({ verdict }) => verdict === "not-asked");
    expect(asked.map(({ part }) => part)).toEqual(["24a", "25a", "25b", "25c"]);
  });
});

describe("an election that is not over", () => {
  it.each([
    "definition",
    "first anchor",
    "drill 3",
    "open",
    "pause",
    "ballot 6, re-vote 1",
    "end of the outage",
    "close",
    "count",
    "share 3",
  ])("up to “%s”: nothing fails, something is not asked", async (last) => {
    const { report, failed } = await outcomeOf({ script: (script) => upTo(script, last) });
    expect(failed).toEqual([]);
    expect([report.verdict, report.exitCode]).toEqual(["incomplete", 2]);
    expect(
      report.checks
        .flatMap(({ parts }) => parts)
        .every(({ verdict, why }) => (verdict === "not-asked") === (why !== undefined)),
    ).toBe(true);
  });

  it("is verified once it is aborted", async () => {
    const reason = both("for the test");
    const abort = actSteps("abort", () => ({ type: EntryType.abort, body: { at: opens + 210, reason } }), {
      at: opens + 210,
    });
    const { report, failed } = await outcomeOf({
      script: (script) => [
        ...upTo(script, "notice"),
        ...abort,
        ...[310, 410, 520].map((at) => anchorStep(`at ${at}`, opens + at)),
      ],
    });
    expect(failed).toEqual([]);
    expect([report.verdict, report.phase, report.result]).toEqual(["verified", "aborted", null]);
    // What never was is not said to have held.
    const never = report.checks.filter(({ number }) => number >= 19 && number <= 23).flatMap(({ parts }) => parts);
    expect(new Set(never.map(({ verdict, why }) => `${verdict}: ${why}`))).toEqual(
      new Set(["not-asked: the election was aborted"]),
    );
  });
});

describe("hostile bytes", () => {
  /** Files of the record changed as they are read. */
  const changed = (change: (bytes: Uint8Array) => Uint8Array, which: "record" | "passes"): RecordSource => {
    const source = sourceOf(honest.run);
    const file = async (path: string) => {
      const bytes = await source[which].file(path);
      return bytes && change(bytes);
    };
    return { ...source, [which]: { ...source[which], file } };
  };
  const verdict = async (source: RecordSource): Promise<string> => {
    try {
      return (await verifyElection(source, { client: servePages })).verdict;
    } catch (error) {
      if (error instanceof UnreadableSource) return "unreadable";
      throw error;
    }
  };

  it("a flipped bit anywhere fails or makes the record unreadable, and never throws", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("record" as const, "passes" as const),
        fc.nat(),
        fc.nat(7),
        async (which, place, bit) => {
          const source = changed(
            (bytes) => bytes.with(place % bytes.length, bytes[place % bytes.length]! ^ (1 << bit)),
            which,
          );
          expect(["failed", "unreadable"]).toContain(await verdict(source));
        },
      ),
      { numRuns: 12 },
    );
  });

  it("entries of the record in other places, under other types, never throw", async () => {
    const { entries } = honest.run.record;
    const place = fc.nat(honest.script.length - 1);
    const stray = fc.tuple(place, fc.nat(entries.length - 1), fc.option(fc.integer({ min: 1, max: 26 })));
    await fc.assert(
      fc.asyncProperty(fc.array(stray, { minLength: 1, maxLength: 4 }), async (strays) => {
        const { report } = await outcomeOf({
          script: (script) => {
            let all = script;
            for (const [at, index, type] of strays) {
              const bytes = entries[index]!;
              const entry = { type: type ?? bytes[1]!, payload: bytes.slice(42) };
              all = all.toSpliced(at + 1, 0, { name: `stray ${at}`, act: (run) => run.append(entry) });
            }
            return all;
          },
        });
        expect(report.verdict).not.toBe("unreadable");
      }),
      { numRuns: 12 },
    );
  });

  it("an unreadable source is said to be one", async () => {
    const source = sourceOf(honest.run);
    const cases: RecordSource[] = [
      { ...source, record: { ...source.record, checkpoint: async () => "nothing" } },
      { ...source, record: { ...source.record, file: async () => undefined } },
      { ...source, record: { ...source.record, file: async () => new Uint8Array(7) } },
      { ...source, passes: { ...source.passes, checkpoint: async () => "nothing" } },
      { ...source, passes: { ...source.passes, file: async () => undefined } },
    ];
    for (const each of cases) await expect(verifyElection(each)).rejects.toThrow(UnreadableSource);
    const empty = sourceOf(honest.run, { checkpoint: honest.run.checkpoint("record", { size: 0 }) });
    await expect(verifyElection(empty)).rejects.toThrow("the record is empty");
  });
});
