/** Provers and thieves: forbidden votes that cannot be proven, and ballots that are only good where they were made. */
import { describe, expect, it } from "vitest";
import { keyPairFrom } from "../group/keypair.ts";
import { ORDER, randomScalar } from "../group/scalar.ts";
import { type Bend, cast, proverBallot, shiftPoint, testContext, VOTER } from "../testing/ballots.ts";
import { part, verdict } from "../testing/verdict.ts";
import { ballotContext } from "./core.ts";
import { approval, chooseOne, cumulative, score } from "./rule.ts";

const ballot = testContext(chooseOne(2), approval(2, 0, 1, true));
const choices = [
  [1, 0],
  [0, 1, 0],
];
const bent = (bend: Bend) => proverBallot(ballot, choices, bend);
describe("votes that the rule forbids cannot be proven", () => {
  const one = testContext(chooseOne(3));

  it("two options in choose one, though each is 0 or 1", () => {
    expect(verdict(proverBallot(one, [[1, 1, 0]]))).toMatchObject({ part: "15a", position: 3 });
    expect(verdict(proverBallot(one, [[0, 0, 0]]))).toMatchObject({ part: "15a", position: 3 });
  });

  it.each([2, 5])("the value %i, all branches simulated", (value) => {
    const item = proverBallot(one, [[value, 0, 0]], {
      // For such a value no candidate is selected and 0 is encrypted: the prover moves S itself.
      before: ({ contests }) => shiftPoint(contests[0]!.ciphertexts, 1, BigInt(value)),
    });
    expect(verdict(item)).toMatchObject({ part: "14a", position: 0 });
  });

  it.each([0, 1])("the value 2 more than the claimed %i", (claimed) => {
    const item = proverBallot(one, [[claimed, 1 - claimed, 0]], {
      before: ({ contests }) => shiftPoint(contests[0]!.ciphertexts, 1, 2n),
    });
    expect(verdict(item)).toMatchObject({ part: "14a", position: 0 });
  });

  it("minus one here and two there, though the sum is right", () => {
    const item = proverBallot(one, [[0, 1, 0]], {
      before: ({ contests }) => {
        shiftPoint(contests[0]!.ciphertexts, 1, ORDER - 1n);
        shiftPoint(contests[0]!.ciphertexts, 3, 1n);
      },
    });
    expect(part(item)).toBe("14a");
  });

  it("blank together with a choice, two blanks, over the cumulative total", () => {
    const blank = testContext(chooseOne(2, true));
    expect(part(proverBallot(blank, [[0, 0, 1]]))).toBe("held");
    expect(part(proverBallot(blank, [[1, 0, 1]]))).toBe("15b");
    expect(part(proverBallot(blank, [[0, 0, 0]]))).toBe("15b");
    const points = testContext(cumulative(2, 3));
    expect(part(proverBallot(points, [[3, 1]]))).toBe("15a");
    expect(part(proverBallot(points, [[1, 1]]))).toBe("15a");
    const upTo = testContext(approval(3, 1, 2));
    expect(part(proverBallot(upTo, [[1, 1, 1]]))).toBe("15a");
    expect(part(proverBallot(upTo, [[0, 0, 0]]))).toBe("15a");
    expect(part(proverBallot(testContext(score(2, 2, { min: 1, max: 3 })), [[2, 2]]))).toBe("15a");
  });

  it("chosen challenges: commitments made for guesses do not survive the hash", () => {
    // The strategy that breaks a weak challenge: fix c and s, solve for the commitments, then change the statement.
    const item = proverBallot(one, [[1, 0, 0]], {
      after: ({ contests }) => {
        shiftPoint(contests[0]!.ciphertexts, 1, 1n);
      },
    });
    expect(part(item)).toBe("14a");
  });
});

describe("copies and swaps", () => {
  it("another's ballot under one's own pseudonym", () => {
    const thief = keyPairFrom(randomScalar());
    const { core } = bent({});
    expect(part(cast(ballot, { ...core, pseudonym: thief.encoded }, thief))).toBe("14a");
  });

  it("another previous, checker, class, context or key", () => {
    const { core } = bent({});
    expect(part(cast(ballot, { ...core, previous: new Uint8Array(32) }))).toBe("14a");
    expect(part(cast(ballot, { ...core, checker: VOTER.encoded }))).toBe("14a");
    const as = (change: object) => {
      const other = ballotContext({ ...ballot, ...change });
      return part(cast(other, { ...core, class: other.class }));
    };
    expect(as({})).toBe("held");
    expect(as({ class: 4 })).toBe("14a");
    expect(as({ context: new Uint8Array(32) })).toBe("14a");
    expect(as({ key: keyPairFrom(5n).publicKey })).toBe("14a");
    expect(as({ contests: ballot.contests.map(({ index, rule }) => ({ index: index + 1, rule })) })).toBe("14a");
  });

  it("contests swapped, options swapped", () => {
    const twin = testContext(chooseOne(2), chooseOne(2));
    const swapped = proverBallot(
      twin,
      [
        [1, 0],
        [0, 1],
      ],
      {
        after: (core) => {
          (core.contests as unknown[]).reverse();
        },
      },
    );
    expect(part(swapped)).toBe("14a");
    const options = proverBallot(testContext(chooseOne(2)), [[1, 0]], {
      after: ({ contests }) => {
        const { ciphertexts, commitments, responses } = contests[0]!;
        const first = (bytes: Uint8Array, length: number) =>
          bytes.set([...bytes.slice(length, 2 * length), ...bytes.slice(0, length)]);
        first(ciphertexts, 64);
        first(commitments, 128);
        first(responses, 96);
      },
    });
    expect(part(options)).toBe("14a");
  });

  it("one randomness twice, under proofs that all hold", () => {
    const twins = testContext(chooseOne(2), chooseOne(2));
    const choice = [1, 0];
    const item = proverBallot(twins, [choice, choice], {
      before: (prepared) => {
        const contests = prepared.contests as (typeof prepared.contests)[number][];
        contests[1] = contests[0]!;
      },
    });
    expect(verdict(item)).toEqual({ part: "16a", what: "repeated", where: "ciphertexts", contest: 1, position: 0 });
  });
});
