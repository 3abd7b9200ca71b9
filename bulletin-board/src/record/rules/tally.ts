/** Check 20: the encrypted tally is the plain product over the counted ballots of each set of the partition. */
import {
  CiphertextSum,
  concatBytes,
  decodePoint,
  equalBytes,
  type Partition,
  type Point,
  partition,
  valueCount,
} from "@hanpyo/crypto";
import type { DefinitionBody } from "../definition.ts";
import { type ClassSums, type Judgement, noEffect, type Rule } from "../rule.ts";
import { decodeRecord } from "../schema/cbor.ts";
import { type EncryptedTally, encryptedTally } from "../tally-entries.ts";
import { groupTreeIsSound } from "./definition.ts";

/** The partition of every contest's counted ballots, a pure function of definition and count. */
export function partitions(definition: DefinitionBody, counted: readonly number[]): Partition[] {
  const { groups, classes, smallestGroup } = definition;
  return definition.contests.map((_, contest) => partition({ groups, classes, counted, smallestGroup }, contest));
}

/** The one encrypted tally that follows from the count and the sums of the classes. */
export function expectedTally(definition: DefinitionBody, counted: readonly number[], sums: ClassSums): EncryptedTally {
  return {
    contests: partitions(definition, counted).map(({ opened, unopened }, contest) => ({
      opened: opened.map((set) => {
        const sum = new CiphertextSum(valueCount(definition.contests[contest]!.rule));
        for (const item of set.classes) {
          const added = sum.add(sums[contest]![item]!);
          if (!added.ok) throw new Error(`the sums of class ${item} do not fit contest ${contest}`);
        }
        return { ...set, sums: sum.bytes() };
      }),
      unopened,
    })),
  };
}

export const judgeEncryptedTally: Rule = (state, entry, inputs, judge): Judgement => {
  const decoded = decodeRecord(encryptedTally, entry.payload);
  if (!judge.require("1a", decoded.ok, "form-invalid", () => (decoded.ok ? "" : decoded.error)) || !decoded.ok)
    return noEffect;
  if (
    !judge.require(
      "8a",
      state.tally === null,
      "out-of-order",
      "there is an encrypted tally already",
      state.tally?.entry,
    )
  )
    return noEffect;
  const { definition, count, firstBallots } = state;
  if (
    !judge.require(
      "8b",
      state.phase === "counted" && count !== null,
      "out-of-order",
      `encrypted tally in phase ${state.phase}`,
    ) ||
    !definition
  )
    return noEffect;
  const tally = decoded.value;
  // By the numbers that check 19 compares the count with: a wrong count is one fault, not two.
  const expected = groupTreeIsSound(definition) ? partitions(definition, firstBallots) : [];
  const shape =
    tally.contests.length === expected.length &&
    tally.contests.every((contest, i) => sameSets(contest, expected[i]!, valueCount(definition.contests[i]!.rule)));
  judge.require("20a", shape, "tally-invalid", "the sets are not those of the partition");
  const sums = inputs.classSums();
  if (sums && shape) {
    const products = expectedTally(definition, firstBallots, sums);
    const same = tally.contests.every((contest, i) =>
      contest.opened.every((set, j) => equalBytes(set.sums, products.contests[i]!.opened[j]!.sums)),
    );
    judge.require("20b", same, "tally-invalid", "a sum is not the product of its ballots");
  }
  return {
    apply: () => {
      state.phase = "tallied";
      state.tally = { entry: entry.index, leafHash: entry.leafHash, message: tally };
    },
  };
};

function sameSets(contest: EncryptedTally["contests"][number], expected: Partition, values: number): boolean {
  const same = (
    found: { weight: number; classes: readonly number[]; ballots: number },
    wanted: Partition["opened"][number],
  ) =>
    found.weight === wanted.weight &&
    found.ballots === wanted.ballots &&
    found.classes.join() === wanted.classes.join();
  return (
    contest.opened.length === expected.opened.length &&
    contest.unopened.length === expected.unopened.length &&
    contest.opened.every((set, i) => same(set, expected.opened[i]!) && set.sums.length === 64 * values) &&
    contest.unopened.every((set, i) => same(set, expected.unopened[i]!))
  );
}

/** R_1 … R_J and S_1 … S_J of all opened sums in order; null where a string is no point. */
export function tallyComponents(tally: EncryptedTally): { readonly first: Point[]; readonly second: Point[] } | null {
  const all = concatBytes(...tally.contests.flatMap((contest) => contest.opened.map((set) => set.sums)));
  const first: Point[] = [];
  const second: Point[] = [];
  for (let at = 0; at < all.length; at += 64) {
    const r = decodePoint(all.subarray(at, at + 32));
    const s = decodePoint(all.subarray(at + 32, at + 64));
    if (!r.ok || !s.ok) return null;
    first.push(r.value);
    second.push(s.value);
  }
  return { first, second };
}
