import { ristretto255_FROST } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex } from "../bytes.ts";
import { randomKeyPair } from "../group/keypair.ts";
import { encodePoint, G, multiply, multiplyPublic } from "../group/ristretto.ts";
import { encodeScalar, modOrder } from "../group/scalar.ts";
import { Secret } from "../secret.ts";
import { honestRound } from "../testing/ceremony.ts";
import { proveDrill, verifyDrill } from "./drill.ts";
import { combineKeys } from "./keys.ts";
import { combinePointShares, lagrangeAtZero } from "./lagrange.ts";
import { assertCeremony, type Ceremony, REGISTRARS, TRUSTEES } from "./parameters.ts";
import { newDealer } from "./reveal.ts";
import { verifyShares } from "./shares.ts";

const election = new Uint8Array(32).fill(1);
const ceremony: Ceremony = { election, group: TRUSTEES, round: 1, parties: [1, 2, 3, 4, 5], threshold: 3 };

describe("an honest round", () => {
  const round = honestRound(ceremony);
  const constants = round.dealers.map((dealer) => dealer.coefficients.reveal()[0]!);
  const secretKey = modOrder(constants.reduce((sum, value) => sum + value, 0n));

  it("gives K = g^Σa and shares that interpolate to it, for every subset of the threshold", () => {
    expect(round.keys.publicKey.equals(multiplyPublic(G, secretKey))).toBe(true);
    for (let mask = 0; mask < 32; mask++) {
      const chosen = ceremony.parties.filter((index) => (mask & (1 << (index - 1))) !== 0);
      if (chosen.length < 3) continue;
      const weights = lagrangeAtZero(chosen);
      const sum = chosen.reduce((total, index, i) => {
        return total + weights[i]! * round.secrets[index - 1]!.keys.secret.reveal();
      }, 0n);
      expect(modOrder(sum)).toBe(secretKey);
      const points = chosen.map((index) => ({ index, point: round.keys.shares.get(index)! }));
      expect(combinePointShares(points).equals(round.keys.publicKey)).toBe(true);
    }
  });

  it("gives nothing below the threshold", () => {
    const points = [1, 2].map((index) => ({ index, point: round.keys.shares.get(index)! }));
    expect(combinePointShares(points).equals(round.keys.publicKey)).toBe(false);
  });

  it("gives every party the share whose public key everybody computes", () => {
    for (const share of round.secrets) {
      const expected = round.keys.shares.get(share.index)!;
      expect(multiply(G, share.keys.secret.reveal()).equals(expected)).toBe(true);
    }
    for (const message of round.messages) expect(verifyShares(ceremony, message).ok).toBe(true);
  });

  it("drills: the share proves itself, for this round's last confirm only", () => {
    const confirm = new Uint8Array(32).fill(9);
    const [share] = round.secrets;
    const key = round.keys.shares.get(1)!;
    const proof = proveDrill(ceremony, share!, confirm);
    expect(verifyDrill(ceremony, 1, key, confirm, proof).ok).toBe(true);
    expect(verifyDrill(ceremony, 1, key, new Uint8Array(32), proof).ok).toBe(false);
    expect(verifyDrill(ceremony, 2, key, confirm, proof).ok).toBe(false);
    expect(verifyDrill(ceremony, 1, round.keys.shares.get(2)!, confirm, proof).ok).toBe(false);
    expect(verifyDrill({ ...ceremony, round: 2 }, 1, key, confirm, proof).ok).toBe(false);
    expect(verifyDrill({ ...ceremony, group: REGISTRARS }, 1, key, confirm, proof).ok).toBe(false);
    const wrong = proveDrill(ceremony, { ...share!, keys: randomKeyPair() }, confirm);
    expect(verifyDrill(ceremony, 1, key, confirm, wrong).ok).toBe(false);
    expect(() => proveDrill({ ...ceremony, round: 2 }, share!, confirm)).toThrow();
    expect(() => proveDrill({ ...ceremony, election: new Uint8Array(32) }, share!, confirm)).toThrow();
  });
});

