import { concatBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Engine, PointSet } from "../group/engine.ts";
import { randomKeyPair } from "../group/keypair.ts";
import { nobleEngine } from "../group/noble-engine.ts";
import { decodePoint, encodePoint, G, IDENTITY, multiplyPublic } from "../group/ristretto.ts";
import { encodeScalar } from "../group/scalar.ts";
import { schnorrEquation, schnorrProve } from "../proof/schnorr.ts";
import { unwrap } from "../result.ts";
import { proverBallot, shiftPoint, testContext } from "../testing/ballots.ts";
import { stockEngine } from "../testing/stock-engine.ts";
import { Transcript } from "../transcript.ts";
import { type BallotItem, type BatchItem, type SchnorrItem, verifyBallots, verifyItem } from "./batch.ts";
import { ciphertextPosition } from "./equations.ts";
import { approval, chooseOne } from "./rule.ts";

const engine = nobleEngine();
const small = testContext(chooseOne(2));
const large = testContext(approval(2, 0, 1, true), chooseOne(2));

const good = (): BallotItem => proverBallot(small, [[1, 0]], { keys: randomKeyPair() });
const bad = (): BallotItem =>
  proverBallot(small, [[1, 0]], {
    keys: randomKeyPair(),
    before: ({ contests }) => shiftPoint(contests[0]!.commitments, 0),
  });
function endorsement(response = (value: bigint) => value): SchnorrItem {
  const keys = randomKeyPair();
  const message = () => new Transcript("endorsement").text("nullifier", "n");
  const equation = unwrap(schnorrEquation(message(), keys.encoded, schnorrProve(message(), keys)));
  return { kind: "schnorr", equation: { ...equation, response: response(equation.response) } };
}

let goods: BallotItem[];
let bads: BallotItem[];
beforeAll(() => {
  goods = Array.from({ length: 12 }, good);
  bads = Array.from({ length: 4 }, bad);
});

describe("batch", () => {
  it("holds for nothing, for one and for many, in any chunks", () => {
    expect(verifyBallots(engine, [])).toEqual({ failures: [], overruled: [] });
    for (const chunk of [1, 2, 5, 12, 100])
      expect(verifyBallots(engine, goods, { chunk })).toEqual({ failures: [], overruled: [] });
    expect(() => verifyBallots(engine, goods, { chunk: 0 })).toThrow(RangeError);
  });

  it("is the AND of the plain verdicts: names exactly the bad ones, with their evidence", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), fc.constantFrom(3, 8, 64), (mix, chunk) => {
        const items = mix.map((isGood, i) => (isGood ? goods[i]! : bads[i % bads.length]!));
        const expected = mix.flatMap((isGood, index) => {
          const verdict = verifyItem(items[index]!);
          expect(verdict.ok).toBe(isGood);
          return verdict.ok ? [] : [{ index, fault: verdict.error }];
        });
        expect(verifyBallots(engine, items, { chunk })).toEqual({ failures: expected, overruled: [] });
      }),
      { numRuns: 12 },
    );
  });

  it("takes several contexts and keys, and endorsements of the pass log", () => {
    const otherKey = { ...testContext(chooseOne(2)), key: G, keyBytes: encodePoint(G) };
    const items: BatchItem[] = [
      proverBallot(large, [
        [0, 0, 1],
        [0, 1],
      ]),
      endorsement(),
      goods[0]!,
      endorsement((value) => (value === 0n ? 1n : value - 1n)),
      { ...goods[1]!, ballot: otherKey },
      { kind: "schnorr", equation: { ...endorsement().equation, key: encodePoint(IDENTITY) } },
      { kind: "schnorr", equation: { ...endorsement().equation, key: new Uint8Array(31) } },
    ];
    expect(verifyBallots(engine, items).failures).toEqual([
      { index: 3, fault: { part: "schnorr", what: "equation" } },
      { index: 4, fault: expect.objectContaining({ part: "14a" }) },
      { index: 5, fault: { part: "schnorr", what: "point" } },
      { index: 6, fault: { part: "schnorr", what: "point" } },
    ]);
  });

  it("draws fresh, independent weights", () => {
    const drawn: Uint8Array[] = [];
    const random = (length: number) => {
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      drawn.push(bytes);
      return bytes;
    };
    verifyBallots(engine, [goods[0]!, bads[0]!], { random });
    expect(drawn.length).toBeGreaterThanOrEqual(3);
    const weights = new Set(
      drawn.flatMap((bytes) =>
        Array.from({ length: bytes.length / 16 }, (_, i) => bytes.subarray(16 * i, 16 * i + 16).join()),
      ),
    );
    expect(weights.size).toBe(drawn.reduce((n, bytes) => n + bytes.length / 16, 0));
  });

  it("is only as sound as its weights: with equal ones, cancelling errors pass", () => {
    // The reason why no caller outside tests passes its own randomness.
    const cancelling = proverBallot(small, [[1, 0]], {
      before: ({ contests }) => {
        shiftPoint(contests[0]!.commitments, 0, 3n);
        shiftPoint(contests[0]!.commitments, 2, -3n + 2n ** 252n + 27742317777372353535851937790883648493n);
      },
    });
    const equal = (length: number) => new Uint8Array(length).fill(1);
    expect(verifyItem(cancelling).ok).toBe(false);
    expect(verifyBallots(engine, [cancelling], { random: equal }).failures).toHaveLength(0);
    expect(verifyBallots(engine, [cancelling]).failures).toHaveLength(1);
  });

  it("lets the plain verifier overrule a broken engine, and says so", () => {
    const broken: Engine = { ...engine, name: "broken", msm: () => encodePoint(G) };
    expect(verifyBallots(broken, goods.slice(0, 3))).toEqual({ failures: [], overruled: [0, 1, 2] });
    const blind: Engine = { ...engine, name: "blind", decode: (bytes) => ({ ...engine.decode(bytes), bad: [0] }) };
    expect(verifyBallots(blind, goods.slice(0, 2)).overruled).toContain(0);
  });

  it("gives the same sums as noble's own pippenger", () => {
    const stock = stockEngine();
    const encodings = concatBytes(...goods.map(({ core }) => core.contests[0]!.ciphertexts));
    const scalars = concatBytes(
      ...Array.from({ length: encodings.length / 32 }, (_, i) => encodeScalar(BigInt(i) ** 40n % 2n ** 250n)),
    );
    const [a, b] = [engine, stock].map((each) => each.msm([{ points: each.decode(encodings).points, scalars }]));
    expect(a).toEqual(b);
    expect(verifyBallots(stock, [...goods, bads[0]!]).failures.map(({ index }) => index)).toEqual([12]);
  });
});

