import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex } from "../bytes.ts";
import { decodePoint, encodePoint, G, multiply, multiplyPublic } from "../group/ristretto.ts";
import { unwrap } from "../result.ts";
import { cast, ELECTION_KEYS, testContext, VOTER } from "../testing/ballots.ts";
import { type BallotCore, ballotHash } from "./core.ts";
import { type EncryptInput, encryptBallot } from "./encrypt.ts";
import { contestBytes } from "./layout.ts";
import { allows, approval, type ContestRule, chooseOne, contestRuleFault, cumulative, score } from "./rule.ts";
import { checkerFromSeed, coreRoot, seedScalar } from "./seed.ts";
import { verifyBallot } from "./verify.ts";

const seed = new Uint8Array(32).fill(42);
const input = (choices: EncryptInput["choices"], more: Partial<EncryptInput> = {}): EncryptInput => ({
  pseudonym: VOTER.encoded,
  previous: null,
  checker: null,
  choices,
  seed,
  ...more,
});
const flat = (core: BallotCore) =>
  core.contests.flatMap(({ ciphertexts, commitments, responses }) => [...ciphertexts, ...commitments, ...responses]);

/** Opens every ciphertext with the election key, by comparing with small powers of g. */
function opened(core: BallotCore): number[][] {
  return core.contests.map(({ ciphertexts }) => {
    const values: number[] = [];
    for (let at = 0; at < ciphertexts.length; at += 64) {
      const R = unwrap(decodePoint(ciphertexts.subarray(at, at + 32)));
      const S = unwrap(decodePoint(ciphertexts.subarray(at + 32, at + 64)));
      const power = S.subtract(multiply(R, ELECTION_KEYS.secret.reveal()));
      values.push([...Array(20).keys()].findIndex((v) => multiplyPublic(G, BigInt(v)).equals(power)));
    }
    return values;
  });
}

const KINDS: readonly (readonly [name: string, rule: ContestRule, ...choices: number[][]])[] = [
  ["choose one", chooseOne(3), [1, 0, 0], [0, 0, 1]],
  ["choose one, blank", chooseOne(2, true), [0, 1, 0], [0, 0, 1]],
  ["one option", chooseOne(1), [1]],
  ["two of four", approval(4, 2, 2), [1, 1, 0, 0], [0, 1, 0, 1]],
  ["up to two of three", approval(3, 0, 2), [0, 0, 0], [1, 0, 0], [0, 1, 1]],
  ["up to two of three, blank", approval(3, 0, 2, true), [0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]],
  ["one or two, blank", approval(3, 1, 2, true), [0, 0, 1, 0], [1, 0, 1, 0], [0, 0, 0, 1]],
  ["any approval, no sum proof", approval(3, 0, 3), [0, 0, 0], [1, 1, 1]],
  ["any approval, blank", approval(2, 0, 2, true), [1, 1, 0], [0, 0, 1], [0, 0, 0]],
  ["score without bounds", score(2, 3), [0, 0], [3, 3], [1, 2]],
  ["score within bounds", score(2, 3, { min: 2, max: 4 }), [0, 2], [3, 1]],
  ["cumulative", cumulative(3, 3), [3, 0, 0], [1, 1, 1], [0, 1, 2]],
  ["cumulative, blank", cumulative(2, 2, true), [1, 1, 0], [0, 0, 1]],
];

describe("ballots of every kind", () => {
  it.each(KINDS.map(([name, rule, ...all]) => ({ name, rule, all })))("$name", ({ rule, all }) => {
    const ballot = testContext(rule);
    for (const choices of all) {
      const core = unwrap(encryptBallot(ballot, input([choices])));
      expect(opened(core)).toEqual([choices]);
      const item = cast(ballot, core);
      expect(verifyBallot(ballot, core, item.casting)).toEqual({ ok: true, value: ballotHash(ballot.context, core) });
    }
  });

  it("several contests in one", () => {
    const ballot = testContext(chooseOne(2), approval(2, 0, 2, true), cumulative(2, 2));
    const choices = [
      [0, 1],
      [1, 1, 0],
      [2, 0],
    ];
    const core = unwrap(encryptBallot(ballot, input(choices)));
    expect(opened(core)).toEqual(choices);
    expect(verifyBallot(ballot, core, cast(ballot, core).casting).ok).toBe(true);
  });
});

describe("what is encrypted obeys the rule", () => {
  it.each([
    ["too many", chooseOne(3), [1, 1, 0]],
    ["none", chooseOne(3), [0, 0, 0]],
    ["too large", chooseOne(3), [2, 0, 0]],
    ["negative", approval(3, 1, 2), [-1, 1, 1]],
    ["fraction", score(2, 3), [0.5, 1]],
    ["not a number", score(2, 3), [Number.NaN, 1]],
    ["blank and more", chooseOne(2, true), [1, 0, 1]],
    ["two blanks", chooseOne(2, true), [0, 0, 2]],
    ["too few values", chooseOne(3), [1, 0]],
    ["too many values", chooseOne(3), [1, 0, 0, 0]],
    ["below the minimum", approval(4, 2, 3), [1, 0, 0, 0]],
  ])("refuses %s", (_, rule, values) => {
    expect(allows(rule, values)).toBe(false);
    expect(encryptBallot(testContext(rule), input([values]))).toEqual({ ok: false, error: "choices" });
  });

  it("refuses wrong numbers of contests and bad inputs by name", () => {
    const ballot = testContext(chooseOne(2));
    const refused = (more: Partial<EncryptInput>) => encryptBallot(ballot, input([[1, 0]], more));
    expect(encryptBallot(ballot, input([]))).toEqual({ ok: false, error: "choices" });
    expect(refused({ seed: new Uint8Array(31) })).toEqual({ ok: false, error: "seed" });
    expect(refused({ previous: new Uint8Array(0) })).toEqual({ ok: false, error: "previous" });
    expect(refused({ pseudonym: new Uint8Array(32) })).toEqual({ ok: false, error: "pseudonym" });
    expect(refused({ checker: new Uint8Array(32) })).toEqual({ ok: false, error: "checker" });
    expect(refused({ checker: new Uint8Array(32).fill(255) })).toEqual({ ok: false, error: "checker" });
  });

  it("knows broken rules", () => {
    expect(contestRuleFault(chooseOne(5))).toBeNull();
    expect(contestRuleFault(chooseOne(0))).toBe("options");
    expect(contestRuleFault(score(2, 0))).toBe("maxValue");
    expect(contestRuleFault(approval(3, 1, 4))).toBe("max");
    expect(contestRuleFault(approval(3, 3, 2))).toBe("min");
    expect(contestRuleFault(approval(3, -1, 2))).toBe("min");
    expect(contestRuleFault({ ...chooseOne(2), options: 1.5 })).toBe("options");
    // n never counts the blank.
    expect(contestRuleFault(approval(3, 0, 4, true))).toBe("max");
    expect(() => testContext(approval(3, 1, 4))).toThrow(RangeError);
  });
});

