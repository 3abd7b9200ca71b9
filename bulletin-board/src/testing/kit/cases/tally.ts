/** Checks 19–23: count, encrypted tally, shares, decryption, result. */
import { decodePoint, encodePoint, G, unwrap } from "@hanpyo/crypto";
import type { ElectionResult } from "../../../record/tally-entries.ts";
import { bytesOf } from "../keys.ts";
import { classSums, countedEntries, countStep, openedBy, resultStep, shareStep, tallyStep } from "../tally-steps.ts";
import { before, replaced, type Tamper, without } from "../tamper.ts";

const counted = (part: Tamper["part"], what: string, ...changes: Tail<typeof countStep>): Tamper => ({
  part,
  what,
  script: (s) => replaced(s, "count", countStep("count", ...changes)),
});
const tallied = (part: Tamper["part"], what: string, stops: boolean, ...changes: Tail<typeof tallyStep>): Tamper => ({
  part,
  what,
  script: (s) => replaced(s, "encrypted tally", tallyStep("encrypted tally", ...changes)),
  stops,
});
const decided = (part: Tamper["part"], what: string, ...changes: Tail<typeof resultStep>): Tamper => ({
  part,
  what,
  script: (s) => replaced(s, "result", resultStep("result", ...changes)),
});
type Tail<F extends (...args: never) => unknown> = Parameters<F> extends [unknown, ...infer R] ? R : never;

type OpenedSet = ElectionResult["contests"][number]["opened"][number];
/** The first opened set and the totals of contest 0 changed. */
const opened = (
  result: ElectionResult,
  set: (set: OpenedSet) => OpenedSet,
  totals: (totals: readonly number[]) => readonly number[],
): ElectionResult => {
  const [contest, ...others] = result.contests;
  const changed = {
    ...contest!,
    opened: [set(contest!.opened[0]!), ...contest!.opened.slice(1)],
    totals: totals(contest!.totals),
  };
  return { ...result, contests: [changed, ...others] };
};
const more = (numbers: readonly number[], by = 1) => numbers.map((n, i) => (i === 0 ? n + by : n));
const moved = (points: readonly Uint8Array[]) =>
  points.map((bytes, i) => (i === 0 ? encodePoint(unwrap(decodePoint(bytes)).add(G)) : bytes));