describe("products for the tally", () => {
  it("add and subtract the ciphertexts of ballots that held", () => {
    const cast = [
      [
        [1, 0, 0],
        [0, 1],
      ],
      [
        [0, 0, 1],
        [1, 0],
      ],
      [
        [0, 1, 0],
        [0, 1],
      ],
    ].map((choices) => proverBallot(large, choices, { keys: randomKeyPair() }));
    const sets = new Map<number, PointSet>();
    const items: BatchItem[] = [...cast, bads[0]!, endorsement()];
    verifyBallots(engine, items, { held: (index, points) => sets.set(index, points) });
    expect([...sets.keys()].sort()).toEqual([0, 1, 2, 4]);
    large.contests.forEach(({ layout }, contest) => {
      const sums = engine.accumulator(2 * layout.values);
      const at = ciphertextPosition(large, contest);
      for (const index of [0, 1, 2]) sums.add(sets.get(index)!, at);
      sums.subtract(sets.get(1)!, at);
      const expected = Array.from({ length: 2 * layout.values }, (_, column) => {
        const point = (i: number) =>
          unwrap(decodePoint(cast[i]!.core.contests[contest]!.ciphertexts.subarray(32 * column, 32 * column + 32)));
        return encodePoint(point(0).add(point(2)));
      });
      expect(sums.encode()).toEqual(concatBytes(...expected));
      const resumed = engine.accumulator(sums.width, engine.decode(sums.encode()).points);
      resumed.add(sets.get(1)!, at);
      resumed.subtract(sets.get(1)!, at);
      expect(resumed.encode()).toEqual(sums.encode());
    });
  });

  it("keep within the set", () => {
    const points = engine.decode(concatBytes(encodePoint(G), encodePoint(multiplyPublic(G, 2n)))).points;
    const sums = engine.accumulator(2);
    expect(() => sums.add(points, 1)).toThrow(RangeError);
    expect(() => sums.add(points, -1)).toThrow(RangeError);
    expect(() => engine.accumulator(3, points)).toThrow(RangeError);
    expect(() => engine.decode(new Uint8Array(33))).toThrow(RangeError);
    expect(() => engine.msm([{ points, scalars: new Uint8Array(32) }])).toThrow(RangeError);
    expect(() => engine.msm([{ points: { length: 0, slice: () => points }, scalars: new Uint8Array(0) }])).toThrow(
      TypeError,
    );
  });
});
