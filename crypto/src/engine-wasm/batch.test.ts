import { beforeAll, describe, expect, it } from "vitest";
import { type BallotItem, type BatchItem, type SchnorrItem, verifyBallots, verifyItem } from "../ballot/batch.ts";
import type { BallotContext, BallotCore } from "../ballot/core.ts";
import { ciphertextPosition } from "../ballot/equations.ts";
import { ballotPlan, ballotRecord } from "../ballot/plan.ts";
import { approval, type ContestRule, chooseOne, cumulative, score } from "../ballot/rule.ts";
import { concatBytes, hexToBytes } from "../bytes.ts";
import { type EngineBatch, MAX_BATCH_POINTS } from "../group/engine.ts";
import { randomKeyPair } from "../group/keypair.ts";
import { nobleEngine } from "../group/noble-engine.ts";
import { encodePoint, IDENTITY } from "../group/ristretto.ts";
import { encodeScalar, ORDER, randomBytes } from "../group/scalar.ts";
import { schnorrEquation, schnorrProve } from "../proof/schnorr.ts";
import { unwrap } from "../result.ts";
import { proverBallot, shiftPoint, testContext } from "../testing/ballots.ts";
import { plainCombination } from "../testing/engine-wasm/plain-combination.ts";
import { bytesOf, numberOf } from "../testing/engine-wasm/raw-kernel.ts";
import { BAD } from "../testing/rfc9496.ts";
import { Transcript } from "../transcript.ts";
import { untestedWasmEngine } from "./engine.ts";
import { Arena, instantiate } from "./module.ts";

const engine = untestedWasmEngine();
const noble = nobleEngine();

/** The same bytes for every engine. */
function seeded(): (length: number) => Uint8Array {
  let draw = 0;
  return (length) =>
    Uint8Array.from(
      { length },
      (_, i) => (Math.imul(i + 1, 2654435761) >>> (8 + (draw % 13))) ^ (i === 0 ? draw++ : i),
    );
}

function schnorr(): SchnorrItem {
  const keys = randomKeyPair();
  const message = () => new Transcript("endorsement").text("nullifier", "n");
  return { kind: "schnorr", equation: unwrap(schnorrEquation(message(), keys.encoded, schnorrProve(message(), keys))) };
}

function combination(items: readonly BatchItem[]): Uint8Array {
  let bytes: Uint8Array | undefined;
  const spy = {
    ...engine,
    batch: <T>(records: Parameters<NonNullable<typeof engine.batch>>[0], use: (batch: EngineBatch) => T): T =>
      engine.batch!(records, (batch) =>
        use({
          refused: batch.refused,
          points: (member) => batch.points(member),
          hints: (member) => batch.hints(member),
          combine(members, random) {
            bytes ??= batch.combine(members, random);
            return new Uint8Array(32);
          },
        }),
      ),
  };
  verifyBallots(spy, items, { random: seeded(), chunk: items.length });
  return bytes!;
}

const kinds: readonly (readonly [string, readonly ContestRule[], number[][]])[] = [
  ["choose one of five", [chooseOne(5)], [[0, 0, 1, 0, 0]]],
  ["a blank", [chooseOne(3, true)], [[0, 0, 0, 1]]],
  ["approval with bounds", [approval(4, 1, 3)], [[1, 0, 1, 1]]],
  ["approval of any", [approval(3, 0, 3)], [[0, 0, 0]]],
  ["scores, and a blank", [score(2, 3, { max: 4, blank: true })], [[1, 3, 0]]],
  ["points to spread", [cumulative(3, 4)], [[1, 0, 3]]],
  [
    "several contests",
    [chooseOne(2), approval(2, 0, 1, true), cumulative(2, 2)],
    [
      [0, 1],
      [0, 0, 1],
      [2, 0],
    ],
  ],
];

describe("batches of the module have the bytes of the plain formulas", () => {
  for (const [name, rules, choices] of kinds)
    it(name, () => {
      const ballot = testContext(...rules);
      const valid = proverBallot(ballot, choices);
      const revote = { ...valid, core: { ...valid.core, previous: new Uint8Array(32).fill(5) } };
      const bent = proverBallot(ballot, choices, {
        before: ({ contests }) => shiftPoint(contests[0]!.commitments, 1, 7n),
      });
      expect(combination([valid])).toEqual(new Uint8Array(32));
      for (const items of [[revote], [bent], [bent, valid, revote, schnorr()]]) {
        const bytes = combination(items);
        expect(bytes.some((byte) => byte !== 0)).toBe(true);
        expect(bytes).toEqual(plainCombination(items, seeded()));
      }
    });

  it("also over several contexts and keys", () => {
    const other = { ...testContext(chooseOne(2)), keyBytes: randomKeyPair().encoded };
    const items: BatchItem[] = [
      proverBallot(testContext(chooseOne(3)), [[0, 1, 0]]),
      schnorr(),
      { ...proverBallot(testContext(chooseOne(2)), [[0, 1]]), ballot: other },
      proverBallot(testContext(chooseOne(2), chooseOne(2)), [
        [0, 1],
        [1, 0],
      ]),
    ];
    expect(combination(items)).toEqual(plainCombination(items, seeded()));
  });
});

