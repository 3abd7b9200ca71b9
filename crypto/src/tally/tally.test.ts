import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../bytes.ts";
import { type Ceremony, TRUSTEES } from "../ceremony/parameters.ts";
import { encodePoint, G, IDENTITY, multiply, multiplyPublic, type Point } from "../group/ristretto.ts";
import { randomScalar } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { honestRound } from "../testing/ceremony.ts";
import { CiphertextSum, splitSums } from "./aggregate.ts";
import { BabyGiant } from "./baby-giant.ts";
import { type OpenedCounts, openSums, weightedTotals } from "./open.ts";
import { partition } from "./partition.ts";
import { decryptSums, verifyDecryptionShare } from "./share.ts";

const ceremony: Ceremony = {
  election: new Uint8Array(32).fill(1),
  group: TRUSTEES,
  round: 1,
  parties: [1, 2, 3, 4, 5],
  threshold: 3,
};
const { keys, secrets } = honestRound(ceremony);

function encrypt(value: number): Uint8Array {
  const r = randomScalar();
  const mask = multiply(keys.publicKey, r);
  return concatBytes(encodePoint(multiply(G, r)), encodePoint(multiplyPublic(G, BigInt(value)).add(mask)));
}

describe("five trustees, threshold three, two absent", () => {
  const groups = [null, 0, 0].map((parent) => ({ parent }));
  const classes = [
    { group: 1, weight: 1, contests: [0] },
    { group: 2, weight: 1, contests: [0] },
    { group: 1, weight: 4, contests: [0] },
    { group: 2, weight: 4, contests: [0] },
  ];
  const options = 3;
  const plain = classes.flatMap((_, index) =>
    Array.from({ length: [11, 6, 12, 9][index]! }, (_, i) => ({
      index,
      values: [0, 1, 2].map((option) => (option === (i * i + index) % 3 ? 1 : 0)),
    })),
  );
  const counted = classes.map((_, index) => plain.filter((ballot) => ballot.index === index).length);
  const sets = partition({ groups, classes, counted, smallestGroup: 10 }, 0);
  const context = new Uint8Array(32).fill(2);
  const tally = new Uint8Array(32).fill(3);

  it("opens every set to what was voted, with any three trustees", () => {
    const ballots = plain.map((ballot) => ({ ...ballot, ciphertexts: concatBytes(...ballot.values.map(encrypt)) }));
    expect(sets.opened.map((set) => [set.weight, set.ballots])).toEqual([
      [1, 17],
      [4, 21],
    ]);
    const sums = sets.opened.map((set) => {
      const sum = new CiphertextSum(options);
      for (const each of ballots) if (set.classes.includes(each.index)) unwrap(sum.add(each.ciphertexts));
      return sum.bytes();
    });
    const split = unwrap(splitSums(concatBytes(...sums)));
    const statementOf = (trustee: number) => ({
      context,
      tally,
      key: keys.shares.get(trustee)!,
      ciphertexts: split.first,
    });
    const solver = new BabyGiant(40);
    const present = [
      [1, 2, 3],
      [2, 4, 5],
    ].map((trustees) => {
      const shares = trustees.map((trustee) => {
        const made = decryptSums(statementOf(trustee), secrets[trustee - 1]!.keys);
        return { trustee, decryptions: unwrap(verifyDecryptionShare(statementOf(trustee), made)) };
      });
      return openSums(split, shares, 3);
    });
    for (const [j, point] of present[0]!.entries()) expect(point.equals(present[1]![j]!)).toBe(true);
    const opened: OpenedCounts[] = sets.opened.map((set, i) => ({
      weight: set.weight,
      counts: present[0]!.slice(i * options, (i + 1) * options).map((point) => solver.solve(point, set.ballots)!),
    }));
    for (const [i, set] of sets.opened.entries()) {
      for (let option = 0; option < options; option++) {
        const expected = plain.filter((each) => set.classes.includes(each.index) && each.values[option] === 1).length;
        expect(opened[i]!.counts[option]).toBe(expected);
      }
    }
    const total = (option: number) =>
      plain.reduce((sum, each) => sum + classes[each.index]!.weight * each.values[option]!, 0);
    expect(weightedTotals(options, opened)).toEqual([total(0), total(1), total(2)]);
  });

  it("two trustees, or one whose share is false, open nothing", () => {
    const sum = unwrap(splitSums(encrypt(5)));
    const solver = new BabyGiant(100);
    const decryptions = (trustee: number) => ({
      trustee,
      decryptions: sum.first.map((point) => multiplyPublic(point, secrets[trustee - 1]!.keys.secret.reveal())),
    });
    expect(solver.solve(openSums(sum, [1, 2, 3].map(decryptions), 3)[0]!, 100)).toBe(5);
    expect(() => openSums(sum, [1, 2].map(decryptions), 3)).toThrow(RangeError);
    expect(() => openSums(sum, [1, 2, 2].map(decryptions), 3)).toThrow(RangeError);
    expect(solver.solve(openSums(sum, [1, 2].map(decryptions), 2)[0]!, 100)).toBeNull();
    const false_ = { trustee: 3, decryptions: decryptions(4).decryptions };
    expect(solver.solve(openSums(sum, [decryptions(1), decryptions(2), false_], 3)[0]!, 100)).toBeNull();
    const short = { trustee: 3, decryptions: [] as Point[] };
    expect(() => openSums(sum, [decryptions(1), decryptions(2), short], 3)).toThrow(RangeError);
  });
});

