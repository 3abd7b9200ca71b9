import { expand_message_xmd } from "@noble/curves/abstract/hash-to-curve.js";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes, utf8ToBytes } from "../bytes.ts";
import { lagrangeAtZero, type PointShare } from "../ceremony/lagrange.ts";
import { keyPairFrom, randomKeyPair } from "../group/keypair.ts";
import { encodePoint, hashToGroup, IDENTITY, multiplyPublic } from "../group/ristretto.ts";
import { decodeScalar, modOrder, randomScalar } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { readVectors } from "../testing/vectors.ts";
import { combineNullifier, evaluateNullifier, nullifier, personPoint, verifyNullifierShare } from "./nullifier.ts";

const election = new Uint8Array(32).fill(1);

/** Shares f(1) … f(n) of `secret` by a random polynomial of degree threshold − 1. */
function shamir(secret: bigint, threshold: number, n: number): bigint[] {
  const coefficients = [secret, ...Array.from({ length: threshold - 1 }, randomScalar)];
  return Array.from({ length: n }, (_, i) =>
    coefficients.reduceRight((sum, coefficient) => modOrder(sum * BigInt(i + 1) + coefficient), 0n),
  );
}

interface OprfSuite {
  identifier: string;
  mode: number;
  groupDST: string;
  skSm: string;
  vectors: { Input: string; Blind: string; BlindedElement: string; EvaluationElement: string; Output: string }[];
}

describe("against RFC 9497, ristretto255-SHA512", () => {
  const suites = readVectors<OprfSuite[]>("oprf/poc/vectors/allVectors.json");
  const suite = suites?.find((each) => each.identifier === "ristretto255-SHA512" && each.mode === 0);

  it.skipIf(suites === null)("the one-way map and a shared key give the published evaluations", () => {
    const { groupDST, skSm, vectors } = suite!;
    const key = unwrap(decodeScalar(hexToBytes(skSm)));
    const shares = shamir(key, 3, 5);
    for (const vector of vectors) {
      const uniform = expand_message_xmd(hexToBytes(vector.Input), hexToBytes(groupDST), 64, sha512);
      const blind = unwrap(decodeScalar(hexToBytes(vector.Blind)));
      const blinded = multiplyPublic(hashToGroup(uniform), blind);
      expect(bytesToHex(encodePoint(blinded))).toBe(vector.BlindedElement);
      const proved = [5, 1, 4].map((registrar) => {
        const keys = keyPairFrom(shares[registrar - 1]!);
        const share = evaluateNullifier(election, registrar, keys, blinded);
        return unwrap(verifyNullifierShare(election, registrar, keys.publicKey, blinded, share));
      });
      expect(bytesToHex(combineNullifier(proved, 3))).toBe(vector.EvaluationElement);
      const { oprf } = ristretto255_oprf;
      const output = oprf.finalize(hexToBytes(vector.Input), hexToBytes(vector.Blind), combineNullifier(proved, 3));
      expect(bytesToHex(output)).toBe(vector.Output);
    }
  });
});

describe("nullifier shares", () => {
  const person = personPoint(election, utf8ToBytes("row:1"));
  const key = randomScalar();
  const pairs = shamir(key, 3, 4).map(keyPairFrom);
  const made = pairs.map((keys, i) => evaluateNullifier(election, i + 1, keys, person));
  const proved: PointShare[] = made.map((share, i) =>
    unwrap(verifyNullifierShare(election, i + 1, pairs[i]!.publicKey, person, share)),
  );

  it("any quorum gives k·M", () => {
    const expected = encodePoint(multiplyPublic(person, key));
    for (const chosen of [
      [0, 1, 2],
      [3, 1, 0],
      [2, 3, 1],
      [0, 3, 2],
    ]) {
      const shares = chosen.map((i) => proved[i]!);
      expect(combineNullifier(shares, 3)).toEqual(expected);
    }
    expect(combineNullifier(proved.slice(0, 2), 2)).not.toEqual(expected);
  });

  it("refuses too few, too many and repeated shares", () => {
    expect(() => combineNullifier(proved.slice(0, 2), 3)).toThrow(RangeError);
    expect(() => combineNullifier(proved, 3)).toThrow(RangeError);
    expect(() => combineNullifier([proved[0]!, proved[0]!, proved[1]!], 3)).toThrow(RangeError);
  });

  it("refuses a share under another key, person, registrar or election, and a false one", () => {
    const verify = (index: number, share = made[0]!, base = person, context = election, owner = pairs[0]!.publicKey) =>
      verifyNullifierShare(context, index, owner, base, share).ok;
    expect(verify(1)).toBe(true);
    expect(verify(2)).toBe(false);
    expect(verify(1, made[1]!)).toBe(false);
    expect(verify(1, made[0]!, personPoint(election, utf8ToBytes("row:2")))).toBe(false);
    expect(verify(1, made[0]!, person, new Uint8Array(32))).toBe(false);
    expect(verify(1, made[0]!, person, election, pairs[1]!.publicKey)).toBe(false);
    const false_ = evaluateNullifier(election, 1, randomKeyPair(), person);
    expect(verify(1, false_)).toBe(false);
    expect(verify(1, { share: false_.share, proof: made[0]!.proof })).toBe(false);
    expect(verify(1, { share: encodePoint(IDENTITY), proof: made[0]!.proof })).toBe(false);
    expect(verify(1, { share: new Uint8Array(32).fill(255), proof: made[0]!.proof })).toBe(false);
  });
});

describe("names", () => {
  it("gives one nullifier per denomination and copy, and a person point per election", () => {
    const prf = new Uint8Array(32).fill(3);
    const all = [
      nullifier(election, 1, 0, prf),
      nullifier(election, 1, 1, prf),
      nullifier(election, 2, 0, prf),
      nullifier(new Uint8Array(32), 1, 0, prf),
      nullifier(election, 1, 0, new Uint8Array(32)),
      encodePoint(personPoint(election, utf8ToBytes("row:1"))),
      encodePoint(personPoint(election, utf8ToBytes("row:11"))),
      encodePoint(personPoint(new Uint8Array(32), utf8ToBytes("row:1"))),
    ];
    expect(new Set(all.map(bytesToHex)).size).toBe(all.length);
  });
});

describe("lagrangeAtZero", () => {
  it("interpolates every polynomial below the number of indices", () => {
    const indices = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(indices, (chosen) => {
        const secret = randomScalar();
        const shares = shamir(secret, chosen.length, 200);
        const sum = lagrangeAtZero(chosen).reduce((total, weight, i) => total + weight * shares[chosen[i]! - 1]!, 0n);
        expect(modOrder(sum)).toBe(secret);
      }),
      { numRuns: 40 },
    );
  });

  it("refuses repeated indices and zero", () => {
    expect(() => lagrangeAtZero([1, 2, 1])).toThrow(RangeError);
    expect(() => lagrangeAtZero([0, 1])).toThrow(RangeError);
    expect(() => lagrangeAtZero([1.5])).toThrow(RangeError);
  });
});