describe("sizes", () => {
  it("choose one of 5 has 1,536 bytes of ciphertexts and proofs", () => {
    expect(contestBytes(chooseOne(5))).toBe(1536);
    const core = unwrap(encryptBallot(testContext(chooseOne(5)), input([[0, 0, 0, 0, 1]])));
    const [block] = core.contests;
    expect([block!.ciphertexts.length, block!.commitments.length, block!.responses.length]).toEqual([320, 704, 512]);
  });

  it.each(KINDS.map(([name, rule, choices]) => ({ name, rule, choices })))(
    "$name: as computed from the rule",
    ({ rule, choices }) => {
      const core = unwrap(encryptBallot(testContext(rule), input([choices!])));
      expect(flat(core)).toHaveLength(contestBytes(rule));
    },
  );

  it("have no sum proof only where every sum is allowed and there is no blank", () => {
    const options = (rule: ContestRule) => 64 * 3 + 3 * (2 * 64 + 3 * 32) + (rule.blank ? 64 + 2 * 64 + 3 * 32 : 0);
    expect(contestBytes(approval(3, 0, 3))).toBe(options(approval(3, 0, 3)));
    expect(contestBytes(approval(3, 0, 3, true))).toBe(options(approval(3, 0, 3, true)) + 4 * 64 + 7 * 32);
    expect(contestBytes(approval(3, 0, 2))).toBe(options(approval(3, 0, 2)) + 3 * 64 + 5 * 32);
  });
});

describe("one seed", () => {
  const ballot = testContext(chooseOne(2), approval(2, 0, 2));
  const choices = [
    [1, 0],
    [0, 1],
  ];
  const core = unwrap(encryptBallot(ballot, input(choices)));

  it("rebuilds the core byte for byte", () => {
    expect(unwrap(encryptBallot(ballot, input(choices)))).toEqual(core);
    expect(core.checker).toEqual(checkerFromSeed(seed));
    const elsewhere = testContext(chooseOne(2), approval(2, 0, 2));
    expect(ballotHash(elsewhere.context, unwrap(encryptBallot(elsewhere, input(choices))))).toEqual(
      ballotHash(ballot.context, core),
    );
  });

  it("gives this h: a change of any byte of the format shows here", () => {
    expect(bytesToHex(ballotHash(ballot.context, core))).toBe(
      "ba5acc3a24fdd6b36e2d6e87b1710d1c31c246ceb46ec5fe5cbdb2cc89836f5a",
    );
  });

  it("never repeats a nonce for other choices or another statement", () => {
    const others = [
      input([
        [0, 1],
        [0, 1],
      ]),
      input(choices, { previous: new Uint8Array(32).fill(1) }),
      input(choices, { checker: VOTER.encoded }),
      input(choices, { pseudonym: encodePoint(G) }),
      input(choices, { seed: new Uint8Array(32).fill(43) }),
    ];
    const seen = new Set<string>();
    const blocks = [core, ...others.map((other) => unwrap(encryptBallot(ballot, other)))];
    for (const { contests } of blocks)
      for (const { ciphertexts, commitments } of contests)
        for (const bytes of [ciphertexts, commitments])
          for (let at = 0; at < bytes.length; at += 32) seen.add(bytes.subarray(at, at + 32).join());
    const points = core.contests.reduce((n, c) => n + (c.ciphertexts.length + c.commitments.length) / 32, 0);
    expect(seen.size).toBe(points * blocks.length);
  });

  it("binds C, K and class", () => {
    const statement = { pseudonym: VOTER.encoded, previous: null, checker: VOTER.encoded, choices };
    const roots = [
      coreRoot(seed, ballot, statement),
      coreRoot(seed, { ...ballot, context: new Uint8Array(32) }, statement),
      coreRoot(seed, { ...ballot, keyBytes: encodePoint(G) }, statement),
      coreRoot(seed, { ...ballot, class: 4 }, statement),
    ];
    expect(new Set(roots.map(String)).size).toBe(4);
  });

  it("gives independent scalars", () => {
    const root = coreRoot(seed, ballot, { pseudonym: VOTER.encoded, previous: null, checker: VOTER.encoded, choices });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.constantFrom("r", "w", "c", "s"), fc.nat(3), fc.nat(3), fc.nat(3)), {
          selector: String,
        }),
        (wanted) => {
          const scalars = wanted.map((each) => seedScalar(root, ...(each as ["r", number, number, number])));
          expect(new Set(scalars).size).toBe(wanted.length);
        },
      ),
      { numRuns: 10 },
    );
  });
});
