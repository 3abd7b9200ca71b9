/** What no tampered record can show alone (testing/kit/cannot-fail-alone.ts): the rules, asked directly. */
import { beforeAll, describe, expect, it } from "vitest";
import { cannotFailAlone } from "../../testing/kit/cannot-fail-alone.ts";
import { honestElection } from "../../testing/kit/honest.ts";
import type { Played } from "../../testing/kit/run.ts";
import { Judge } from "../judge.ts";
import type { RuleInputs } from "../rule.ts";
import { Rulebook } from "../rulebook.ts";
import type { ElectionState } from "../state.ts";

let honest: Played;
beforeAll(async () => {
  honest = await honestElection();
});

/** Parts that the honest result fails against a changed state. */
function refusedBy(change: (state: ElectionState) => void): string[] {
  const { run, snapshots, script } = honest;
  const state = structuredClone(snapshots[script.findIndex(({ name }) => name === "result")]!.state);
  change(state);
  const index = run.places.get("result")!;
  const judge = new Judge();
  const payload = run.record.entries[index]!.slice(42);
  const entry = { index, type: 26, payload, leafHash: run.record.leaves[index]! };
  new Rulebook(state.origin, state).judge(entry, {} as RuleInputs, judge);
  return [...new Set(judge.refusals.map(({ part }) => part))];
}

/** The encrypted tally with the ballots of each opened set replaced, its sums as they are. */
const withBallots = (ballots: number) => (state: ElectionState) => {
  const tally = state.tally!;
  state.tally = {
    ...tally,
    message: {
      contests: tally.message.contests.map((contest) => ({
        ...contest,
        opened: contest.opened.map((set) => ({ ...set, ballots })),
      })),
    },
  };
};

describe("a result", () => {
  it("holds as it is", () => {
    expect(refusedBy(() => undefined)).toEqual([]);
  });

  it("22c: may not count more than the ballots of a set can hold", () => {
    expect(Object.keys(cannotFailAlone)).toEqual(["22c"]);
    expect(refusedBy(withBallots(11))).toEqual([]);
    expect(refusedBy(withBallots(6))).toEqual([]);
    expect(refusedBy(withBallots(5))).toEqual(["22c"]);
    expect(refusedBy(withBallots(0))).toEqual(["22c"]);
  });
});
