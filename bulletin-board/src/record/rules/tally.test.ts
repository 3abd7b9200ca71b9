/** The encrypted tally against states that only a record with earlier faults has: refused, never thrown at. */
import { expect, it } from "vitest";
import { honestElection } from "../../testing/kit/honest.ts";
import { Judge } from "../judge.ts";
import type { RuleInputs } from "../rule.ts";
import { Rulebook } from "../rulebook.ts";
import type { ElectionState } from "../state.ts";

async function refusedBy(change: (state: ElectionState) => void): Promise<string[]> {
  const { run, snapshots, script } = await honestElection();
  const state = structuredClone(snapshots[script.findIndex(({ name }) => name === "encrypted tally")]!.state);
  change(state);
  const index = run.places.get("encrypted tally")!;
  const payload = run.record.entries[index]!.slice(42);
  const entry = { index, type: 24, payload, leafHash: run.record.leaves[index]! };
  const judge = new Judge();
  const inputs = { classSums: () => undefined } as unknown as RuleInputs;
  new Rulebook(state.origin, state).judge(entry, inputs, judge);
  return judge.refusals.map(({ part }) => part);
}
const withDefinition =
  (change: (definition: NonNullable<ElectionState["definition"]>) => Partial<ElectionState["definition"] & object>) =>
  (state: ElectionState): void => {
    state.definition = { ...state.definition!, ...change(state.definition!) };
  };

it("holds as it is", async () => {
  expect(await refusedBy(() => undefined)).toEqual([]);
});

it("is refused where the group tree has no partition", async () => {
  const reversed = withDefinition(({ groups }) => ({ groups: [...groups].reverse() }));
  const inner = withDefinition(({ classes }) => ({ classes: classes.map((item) => ({ ...item, group: 0 })) }));
  expect(await refusedBy(reversed)).toEqual(["20a"]);
  expect(await refusedBy(inner)).toEqual(["20a"]);
});

it("is held against the ballots that were found, whatever the count says", async () => {
  const counted = (numbers: number[]) => (state: ElectionState) => {
    state.count = { ...state.count!, message: { ...state.count!.message, counted: numbers } };
  };
  expect(await refusedBy(counted([1]))).toEqual([]);
  expect(
    await refusedBy((state) => {
      state.firstBallots = [4, 5, 3];
    }),
  ).toEqual(["20a"]);
});