describe("every single change is refused, with the plain verifier's evidence", () => {
  const ballot = testContext(chooseOne(2, true));
  let good: BallotItem;
  beforeAll(() => {
    good = proverBallot(ballot, [[0, 1, 0]]);
  });
  const changed = (
    change: (core: BallotCore, item: { signature: Uint8Array; passesHash: Uint8Array }) => void,
  ): BallotItem => {
    const core: BallotCore = {
      ...good.core,
      pseudonym: good.core.pseudonym.slice(),
      checker: good.core.checker.slice(),
      contests: good.core.contests.map(({ ciphertexts, commitments, responses }) => ({
        ciphertexts: ciphertexts.slice(),
        commitments: commitments.slice(),
        responses: responses.slice(),
      })),
    };
    const casting = { signature: good.casting.signature.slice(), passesHash: good.casting.passesHash.slice() };
    change(core, casting);
    return { ...good, core, casting };
  };
  const refusedAlike = (item: BallotItem) => {
    const expected = verifyItem(item);
    expect(expected.ok).toBe(false);
    for (const items of [[item], [good, item, good]]) {
      const { failures, overruled } = verifyBallots(engine, items);
      expect(overruled).toEqual([]);
      expect(failures).toEqual([{ index: items.indexOf(item), fault: expected.ok ? null : expected.error }]);
    }
  };
  const flip = (bytes: Uint8Array, at: number) => bytes.set([bytes[at]! ^ 1], at);
  const positions = (bytes: Uint8Array) => Array.from({ length: bytes.length / 32 }, (_, i) => i);

  it("each equation of each proof: signed anew, with one commitment or response that does not fit", () => {
    const { layout } = ballot.contests[0]!;
    for (let position = 0; position < layout.commitmentBytes / 32; position++)
      refusedAlike(
        proverBallot(ballot, [[0, 1, 0]], { before: ({ contests }) => shiftPoint(contests[0]!.commitments, position) }),
      );
    for (let position = 0; position < layout.responseBytes / 32; position++)
      refusedAlike(
        proverBallot(ballot, [[0, 1, 0]], {
          after: ({ contests }) => {
            const at = contests[0]!.responses.subarray(32 * position, 32 * position + 32);
            at.set(encodeScalar((numberOf(at) + 1n) % ORDER));
          },
        }),
      );
    for (let position = 0; position < layout.ciphertextBytes / 32; position++)
      refusedAlike(
        proverBallot(ballot, [[0, 1, 0]], { before: ({ contests }) => shiftPoint(contests[0]!.ciphertexts, position) }),
      );
  });

  it("each point and each scalar after the signature", () => {
    for (const field of ["ciphertexts", "commitments"] as const)
      for (const i of positions(good.core.contests[0]![field]))
        refusedAlike(changed(({ contests }) => shiftPoint(contests[0]![field], i)));
    refusedAlike(changed(({ pseudonym }) => shiftPoint(pseudonym, 0)));
    refusedAlike(changed(({ checker }) => shiftPoint(checker, 0)));
    refusedAlike(changed((_, { signature }) => shiftPoint(signature, 0)));
    refusedAlike(changed((_, { signature }) => flip(signature, 40)));
    refusedAlike(changed((_, { passesHash }) => flip(passesHash, 31)));
    refusedAlike({ ...good, core: { ...good.core, previous: new Uint8Array(32) } });
  });

  it("scalars that are not below the order", () => {
    const raise = (bytes: Uint8Array) => bytes.set(bytesOf(numberOf(bytes) + ORDER));
    for (const i of positions(good.core.contests[0]!.responses))
      refusedAlike(changed(({ contests }) => raise(contests[0]!.responses.subarray(32 * i, 32 * i + 32))));
    refusedAlike(changed((_, { signature }) => raise(signature.subarray(32))));
    refusedAlike(changed((_, { signature }) => signature.subarray(32).set(bytesOf(ORDER))));
    refusedAlike(changed((_, { signature }) => signature.subarray(32).fill(255)));
  });

  it("the identity everywhere but as a second component", () => {
    const zero = encodePoint(IDENTITY);
    for (const field of ["ciphertexts", "commitments"] as const)
      for (const i of positions(good.core.contests[0]![field])) {
        const item = changed(({ contests }) => contests[0]![field].set(zero, 32 * i));
        refusedAlike(item);
        const free = field === "ciphertexts" && i % 2 === 1;
        expect(verifyItem(item)).toMatchObject({ error: free ? { part: "13a" } : { part: "11c", what: "identity" } });
      }
    refusedAlike(changed(({ pseudonym }) => pseudonym.set(zero)));
    refusedAlike(changed(({ checker }) => checker.set(zero)));
    refusedAlike(changed((_, { signature }) => signature.set(zero)));
  });

  it("a bad encoding of each kind, wherever a point stands", () => {
    const kindsOfBad = Object.values(BAD).map((list) => hexToBytes(list[0]!));
    for (const bad of kindsOfBad) {
      refusedAlike(changed(({ contests }) => contests[0]!.ciphertexts.set(bad, 32)));
      refusedAlike(changed(({ contests }) => contests[0]!.commitments.set(bad, 0)));
      refusedAlike(changed(({ checker }) => checker.set(bad)));
    }
    for (const i of positions(good.core.contests[0]!.commitments))
      refusedAlike(changed(({ contests }) => contests[0]!.commitments.set(kindsOfBad[3]!, 32 * i)));
    refusedAlike(changed(({ pseudonym }) => pseudonym.set(kindsOfBad[2]!)));
    refusedAlike(changed((_, { signature }) => signature.set(kindsOfBad[4]!)));
  });

  it("randomness that repeats, with proofs that hold", () => {
    const two = testContext(chooseOne(2), chooseOne(2));
    const item = proverBallot(two, [
      [0, 1],
      [0, 1],
    ]);
    const { contests } = item.core;
    const repeated = [contests[0]!, { ...contests[1]!, ciphertexts: contests[0]!.ciphertexts }];
    refusedAlike({ ...item, core: { ...item.core, contests: repeated } });
    const record = ballotRecord(two, { ...item.core, contests: repeated }, item.casting, null)!;
    expect(engine.batch!([record], ({ refused }) => refused)).toEqual([0]);
  });

  it("a shape that is wrong", () => {
    refusedAlike({ ...good, core: { ...good.core, class: 4 } });
    refusedAlike({ ...good, core: { ...good.core, contests: [] } });
    refusedAlike({ ...good, core: { ...good.core, checker: new Uint8Array(31) } });
    refusedAlike({ ...good, core: { ...good.core, previous: new Uint8Array(0) } });
    refusedAlike({ ...good, casting: { ...good.casting, signature: new Uint8Array(63) } });
    refusedAlike(changed(({ contests }) => void Object.assign(contests[0]!, { responses: new Uint8Array(32) })));
  });

  it("weights that are equal are as unsound here as anywhere", () => {
    const cancelling = proverBallot(ballot, [[0, 1, 0]], {
      before: ({ contests }) => {
        shiftPoint(contests[0]!.commitments, 0, 3n);
        shiftPoint(contests[0]!.commitments, 2, ORDER - 3n);
      },
    });
    expect(verifyBallots(engine, [cancelling], { random: (n) => new Uint8Array(n).fill(1) }).failures).toEqual([]);
    refusedAlike(cancelling);
  });
});

