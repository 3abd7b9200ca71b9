import { describe, expect, it } from "vitest";
import { type BallotCore, ballotContext, ballotHash } from "../ballot/core.ts";
import { encryptBallot } from "../ballot/encrypt.ts";
import { approval, chooseOne } from "../ballot/rule.ts";
import { type Choices, coreRoot, seedScalar } from "../ballot/seed.ts";
import { concatBytes } from "../bytes.ts";
import { randomKeyPair } from "../group/keypair.ts";
import { decodePoint, encodePoint, G, IDENTITY, multiplyPublic, multiplyPublic2 } from "../group/ristretto.ts";
import { challengeScalar, encodeScalar, invertScalar, modOrder, randomBytes, randomScalar } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { ELECTION_KEYS, testContext, VOTER } from "../testing/ballots.ts";
import { Transcript } from "../transcript.ts";
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

/** A proof by somebody without the checker key, who knows `logs`, and bends what `challenge` hashes as told. */
function craft(claimed: Choices, logs: readonly bigint[], challenge: typeof challengeOf) {
  const c2 = randomScalar();
  const t = randomScalar();
  const designation = encodePoint(multiplyPublic2(G, t, checker.publicKey, modOrder(-c2)));
  const nonces = logs.map(() => randomScalar());
  const commitments = concatBytes(
    ...nonces.flatMap((w) => [encodePoint(multiplyPublic(G, w)), encodePoint(multiplyPublic(ballot.key, w))]),
  );
  const c1 = modOrder(challenge(written(claimed).append("commitments", commitments), designation) - c2);
  const scalars = [c1, ...logs.map((log, j) => modOrder(nonces[j]! + c1 * log)), t];
  return concatBytes(commitments, designation, ...scalars.map(encodeScalar));
}
const challengeOf = (transcript: Transcript, designation: Uint8Array) =>
  challengeScalar(transcript.append("designation", designation));

/** The statement as docs/protocol.md writes it. */
function written(claimed: Choices): Transcript {
  const transcript = new Transcript("designated")
    .append("context", ballot.context)
    .append("key", encodePoint(ballot.key))
    .append("ballot", ballotHash(ballot.context, core))
    .append("pseudonym", VOTER.encoded)
    .append("checker", checker.encoded)
    .append("session", statement.session)
    .number("contests", 2);
  for (const [i, values] of claimed.entries()) {
    transcript.number("contest", 2 * i);
    for (const value of values) transcript.number("value", value);
    transcript.append("ciphertexts", core.contests[i]!.ciphertexts);
  }
  return transcript;
}
const root = coreRoot(seed, ballot, { ...core, choices });
const randomness = choices.flatMap((values, i) => values.map((_, option) => seedScalar(root, "r", 2 * i, option, 0)));
/** Commitments and responses that satisfy branch 1 for any claim, if only c₁ is chosen first. */
function simulatedSelections(claimed: Choices, c1: bigint) {
  const responses = randomness.map(() => randomScalar());
  const values = claimed.flat();
  const ciphertexts = concatBytes(...core.contests.map((contest) => contest.ciphertexts));
  const commitments = responses.flatMap((response, j) => {
    const R = unwrap(decodePoint(ciphertexts.subarray(64 * j, 64 * j + 32)));
    const S = unwrap(decodePoint(ciphertexts.subarray(64 * j + 32, 64 * j + 64)));
    const opened = S.subtract(multiplyPublic(G, BigInt(values[j]!)));
    return [
      encodePoint(multiplyPublic2(G, response, R, modOrder(-c1))),
      encodePoint(multiplyPublic2(ballot.key, response, opened, modOrder(-c1))),
    ];
  });
  return { responses, commitments: concatBytes(...commitments) };
}

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

  it("follows the written formula", () => {
    expect(fault(craft(choices, randomness, challengeOf))).toBeNull();
  });

  it("needs both equations: one of them alone can be met for a lie", () => {
    for (const claimed of others) {
      const lie = { ...statement, choices: claimed };
      // With the true randomness the first holds; with the election key (dishonest trustees) the second can be met.
      expect(fault(craft(claimed, randomness, challengeOf), lie)).toBe("selection");
      const inverse = invertScalar(ELECTION_KEYS.secret.reveal());
      const [told, true_] = [claimed.flat(), choices.flat()];
      const logs = randomness.map((r, j) => modOrder(r + BigInt(true_[j]! - told[j]!) * inverse));
      expect(fault(craft(claimed, logs, challengeOf), lie)).toBe("selection");
    }
  });

  it("fixes both branches' commitments before the challenge: either chosen afterwards would prove anything", () => {
    const claimed = others[0]!;
    const lie = { ...statement, choices: claimed };
    // The designation chosen last, after a challenge over everything else:
    const c1 = randomScalar();
    const t = randomScalar();
    const first = simulatedSelections(claimed, c1);
    const early = challengeScalar(written(claimed).append("commitments", first.commitments));
    for (const c of [early, challengeOf(written(claimed).append("commitments", first.commitments), checker.encoded)]) {
      const designation = encodePoint(multiplyPublic2(G, t, checker.publicKey, modOrder(c1 - c)));
      const scalars = [c1, ...first.responses, t].map(encodeScalar);
      expect(fault(concatBytes(first.commitments, designation, ...scalars), lie)).toBe("designation");
    }
    // The selections' commitments chosen last:
    const c2 = randomScalar();
    const designation = encodePoint(multiplyPublic2(G, t, checker.publicKey, modOrder(-c2)));
    const late = modOrder(challengeOf(written(claimed), designation) - c2);
    const second = simulatedSelections(claimed, late);
    const scalars = [late, ...second.responses, t].map(encodeScalar);
    expect(fault(concatBytes(second.commitments, designation, ...scalars), lie)).toBe("designation");
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