describe("CiphertextSum", () => {
  it("is the product of what was added, in any order", () => {
    const all = [1, 2, 3].map((value) => concatBytes(encrypt(value), encrypt(value + 1)));
    const sumOf = (order: Uint8Array[]) => {
      const sum = new CiphertextSum(2);
      for (const each of order) unwrap(sum.add(each));
      return sum.bytes();
    };
    expect(sumOf(all)).toEqual(sumOf([...all].reverse()));
    // Sums of sums: what a range's summary or a class contributes.
    expect(sumOf([sumOf(all.slice(0, 2)), all[2]!])).toEqual(sumOf(all));
    expect(new CiphertextSum(1).bytes()).toEqual(concatBytes(encodePoint(IDENTITY), encodePoint(IDENTITY)));
  });

  it("refuses other lengths and malformed points, and is unchanged then", () => {
    const sum = new CiphertextSum(2);
    unwrap(sum.add(concatBytes(encrypt(1), encrypt(2))));
    const before = sum.bytes();
    expect(sum.add(encrypt(1))).toEqual({ ok: false, error: "length" });
    const bad = concatBytes(encrypt(1), encrypt(2)).fill(255, 96);
    expect(sum.add(bad)).toEqual({ ok: false, error: "point" });
    expect(sum.bytes()).toEqual(before);
    expect(splitSums(new Uint8Array(65))).toEqual({ ok: false, error: "length" });
    expect(splitSums(bad)).toEqual({ ok: false, error: "point" });
  });
});

describe("weightedTotals", () => {
  it("sums weight × count and is exact or throws", () => {
    const sets = fc.array(fc.record({ weight: fc.nat(1 << 20), counts: fc.tuple(fc.nat(1000), fc.nat(1000)) }));
    fc.assert(
      fc.property(sets, (opened) => {
        const exact = [0, 1].map((k) =>
          opened.reduce((sum, each) => sum + BigInt(each.weight) * BigInt(each.counts[k]!), 0n),
        );
        expect(weightedTotals(2, opened).map(BigInt)).toEqual(exact);
      }),
    );
    expect(() => weightedTotals(1, [{ weight: 2 ** 30, counts: [2 ** 30] }])).toThrow(RangeError);
    expect(() => weightedTotals(2, [{ weight: 1, counts: [1] }])).toThrow(RangeError);
    expect(weightedTotals(2, [])).toEqual([0, 0]);
  });
});
