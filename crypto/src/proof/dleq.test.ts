import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyPairFrom } from "../group/keypair.ts";
import { encodePoint, G, hashToGroup, IDENTITY, multiply } from "../group/ristretto.ts";
import { challengeWeight, encodeScalar } from "../group/scalar.ts";
import { Transcript } from "../transcript.ts";
import { DLEQ_BYTES, dleqImage, dleqProve, dleqVerify, foldPairs } from "./dleq.ts";

const context = (text = "context") => new Transcript("test").text("context", text);
const pointFrom = (n: number) => hashToGroup(new Transcript("test").number("point", n).digest());
const keys = keyPairFrom(987654321987654321n);
const base = pointFrom(1);
const image = dleqImage(keys, base);
const proof = dleqProve(context(), keys, base, image);
const statement = { key: keys.publicKey, base, image };
const verdict = (bytes = proof, claimed = statement, transcript = context()) => {
  const result = dleqVerify(transcript, claimed, bytes);
  return result.ok ? "accepted" : result.error;
};

describe("DLEQ", () => {
  it("accepts its own proofs", () => {
    expect(proof).toHaveLength(DLEQ_BYTES);
    expect(verdict()).toBe("accepted");
  });

  it("binds the context and every part of the statement", () => {
    expect(verdict(proof, statement, context("other"))).toBe("equation-key");
    expect(verdict(proof, { ...statement, image: image.add(G) })).not.toBe("accepted");
    expect(verdict(proof, { ...statement, base: pointFrom(2) })).not.toBe("accepted");
    expect(verdict(proof, { ...statement, key: G })).not.toBe("accepted");
  });

  it("refuses identities, lengths and encodings by name", () => {
    expect(verdict(proof, { ...statement, key: IDENTITY })).toBe("key");
    expect(verdict(proof, { ...statement, base: IDENTITY })).toBe("base");
    expect(verdict(proof.subarray(0, 95))).toBe("length");
    for (const from of [0, 32]) {
      expect(verdict(new Uint8Array(proof).fill(0, from, from + 32))).toBe("commitment");
      expect(verdict(new Uint8Array(proof).fill(0xff, from, from + 32))).toBe("commitment");
    }
    expect(verdict(new Uint8Array(proof).fill(0xff, 64))).toBe("response");
  });

  it("refuses every flipped bit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 767 }), (bit) => {
        const bad = proof.slice();
        bad[bit >> 3]! ^= 1 << (bit & 7);
        expect(verdict(bad)).not.toBe("accepted");
      }),
      { numRuns: 40 },
    );
  });

  it("does not let a prover cheat on the image alone", () => {
    // An honest first equation and a second one the prover cannot meet: image under another exponent.
    const wrong = multiply(base, 5n);
    const forged = dleqProve(context(), keys, base, wrong);
    expect(verdict(forged, { ...statement, image: wrong })).toBe("equation-image");
  });

  it("does not accept one equation standing in for the other", () => {
    const swapped = new Uint8Array(proof);
    swapped.set(proof.subarray(32, 64), 0);
    swapped.set(proof.subarray(0, 32), 32);
    expect(verdict(swapped)).not.toBe("accepted");
    const zero = new Uint8Array([...encodePoint(G), ...encodePoint(base), ...encodeScalar(1n)]);
    expect(verdict(zero)).not.toBe("accepted");
  });
});

describe("folded pairs", () => {
  const bases = [1, 2, 3, 4].map(pointFrom);
  const weight = (images: readonly Uint8Array[]) => (index: number) =>
    challengeWeight(new Transcript("tally-weight").list("images", images).number("index", index));
  const fold = (images: readonly ReturnType<typeof pointFrom>[]) =>
    foldPairs(
      bases.map((each, i) => ({ base: each, image: images[i]! })),
      weight(images.map(encodePoint)),
    );

  it("prove all images at once", () => {
    const folded = fold(bases.map((each) => dleqImage(keys, each)));
    const batched = dleqProve(context(), keys, folded.base, folded.image);
    expect(verdict(batched, { key: keys.publicKey, ...folded })).toBe("accepted");
  });

  it("expose a single wrong image, even where two wrong ones cancel in the plain product", () => {
    const images = bases.map((each) => dleqImage(keys, each));
    images[1] = images[1]!.add(G);
    images[2] = images[2]!.subtract(G);
    const folded = fold(images);
    const batched = dleqProve(context(), keys, folded.base, folded.image);
    expect(verdict(batched, { key: keys.publicKey, ...folded })).toBe("equation-image");
  });

  it("refuse an empty list", () => {
    const folded = foldPairs([], () => 1n);
    expect(verdict(proof, { key: keys.publicKey, ...folded })).toBe("base");
  });
});