describe("what a batch gives back", () => {
  const ballot = testContext(approval(2, 0, 1, true), chooseOne(2));
  const votes = [
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
  ];

  it("points for the tally, while it is verifying", () => {
    const items = votes.map((choices) => proverBallot(ballot, choices, { keys: randomKeyPair() }));
    const encoded = [engine, noble].map((each) => {
      const sums = ballot.contests.map(({ layout }) => each.accumulator(2 * layout.values));
      const { failures } = verifyBallots(each, [...items, schnorr()], {
        chunk: 3,
        held(index, points) {
          if (index < items.length)
            for (const [contest, sum] of sums.entries()) sum.add(points, ciphertextPosition(ballot, contest));
          if (index === 1)
            for (const [contest, sum] of sums.entries()) sum.subtract(points, ciphertextPosition(ballot, contest));
        },
      });
      expect(failures).toEqual([]);
      return concatBytes(...sums.map((sum) => sum.encode()));
    });
    expect(encoded[0]).toEqual(encoded[1]);
  });

  it("hints, which change no verdict: right, wrong, of another ballot, or of a wrong length", () => {
    const items = votes.map((choices) => proverBallot(ballot, choices));
    items.push(proverBallot(ballot, votes[0]!, { before: ({ contests }) => shiftPoint(contests[1]!.commitments, 2) }));
    const hints: Uint8Array[] = [];
    const { failures } = verifyBallots(engine, items, { held: (index, _, each) => hints.splice(index, 1, each!) });
    expect(failures).toHaveLength(1);
    expect(hints).toHaveLength(3);
    for (const some of [
      hints,
      [...hints].reverse(),
      hints.map((each) => each.slice(32)),
      hints.map((each) => each.map((byte) => byte ^ 1)),
      items.map(() => randomBytes(32 * ballotPlan(ballot).points)),
      items.map(() => new Uint8Array(32 * ballotPlan(ballot).points)),
    ]) {
      const hinted = items.map((item, i) => ({ ...item, hints: some[i] ?? null }));
      const again: Uint8Array[] = [];
      const verdict = verifyBallots(engine, hinted, { held: (index, _, each) => again.splice(index, 1, each!) });
      expect(verdict).toEqual({ failures, overruled: [] });
      expect(again).toHaveLength(3);
    }
  });
});

