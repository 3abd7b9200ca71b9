/** Everything a prover or a thief can bend, refused by the plain verifier under the right part, and by the batch as well. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORDER } from "../group/scalar.ts";
import { type Bend, cast, proverBallot, shiftPoint, testContext, VOTER } from "../testing/ballots.ts";
import { part, verdict } from "../testing/verdict.ts";
import type { BallotItem } from "./batch.ts";
import { approval, chooseOne } from "./rule.ts";

const ballot = testContext(chooseOne(2), approval(2, 0, 1, true));
const choices = [
  [1, 0],
  [0, 1, 0],
];
const bent = (bend: Bend) => proverBallot(ballot, choices, bend);
const identity = new Uint8Array(32);
const notCanonical = new Uint8Array(32).fill(0xff);

describe("honest ballots", () => {
  it("hold", () => {
    expect(part(bent({}))).toBe("held");
  });
});

describe("every equation, one at a time", () => {
  // A commitment moved before the challenge is drawn breaks its own equation and no other.
  const cases = ballot.contests.flatMap(({ layout }, contest) =>
    layout.proofs.flatMap((proof) =>
      Array.from({ length: 2 * proof.branches }, (_, k) => ({
        contest,
        position: proof.commitments / 32 + k,
        branch: k >> 1,
        part: proof.option !== null ? "14a" : layout.rule.blank ? "15b" : "15a",
        proof: proof.option ?? layout.values,
      })),
    ),
  );

  it.each(cases)("contest $contest, commitment $position", ({ contest, position, branch, part, proof }) => {
    const item = bent({ before: ({ contests }) => shiftPoint(contests[contest]!.commitments, position) });
    expect(verdict(item)).toMatchObject({ part, contest, position: proof, branch });
  });

  it("two errors that would cancel in an unweighted sum are found", () => {
    const item = bent({
      before: ({ contests }) => {
        shiftPoint(contests[0]!.commitments, 0, 1n);
        shiftPoint(contests[0]!.commitments, 2, ORDER - 1n);
      },
    });
    expect(part(item)).toBe("14a");
    // Merged Chaum–Pedersen equations would let this one through to whoever knows log K.
    const merged = bent({
      before: ({ contests }) => {
        shiftPoint(contests[0]!.commitments, 0, 5n);
        shiftPoint(contests[0]!.commitments, 1, ORDER - 5n);
      },
    });
    expect(part(merged)).toBe("14a");
  });

  it("the signature", () => {
    const item = bent({});
    const signature = item.casting.signature.slice();
    signature[32]! ^= 1;
    expect(part({ ...item, casting: { ...item.casting, signature } })).toBe("13a");
    const other = bent({});
    expect(part({ ...item, casting: other.casting })).toBe("13a");
    expect(part({ ...item, casting: { ...item.casting, passesHash: new Uint8Array(32) } })).toBe("13a");
    for (const bytes of [identity, notCanonical]) {
      const broken = item.casting.signature.slice();
      broken.set(bytes, 0);
      expect(verdict({ ...item, casting: { ...item.casting, signature: broken } })).toMatchObject({
        part: "13a",
        what: "commitment",
      });
    }
    const large = item.casting.signature.slice().fill(0xff, 32);
    expect(verdict({ ...item, casting: { ...item.casting, signature: large } })).toMatchObject({
      part: "13a",
      what: "response",
    });
  });
});

describe("every scalar of the responses", () => {
  const cases = ballot.contests.flatMap(({ layout }, contest) =>
    Array.from({ length: layout.responseBytes / 32 }, (_, position) => ({ contest, position })),
  );

  it.each(cases)("contest $contest, scalar $position", ({ contest, position }) => {
    const changed = bent({
      after: ({ contests }) => {
        contests[contest]!.responses[32 * position]! ^= 1;
      },
    });
    expect(["14a", "15a", "15b"]).toContain(part(changed));
    const large = bent({
      after: ({ contests }) => void contests[contest]!.responses.fill(0xff, 32 * position, 32 * position + 32),
    });
    expect(verdict(large)).toMatchObject({ part: "11d", what: "range", contest, position });
  });

  it("are unique: the order added is refused, not reduced", () => {
    const item = bent({
      after: ({ contests }) => {
        const bytes = contests[0]!.responses.subarray(0, 32);
        let carry = 0n;
        for (let i = 0; i < 32; i++) {
          const sum = BigInt(bytes[i]!) + ((ORDER >> BigInt(8 * i)) & 255n) + carry;
          bytes[i] = Number(sum & 255n);
          carry = sum >> 8n;
        }
        expect(carry).toBe(0n);
      },
    });
    expect(part(item)).toBe("11d");
  });
});

describe("points", () => {
  it.each(["ciphertexts", "commitments"] as const)("%s are canonical, and no identity where that matters", (where) => {
    const count = bent({}).core.contests[1]![where].length / 32;
    for (let position = 0; position < count; position++) {
      const set = (bytes: Uint8Array) =>
        verdict(bent({ after: ({ contests }) => contests[1]![where].set(bytes, 32 * position) }));
      expect(set(notCanonical)).toMatchObject({ part: "11c", what: "encoding", where, contest: 1, position });
      const free = where === "ciphertexts" && position % 2 === 1;
      expect(set(identity)).toMatchObject(
        free ? { part: "14a" } : { part: "11c", what: "identity", where, contest: 1, position },
      );
    }
  });

  it("pseudonym and checker", () => {
    for (const [bytes, what] of [
      [identity, "identity"],
      [notCanonical, "encoding"],
    ] as const)
      for (const where of ["pseudonym", "checker"] as const) {
        const { core } = bent({});
        expect(verdict(cast(ballot, { ...core, [where]: bytes }))).toMatchObject({ part: "11c", what, where });
      }
  });

  it("S may be the identity: its proof decides", () => {
    // g^v · K^r = identity has probability 2^-252; here the prover knows log K and makes it so, honestly for no value.
    const item = bent({ before: ({ contests }) => contests[0]!.ciphertexts.set(identity, 32) });
    expect(part(item)).toBe("14a");
  });
});

describe("form", () => {
  const { core, casting } = bent({});
  const judged = (changes: object, signature = casting.signature) =>
    verdict({ kind: "ballot", ballot, core: { ...core, ...changes }, casting: { ...casting, signature } });

  it("class and contests", () => {
    expect(judged({ class: 4 })).toMatchObject({ part: "11a", what: "class" });
    expect(judged({ contests: core.contests.slice(1) })).toMatchObject({ part: "11a", what: "contests" });
    expect(judged({ contests: [...core.contests, core.contests[0]] })).toMatchObject({ part: "11a" });
    expect(judged({ contests: [] })).toMatchObject({ part: "11a" });
  });

  it("lengths", () => {
    for (const field of ["pseudonym", "checker", "previous"])
      for (const length of [0, 31, 33])
        expect(judged({ [field]: new Uint8Array(length) })).toMatchObject({ part: "11b", where: field });
    for (const length of [0, 63, 65])
      expect(judged({}, new Uint8Array(length))).toMatchObject({ part: "11b", where: "signature" });
    for (const field of ["ciphertexts", "commitments", "responses"] as const)
      for (const change of [-32, -1, 1, 32]) {
        const block = core.contests[1]!;
        const bytes = new Uint8Array(block[field].length + change);
        const contests = [core.contests[0], { ...block, [field]: bytes }];
        expect(judged({ contests })).toMatchObject({ part: "11b", where: field, contest: 1 });
      }
  });
});

describe("any flipped bit", () => {
  const item = proverBallot(testContext(chooseOne(2)), [[0, 1]]);
  const fields = ["ciphertexts", "commitments", "responses"] as const;

  it("is refused by both", () => {
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.nat(), fc.nat(7), (field, at, bit) => {
        const block = item.core.contests[0]!;
        const bytes = block[field].slice();
        bytes[at % bytes.length]! ^= 1 << bit;
        const core = { ...item.core, contests: [{ ...block, [field]: bytes }] };
        expect(part(cast(item.ballot, core))).not.toBe("held");
        expect(part({ ...item, core })).not.toBe("held");
      }),
      { numRuns: 25 },
    );
  });

  it("and no garbage makes them throw or disagree", () => {
    const length = (field: (typeof fields)[number]) => item.core.contests[0]![field].length;
    const bytesOf = (n: number) =>
      fc.oneof(fc.uint8Array({ minLength: n, maxLength: n }), fc.uint8Array({ maxLength: 2 * n }));
    fc.assert(
      fc.property(
        fc.record({
          class: fc.oneof(fc.constant(3), fc.double(), fc.integer()),
          pseudonym: fc.oneof(fc.constant(VOTER.encoded), bytesOf(32)),
          previous: fc.oneof(fc.constant(null), bytesOf(32)),
          checker: fc.oneof(fc.constant(VOTER.encoded), bytesOf(32)),
          contests: fc.array(
            fc.record({
              ciphertexts: bytesOf(length("ciphertexts")),
              commitments: bytesOf(length("commitments")),
              responses: bytesOf(length("responses")),
            }),
            { maxLength: 2 },
          ),
        }),
        bytesOf(64),
        (core, signature) => {
          const hostile: BallotItem = { ...item, core, casting: { ...item.casting, signature } };
          expect(part(hostile)).not.toBe("held");
        },
      ),
      { numRuns: 150 },
    );
  });
});