describe("other sizes", () => {
  it("runs with gaps among the indices, as after a restart", () => {
    const round = honestRound({ ...ceremony, round: 2, parties: [2, 5, 9], threshold: 2 });
    const points = [9, 2].map((index) => ({ index, point: round.keys.shares.get(index)! }));
    expect(combinePointShares(points).equals(round.keys.publicKey)).toBe(true);
  });

  it("runs for one party alone: its share is the key", () => {
    const round = honestRound({ ...ceremony, group: REGISTRARS, parties: [1], threshold: 1 });
    expect(round.messages[0]!.shares).toEqual([]);
    expect(round.keys.shares.get(1)!.equals(round.keys.publicKey)).toBe(true);
  });

  it("interpolates for every threshold and number of parties", () => {
    const sizes = fc.integer({ min: 1, max: 5 }).chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 1, max: n })));
    fc.assert(
      fc.property(sizes, ([n, threshold]) => {
        const parties = Array.from({ length: n }, (_, i) => i + 1);
        const { keys } = honestRound({ ...ceremony, parties, threshold });
        const points = parties.slice(-threshold).map((index) => ({ index, point: keys.shares.get(index)! }));
        return combinePointShares(points).equals(keys.publicKey);
      }),
      { numRuns: 8 },
    );
  });

  it("throws for parameters that no record can hold", () => {
    for (const bad of [
      { election: new Uint8Array(31) },
      { round: 0 },
      { parties: [2, 1, 3] },
      { parties: [0, 1, 2] },
      { parties: [1, 1, 2] },
      { threshold: 0 },
      { threshold: 6 },
    ]) {
      expect(() => assertCeremony({ ...ceremony, ...bad }), JSON.stringify(bad)).toThrow(RangeError);
    }
    expect(() => newDealer(ceremony, 6)).toThrow(RangeError);
    const { verified } = honestRound({ ...ceremony, parties: [1, 2, 3], threshold: 2 });
    expect(() => combineKeys({ ...ceremony, parties: [1, 2, 3, 4], threshold: 2 }, verified)).toThrow();
    expect(() => combineKeys({ ...ceremony, parties: [1, 2], threshold: 2 }, verified)).toThrow();
  });
});

describe("noble's FROST key generation as an oracle for the algebra", () => {
  it("gives the same joint key, public shares and secret shares from the same polynomials", () => {
    const { DKG, Identifier } = ristretto255_FROST;
    const signers = { min: 3, max: 5 };
    const ids = ceremony.parties.map((index) => Identifier.fromNumber(index));
    const first = ids.map((id) => DKG.round1(id, signers));
    const ours = honestRound(
      ceremony,
      ceremony.parties.map((index, i) => ({
        ...newDealer(ceremony, index),
        coefficients: new Secret([...first[i]!.secret.coefficients!]),
      })),
    );
    for (const [i, { commitment }] of first.map((each) => each.public).entries()) {
      expect(ours.reveals[i]!.coefficients.map(bytesToHex)).toEqual(commitment.map(bytesToHex));
    }
    const others = ids.map((id) => first.map((each) => each.public).filter((each) => each.identifier !== id));
    const second = first.map((each, i) => DKG.round2(each.secret, others[i]!));
    for (const [i, id] of ids.entries()) {
      const received = second.flatMap((packages, from) => (from === i ? [] : [packages[id]!]));
      const key = DKG.round3(first[i]!.secret, others[i]!, received);
      expect(bytesToHex(key.public.commitments[0]!)).toBe(bytesToHex(encodePoint(ours.keys.publicKey)));
      expect(bytesToHex(encodeScalar(ours.secrets[i]!.keys.secret.reveal()))).toBe(bytesToHex(key.secret.signingShare));
      for (const [j, other] of ids.entries()) {
        const expected = bytesToHex(key.public.verifyingShares[other]!);
        expect(bytesToHex(encodePoint(ours.keys.shares.get(j + 1)!))).toBe(expected);
      }
    }
  });
});