describe("memory", () => {
  it("does not grow from batch to batch, and is bounded", () => {
    const kernel = instantiate();
    const small = untestedWasmEngine(kernel);
    const ballot = testContext(chooseOne(2));
    const item = proverBallot(ballot, [[0, 1]]);
    const many = new Array<BallotItem>(1000).fill(item);
    verifyBallots(small, many, { chunk: 1000 });
    const size = kernel.memory.buffer.byteLength;
    expect(size).toBeLessThan(2 ** 25);
    for (let i = 0; i < 2; i++) verifyBallots(small, many, { chunk: 1000 });
    expect(kernel.memory.buffer.byteLength).toBe(size);
  });

  it("holds the largest batch, however it is divided, and refuses a larger one", () => {
    const kernel = instantiate();
    const wide = untestedWasmEngine(kernel);
    const { points } = ballotPlan(testContext(chooseOne(2)));
    const item = proverBallot(testContext(chooseOne(2)), [[0, 1]]);
    const record = ballotRecord(item.ballot, item.core, item.casting, new Uint8Array(32 * points))!;
    const most = Math.floor(MAX_BATCH_POINTS / points);
    const full = new Array(most).fill(record);
    wide.batch!(full, (batch) => {
      expect(batch.refused).toEqual([]);
      expect(batch.combine([...full.keys()], randomBytes)).toEqual(new Uint8Array(32));
    });
    expect(kernel.memory.buffer.byteLength).toBeLessThanOrEqual(2 ** 26);
    expect(() => wide.batch!([...full, record], () => null)).toThrow(RangeError);
    const arena = new Arena(kernel);
    expect(() => arena.take(2 ** 26)).toThrow(RangeError);
    // And verifyBallots divides by itself.
    expect(verifyBallots(wide, new Array<BallotItem>(most + 5).fill(item), { chunk: 2 * most })).toEqual({
      failures: [],
      overruled: [],
    });
  });

  it("is given back where something throws", () => {
    const kernel = instantiate();
    const each = untestedWasmEngine(kernel);
    const item = proverBallot(testContext(chooseOne(2)), [[0, 1]]);
    const fail = () => {
      throw new Error("from outside");
    };
    for (let i = 0; i < 500; i++) expect(() => verifyBallots(each, [item], { random: fail })).toThrow("from outside");
    expect(kernel.memory.buffer.byteLength).toBeLessThan(2 ** 20);
  });

  it("of two engines is apart", () => {
    const [a, b] = [untestedWasmEngine(), untestedWasmEngine()];
    const item = proverBallot(testContext(chooseOne(2)), [[0, 1]]);
    const nested = verifyBallots(a, [item], {
      held: () => expect(verifyBallots(b, [item, item])).toEqual({ failures: [], overruled: [] }),
    });
    expect(nested).toEqual({ failures: [], overruled: [] });
    // The same engine inside its own batch works too.
    expect(
      verifyBallots(a, [item, item], {
        held: () => expect(verifyBallots(a, [item])).toEqual({ failures: [], overruled: [] }),
      }),
    ).toEqual({ failures: [], overruled: [] });
  });
});

it("makes one plan per context", () => {
  const context: BallotContext = testContext(chooseOne(2));
  expect(ballotPlan(context)).toBe(ballotPlan(context));
  expect(ballotPlan(testContext(chooseOne(2)))).not.toBe(ballotPlan(context));
});
