import { describe, expect, it } from "vitest";
import { type BallotCore, ballotContext } from "../ballot/core.ts";
import { encryptBallot } from "../ballot/encrypt.ts";
import { approval, chooseOne } from "../ballot/rule.ts";
import type { Choices } from "../ballot/seed.ts";
import { randomKeyPair } from "../group/keypair.ts";
import { encodePoint, IDENTITY } from "../group/ristretto.ts";
import { randomBytes } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { ELECTION_KEYS, testContext, VOTER } from "../testing/ballots.ts";
import {
  type DesignatedStatement,
  proveDesignated,
  simulateDesignated,
  verifyDesignated,
} from "./designated-verifier.ts";

const ballot = testContext(chooseOne(3, true), approval(2, 0, 2));
const choices: Choices = [
  [0, 1, 0, 0],
  [1, 0],
];
const others: Choices[] = [
  [
    [1, 0, 0, 0],
    [1, 0],
  ],
  [
    [0, 1, 0, 0],
    [1, 1],
  ],
  [
    [0, 0, 0, 1],
    [0, 0],
  ],
];
const checker = randomKeyPair();
const seed = randomBytes(32);
const input = { pseudonym: VOTER.encoded, previous: null, checker: checker.encoded, choices, seed };
const core = unwrap(encryptBallot(ballot, input));
const statement: DesignatedStatement = { ballot, core, choices, session: new Uint8Array(32).fill(5) };

const fault = (proof: Uint8Array, by: DesignatedStatement = statement, key = checker.encoded) => {
  const verdict = verifyDesignated(by, key, proof);
  return verdict.ok ? null : verdict.error;
};

describe("designated-verifier proof", () => {
  const proof = proveDesignated(statement, seed);

  it("convinces the holder of the checker key", () => {
    expect(fault(proof)).toBeNull();
    expect(proof).toHaveLength(96 * 6 + 96);
  });

  it("is not possible for other choices without the checker key", () => {
    for (const claimed of others) {
      const lie = { ...statement, choices: claimed };
      expect(fault(proof, lie)).not.toBeNull();
      // A's own prover, told to prove the lie with the right seed or with the randomness of the true choices:
      expect(fault(proveDesignated(lie, seed), lie)).toBe("selection");
      expect(fault(proveDesignated(lie, randomBytes(32)), lie)).toBe("selection");
    }
  });

  it("is possible for any choices with the checker key: it convinces nobody else", () => {
    for (const claimed of [choices, ...others]) {
      const claim = { ...statement, choices: claimed };
      const made = simulateDesignated(claim, checker);
      expect(fault(made, claim)).toBeNull();
      expect(made).toHaveLength(proof.length);
    }
    expect(() => simulateDesignated(statement, randomKeyPair())).toThrow(RangeError);
  });

  it("is bound to checker, session, context, key, pseudonym and the whole recorded ballot", () => {
    const changedCore = (change: Partial<BallotCore>) => ({ ...statement, core: { ...core, ...change } });
    expect(fault(proof, { ...statement, session: new Uint8Array(32) })).not.toBeNull();
    expect(fault(proof, changedCore({ pseudonym: randomKeyPair().encoded }))).not.toBeNull();
    expect(fault(proof, changedCore({ previous: new Uint8Array(32).fill(1) }))).not.toBeNull();
    const responses = core.contests.map((block) => ({ ...block, responses: block.responses.map((byte) => byte ^ 1) }));
    expect(fault(proof, changedCore({ contests: responses }))).not.toBeNull();
    const slots = ballot.contests.map(({ index, rule }) => ({ index, rule }));
    const elsewhere = { context: new Uint8Array(32).fill(8), key: ballot.key, class: 3, contests: slots };
    expect(fault(proof, { ...statement, ballot: ballotContext(elsewhere) })).not.toBeNull();
    const otherKey = { ...elsewhere, context: ballot.context, key: randomKeyPair().publicKey };
    expect(fault(proof, { ...statement, ballot: ballotContext(otherKey) })).not.toBeNull();
    expect(ELECTION_KEYS.publicKey.equals(ballot.key)).toBe(true);
  });

  it("is refused where the recorded ballot names another checker", () => {
    const mine = randomKeyPair();
    expect(fault(proof, statement, mine.encoded)).toBe("checker");
    expect(fault(proof, { ...statement, core: { ...core, checker: mine.encoded } })).toBe("checker");
    expect(
      fault(proof, { ...statement, core: { ...core, checker: encodePoint(IDENTITY) } }, encodePoint(IDENTITY)),
    ).toBe("checker");
    // Malware that swaps in its own checker could simulate for that key, and B does not look at such a proof.
    const swapped = unwrap(encryptBallot(ballot, { ...input, checker: mine.encoded }));
    const claim = { ...statement, core: swapped, choices: others[0]! };
    const made = simulateDesignated(claim, mine);
    expect(fault(made, claim, mine.encoded)).toBeNull();
    expect(fault(made, claim)).toBe("checker");
  });

  it("is refused with every changed part", () => {
    for (let at = 0; at < proof.length; at += 32) {
      const changed = Uint8Array.from(proof);
      changed[at]! ^= 1;
      expect(fault(changed), `part ${at / 32}`).not.toBeNull();
      expect(fault(Uint8Array.from(proof).fill(255, at, at + 32))).toMatch(/^(commitment|scalar)$/);
    }
    expect(fault(proof.slice(1))).toBe("length");
    expect(fault(Uint8Array.of(...proof, ...proof.slice(0, 96)))).toBe("length");
  });

  it("is refused for choices no rule allows and for malformed ballots", () => {
    const broken = (change: Partial<DesignatedStatement>) => fault(proof, { ...statement, ...change });
    expect(
      broken({
        choices: [
          [1, 1, 0, 0],
          [1, 0],
        ],
      }),
    ).toBe("choices");
    expect(broken({ choices: [[0, 1, 0, 0]] })).toBe("choices");
    expect(
      broken({
        choices: [
          [0, 1, 0],
          [1, 0],
        ],
      }),
    ).toBe("choices");
    expect(broken({ core: { ...core, class: 4 } })).toBe("class");
    expect(broken({ core: { ...core, contests: core.contests.slice(1) } })).toBe("class");
    const [first, second] = core.contests as [BallotCore["contests"][0], BallotCore["contests"][0]];
    const short = { ...first, ciphertexts: first.ciphertexts.slice(64) };
    expect(broken({ core: { ...core, contests: [short, second] } })).toBe("ciphertexts");
    const zero = { ...first, ciphertexts: Uint8Array.from(first.ciphertexts).fill(0, 0, 32) };
    expect(broken({ core: { ...core, contests: [zero, second] } })).toBe("ciphertexts");
    expect(() => proveDesignated({ ...statement, choices: [] }, seed)).toThrow(RangeError);
    expect(() => simulateDesignated({ ...statement, choices: [] }, checker)).toThrow(RangeError);
  });

  it("is fresh every time", () => {
    expect(proveDesignated(statement, seed)).not.toEqual(proof);
  });
});