export const tallyCases: readonly Tamper[] = [
  counted("19a", "a class with a ballot too many", (it) => ({ ...it, counted: more(it.counted) })),
  counted("19a", "another last ballot", (it) => ({ ...it, last: it.last! - 1 })),
  counted("19a", "no last ballot", (it) => ({ ...it, last: null })),
  counted("19a", "a class left out", (it) => ({ ...it, counted: it.counted.slice(1) })),
  counted("19a", "a class that is not there", (it) => ({ ...it, counted: [...it.counted, 0] })),
  counted(
    "19b",
    "a replaced ballot in the bitmap",
    (it) => it,
    (bits, run) => {
      const index = run.places.get("ballot 0")!;
      return bits.with(index >> 3, bits[index >> 3]! | (1 << (index & 7)));
    },
  ),
  counted(
    "19b",
    "a bitmap with a byte more",
    (it) => it,
    (bits) => Uint8Array.of(...bits, 0),
  ),
  tallied("20a", "a set below the limit on its own", false, (it, run) => {
    const sums = classSums(run);
    const set = it.contests[0]!.opened[0]!;
    const sets = [0, 1].map((item) => ({
      ...set,
      classes: [item],
      ballots: run.state.firstBallots[item]!,
      sums: sums[0]![item]!,
    }));
    return { contests: [{ ...it.contests[0]!, opened: sets }, ...it.contests.slice(1)] };
  }),
  tallied("20a", "the unopened set opened", false, (it, run) => {
    const contest = it.contests[0]!;
    const set = { ...contest.unopened[0]!, sums: classSums(run)[0]![2]! };
    return { contests: [{ opened: [...contest.opened, set], unopened: [] }, ...it.contests.slice(1)] };
  }),
  tallied("20a", "a set with another number of ballots", false, (it) => {
    const contest = it.contests[0]!;
    const sets = contest.opened.map((set) => ({ ...set, ballots: set.ballots + 1 }));
    return { contests: [{ ...contest, opened: sets }, ...it.contests.slice(1)] };
  }),
  tallied("20a", "a contest too many", true, (it) => ({ contests: [...it.contests, it.contests[0]!] })),
  tallied("20a", "a contest left out", true, (it) => ({ contests: it.contests.slice(1) })),
  tallied("20a", "an option left out", true, (it) => {
    const contest = it.contests[0]!;
    const sets = contest.opened.map((set) => ({ ...set, sums: set.sums.slice(64) }));
    return { contests: [{ ...contest, opened: sets }, ...it.contests.slice(1)] };
  }),
  tallied("20b", "a ballot left out of the products", false, (it, run) => {
    const left = countedEntries(run)[0]!;
    const sums = classSums(run, (index) => index === left);
    const whole = classSums(run);
    const [contest, ...others] = it.contests;
    const same = (a: Uint8Array, b: Uint8Array) => a.every((byte, i) => byte === b[i]);
    if (same(sums[0]![0]!, whole[0]![0]!)) throw new Error("nothing was left out");
    const set = { ...contest!.opened[0]!, sums: sumOf(sums[0]![0]!, sums[0]![1]!) };
    return { contests: [{ ...contest!, opened: [set] }, ...others] };
  }),
  tallied("20b", "sums that are no points", true, (it) => {
    const [contest, ...others] = it.contests;
    const set = { ...contest!.opened[0]!, sums: contest!.opened[0]!.sums.map(() => 0xff) };
    return { contests: [{ ...contest!, opened: [set] }, ...others] };
  }),
  {
    part: "21a",
    what: "a share signed by another",
    script: (s) =>
      replaced(
        s,
        "share 1",
        shareStep("share 1", 1, (it) => it, "trustee 2"),
      ),
  },
  {
    part: "21a",
    what: "a share of another tally",
    script: (s) =>
      replaced(
        s,
        "share 2",
        shareStep("share 2", 2, (it) => ({ ...it, tally: bytesOf("other") })),
      ),
  },
  decided("21b", "a result that rests on a share whose proof fails", (it) => ({ ...it, trustees: [1, 2] })),
  {
    part: "21c",
    what: "a result before enough shares",
    script: (s) => replaced(without(s, "share 3"), "result", openedBy("result", [1, 3])),
  },
  decided("21c", "a result of one share", (it) => ({ ...it, trustees: [1] })),
  {
    part: "21c",
    what: "shares other than the lowest",
    script: (s) => replaced(before(s, "share 3", shareStep("share 2 again", 2)), "result", openedBy("result", [2, 3])),
  },
  decided("22a", "a point moved with its count and total", (it) =>
    opened(
      it,
      (set) => ({ points: moved(set.points), counts: more(set.counts) }),
      (totals) => more(totals),
    ),
  ),
  decided("22a", "an option left out", (it) =>
    opened(
      it,
      (set) => ({ points: set.points.slice(1), counts: set.counts.slice(1) }),
      (totals) => totals.slice(1),
    ),
  ),
  decided("22a", "a contest left out", (it) => ({ ...it, contests: it.contests.slice(1) })),
  decided("22b", "a count that is not the point's", (it) =>
    opened(
      it,
      (set) => ({ ...set, counts: more(set.counts) }),
      (totals) => more(totals),
    ),
  ),
  decided("22b", "a count beyond every bound", (it) =>
    opened(
      it,
      (set) => ({ ...set, counts: more(set.counts, 2 ** 52) }),
      (totals) => more(totals, 2 ** 52),
    ),
  ),
  decided("23a", "a total that does not follow", (it) =>
    opened(
      it,
      (set) => set,
      (totals) => more(totals),
    ),
  ),
  decided("23a", "unopened ballots left unsaid", (it) => ({
    ...it,
    contests: it.contests.map((contest) => ({ ...contest, unopened: 0 })),
  })),
];

function sumOf(a: Uint8Array, b: Uint8Array): Uint8Array {
  const at = (bytes: Uint8Array, i: number) => unwrap(decodePoint(bytes.slice(i, i + 32)));
  const sums = a.slice();
  for (let i = 0; i < a.length; i += 32) sums.set(encodePoint(at(a, i).add(at(b, i))), i);
  return sums;
}
