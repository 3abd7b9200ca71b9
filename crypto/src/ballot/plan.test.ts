import { describe, expect, it } from "vitest";
import { proverBallot, testContext } from "../testing/ballots.ts";
import { ballotEquations, SharedTerms } from "./equations.ts";
import { ballotPlan, ballotRecord, schnorrRecord } from "./plan.ts";
import { approval, chooseOne, score } from "./rule.ts";

const ballot = testContext(approval(2, 0, 1, true), chooseOne(2), score(2, 2));
const item = proverBallot(ballot, [
  [0, 0, 1],
  [0, 1],
  [2, 1],
]);
const { core, casting } = item;

describe("the plan of a class", () => {
  const plan = ballotPlan(ballot);
  const equations = ballotEquations(ballot, core, casting)!;

  it("has the points, the free positions and as many weights as the equations have", () => {
    expect(32 * plan.points).toBe(equations.points.length);
    expect(plan.points).toBe(equations.weighted + 1);
    expect(Array.from(plan.free, Boolean)).toEqual(Array.from(plan.free, (_, i) => equations.mayBeIdentity(i)));
    let weights = 0;
    equations.exponents(() => BigInt(++weights), new SharedTerms());
    expect(plan.equations).toBe(weights);
    expect(plan.key).toEqual(ballot.keyBytes);
  });

  it("has records that begin with those points, and then the scalars", () => {
    const bytes = new Uint8Array(8 + 32 * (plan.points + plan.scalars + 2));
    ballotRecord(ballot, core, casting, null)!.write(bytes, 8);
    expect(bytes.subarray(8, 8 + equations.points.length)).toEqual(equations.points);
    const scalars = bytes.subarray(8 + equations.points.length);
    let at = 0;
    for (const { responses } of core.contests) {
      expect(scalars.subarray(at, at + responses.length)).toEqual(responses);
      at += responses.length;
    }
    expect(scalars.subarray(at, at + 32)).toEqual(casting.signature.subarray(32));
    expect(32 * plan.scalars).toBe(at + 32);
    expect(scalars.subarray(at + 64)).toEqual(casting.passesHash);
  });

  it("is made for records of the right shape only", () => {
    expect(ballotRecord(ballot, { ...core, class: 0 }, casting, null)).toBeNull();
    expect(ballotRecord(ballot, core, { ...casting, signature: new Uint8Array(63) }, null)).toBeNull();
    expect(() => ballotRecord(ballot, core, { ...casting, passesHash: new Uint8Array(31) }, null)).toThrow(RangeError);
    const point = new Uint8Array(32);
    const equation = { commitment: point, key: new Uint8Array(31), challenge: 1n, response: 1n };
    expect(schnorrRecord(equation)).toBeNull();
  });

  it("drops hints of a wrong length", () => {
    const hints = new Uint8Array(32 * plan.points);
    expect(ballotRecord(ballot, core, casting, hints)!.hints).toBe(hints);
    expect(ballotRecord(ballot, core, casting, hints.subarray(1))!.hints).toBeNull();
  });
});
