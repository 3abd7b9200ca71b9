/** Checks 21b, 21c, 22 and 23: the result follows from the shares; anyone computes it. */
import {
  BabyGiant,
  decodePoint,
  encodePoint,
  equalBytes,
  G,
  multiplyPublic,
  openSums,
  type Point,
  valueCount,
  weightedTotals,
} from "@hanpyo/crypto";
import type { Judge } from "../judge.ts";
import { type Judgement, noEffect, type Rule } from "../rule.ts";
import { decodeRecord } from "../schema/cbor.ts";
import type { ElectionState } from "../state.ts";
import { type ElectionResult, result } from "../tally-entries.ts";
import { decryptionsOf } from "./shares.ts";
import { tallyComponents } from "./tally.ts";

/** The t lowest trustees with a valid share; none where nothing is to be opened; null while too few are there. */
export function resultTrustees(state: ElectionState): number[] | null {
  const components = state.tally ? tallyComponents(state.tally.message) : null;
  if (!components || !state.definition) return null;
  if (components.first.length === 0) return [];
  const valid = [...state.shares.keys()].sort((a, b) => a - b);
  return valid.length < state.definition.threshold ? null : valid.slice(0, state.definition.threshold);
}

/** M_1 … M_J from the shares of these trustees; null where a share's proof does not hold. */
export function openedPoints(state: ElectionState, trustees: readonly number[]): Point[] | null {
  const components = tallyComponents(state.tally!.message);
  if (!components) return null;
  if (components.first.length === 0) return [];
  const shares = trustees.flatMap((trustee) => {
    const recorded = state.shares.get(trustee);
    const decryptions = recorded ? decryptionsOf(state, recorded.message) : null;
    return decryptions ? [{ trustee, decryptions }] : [];
  });
  return shares.length === trustees.length ? openSums(components, shares, trustees.length) : null;
}

/** The one result that follows; throws where no discrete logarithm is found in bounds, which is an alarm. */
export function computeResult(state: ElectionState, trustees: readonly number[]): ElectionResult {
  const points = openedPoints(state, trustees);
  if (!points) throw new Error("the shares do not open the sums");
  const definition = state.definition!;
  const sets = state.tally!.message.contests;
  const bounds = sets.flatMap((contest, i) =>
    contest.opened.map((set) => set.ballots * definition.contests[i]!.rule.maxValue),
  );
  const logarithms = new BabyGiant(Math.max(1, ...bounds));
  let next = 0;
  return {
    trustees,
    contests: sets.map((contest, i) => {
      const rule = definition.contests[i]!.rule;
      const opened = contest.opened.map((set) => {
        const mine = points.slice(next, next + valueCount(rule));
        next += mine.length;
        const counts = mine.map((point, option) => {
          const count = logarithms.solve(point, set.ballots * rule.maxValue);
          if (count === null)
            throw new Error(`contest ${i}, option ${option}: no count within ${set.ballots} ballots opens the sum`);
          return count;
        });
        return { points: mine.map(encodePoint), counts };
      });
      return {
        opened,
        totals: totalsOf(contest.opened, opened, valueCount(rule)),
        unopened: contest.unopened.reduce((sum, set) => sum + set.ballots, 0),
      };
    }),
  };
}

const totalsOf = (
  sets: readonly { readonly weight: number }[],
  opened: readonly { readonly counts: readonly number[] }[],
  options: number,
): number[] =>
  weightedTotals(
    options,
    sets.map(({ weight }, i) => ({ weight, counts: opened[i]!.counts })),
  );

export const judgeResult: Rule = (state, entry, _inputs, judge): Judgement => {
  const decoded = decodeRecord(result, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  if (!judge.require("8a", state.result === null, "out-of-order", "there is a result already", state.result?.entry))
    return noEffect;
  if (!judge.require("8b", state.phase === "tallied", "out-of-order", `result in phase ${state.phase}`))
    return noEffect;
  const value = decoded.value;
  const blamed = new Set(state.blamed.map(({ trustee }) => trustee));
  const proven = value.trustees.every((trustee) => state.shares.has(trustee) || !blamed.has(trustee));
  judge.require("21b", proven, "share-proof-invalid", "the result rests on a share whose proof fails");
  const trustees = resultTrustees(state);
  const enough = trustees !== null && trustees.join() === value.trustees.join();
  judge.require(
    "21c",
    enough || !proven,
    "shares-missing",
    () => `trustees ${value.trustees.join(", ")}, valid shares of ${trustees?.join(", ") ?? "too few"}`,
  );
  const points = trustees && openedPoints(state, trustees);
  if (points && shapeFits(state, value, points.length, judge)) judgeOpening(state, value, points, judge);
  return {
    apply: () => {
      state.phase = "decided";
      state.result = { entry: entry.index, leafHash: entry.leafHash, message: value };
    },
  };
};

function shapeFits(state: ElectionState, value: ElectionResult, points: number, judge: Judge): boolean {
  const sets = state.tally!.message.contests;
  const fits =
    value.contests.length === sets.length &&
    // An encrypted tally of other contests than the definition's has failed 20a.
    sets.length === state.definition!.contests.length &&
    value.contests.every((contest, i) => {
      const options = valueCount(state.definition!.contests[i]!.rule);
      return (
        contest.opened.length === sets[i]!.opened.length &&
        contest.totals.length === options &&
        contest.opened.every((set) => set.points.length === options && set.counts.length === options)
      );
    }) &&
    value.contests.flatMap((contest) => contest.opened.flatMap((set) => set.points)).length === points;
  return judge.require(
    "22a",
    fits,
    "decryption-invalid",
    "the result has other sets or options than the encrypted tally",
  );
}

function judgeOpening(state: ElectionState, value: ElectionResult, points: readonly Point[], judge: Judge): void {
  let next = 0;
  const before = judge.refusals.length;
  value.contests.forEach((contest, i) => {
    const { rule } = state.definition!.contests[i]!;
    const sets = state.tally!.message.contests[i]!;
    contest.opened.forEach((set, j) => {
      const bound = sets.opened[j]!.ballots * rule.maxValue;
      set.points.forEach((bytes, option) => {
        const where = `contest ${i}, set ${j}, option ${option}`;
        judge.require(
          "22a",
          equalBytes(bytes, encodePoint(points[next++]!)),
          "decryption-invalid",
          `${where}: not the combination of the shares`,
        );
        const count = set.counts[option]!;
        const point = decodePoint(bytes);
        const opens = point.ok && point.value.equals(multiplyPublic(G, BigInt(count)));
        judge.require("22b", opens, "decryption-invalid", `${where}: the point is not g^${count}`);
        judge.require("22c", count <= bound, "decryption-invalid", `${where}: ${count} is more than ${bound}`);
      });
    });
    if (judge.refusals.length > before) return; // totals of counts that do not stand say nothing
    // Exact whatever a hostile record says: `weightedTotals` throws beyond 2^53.
    const totals = contest.totals.map((_, option) =>
      sets.opened.reduce((sum, { weight }, j) => sum + BigInt(weight) * BigInt(contest.opened[j]!.counts[option]!), 0n),
    );
    const unopened = sets.unopened.reduce((sum, set) => sum + set.ballots, 0);
    const follows =
      contest.totals.every((total, option) => BigInt(total) === totals[option]) && contest.unopened === unopened;
    judge.require(
      "23a",
      follows,
      "result-invalid",
      () => `contest ${i}: totals ${contest.totals.join(", ")}, found ${totals.join(", ")}`,
    );
  });
}
