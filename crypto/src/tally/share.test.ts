import { describe, expect, it } from "vitest";
import { concatBytes } from "../bytes.ts";
import { randomKeyPair } from "../group/keypair.ts";
import { encodePoint, G, hashToGroup, IDENTITY, multiplyPublic, type Point } from "../group/ristretto.ts";
import { challengeWeight, modOrder } from "../group/scalar.ts";
import { dleqProve, foldPairs } from "../proof/dleq.ts";
import { unwrap } from "../result.ts";
import { Transcript } from "../transcript.ts";
import { decryptSums, type ShareStatement, verifyDecryptionShare } from "./share.ts";

const keys = randomKeyPair();
const bases = Array.from({ length: 6 }, (_, i) => hashToGroup(new Uint8Array(64).fill(i + 1)));
const statement: ShareStatement = {
  context: new Uint8Array(32).fill(1),
  tally: new Uint8Array(32).fill(2),
  key: keys.publicKey,
  ciphertexts: bases,
};
const images = bases.map((base) => multiplyPublic(base, keys.secret.reveal()));

function baseOf(decryptions: readonly Point[], key = statement.key): Uint8Array {
  return new Transcript("tally")
    .append("context", statement.context)
    .append("tally", statement.tally)
    .append("key", encodePoint(key))
    .list("ciphertexts", bases.map(encodePoint))
    .list("decryptions", decryptions.map(encodePoint))
    .digest();
}
const weightsOf = (base: Uint8Array) =>
  bases.map((_, i) => challengeWeight(new Transcript("tally-weight").append("base", base).number("j", i + 1)));

/** The best proof a cheating trustee can make for decryptions of its choice, with weights of `weightBase`. */
function cheat(decryptions: readonly Point[], weightBase = baseOf(decryptions)) {
  const weights = weightsOf(weightBase);
  const folded = foldPairs(
    bases.map((base, i) => ({ base, image: decryptions[i]! })),
    (i) => weights[i]!,
  );
  const honest = multiplyPublic(folded.base, keys.secret.reveal());
  return [folded.image, honest].map((image) => ({
    decryptions: concatBytes(...decryptions.map(encodePoint)),
    proof: dleqProve(new Transcript("tally-share").append("base", weightBase), keys, folded.base, image),
  }));
}
const fault = (share: { decryptions: Uint8Array; proof: Uint8Array }, by = statement) => {
  const verdict = verifyDecryptionShare(by, share);
  return verdict.ok ? null : verdict.error;
};

describe("decryption share", () => {
  const share = decryptSums(statement, keys);

  it("verifies and gives R_j^x, and follows the written formula", () => {
    const decryptions = unwrap(verifyDecryptionShare(statement, share));
    for (const [j, point] of decryptions.entries()) expect(point.equals(images[j]!)).toBe(true);
    expect(decryptSums(statement, keys).decryptions).toEqual(share.decryptions);
    for (const written of cheat(images)) expect(fault(written)).toBeNull();
  });

  it("is bound to context, tally, key and every ciphertext in order", () => {
    expect(fault(share, { ...statement, context: new Uint8Array(32) })).not.toBeNull();
    expect(fault(share, { ...statement, tally: new Uint8Array(32) })).not.toBeNull();
    expect(fault(share, { ...statement, key: randomKeyPair().publicKey })).not.toBeNull();
    expect(fault(share, { ...statement, ciphertexts: [...bases].reverse() })).not.toBeNull();
    expect(fault(share, { ...statement, ciphertexts: [...bases.slice(1), G] })).not.toBeNull();
    expect(fault(share, { ...statement, ciphertexts: bases.slice(1) })).toBe("decryptions");
    expect(fault(share, { ...statement, ciphertexts: [...bases, G] })).toBe("decryptions");
  });

  it("refuses malformed decryptions and proofs", () => {
    const bad = Uint8Array.from(share.decryptions).fill(255, 32, 64);
    expect(fault({ ...share, decryptions: bad })).toBe("decryptions");
    expect(fault({ ...share, decryptions: share.decryptions.slice(1) })).toBe("decryptions");
    expect(fault({ ...share, proof: share.proof.slice(1) })).toBe("length");
    expect(fault({ ...share, proof: new Uint8Array(96) })).toBe("commitment");
    expect(fault({ decryptions: new Uint8Array(0), proof: share.proof }, { ...statement, ciphertexts: [] })).toBe(
      "decryptions",
    );
  });

  it("refuses the share of another key, even with a perfect proof for that key", () => {
    const other = randomKeyPair();
    const theirs = decryptSums({ ...statement, key: other.publicKey }, other);
    expect(fault(theirs)).not.toBeNull();
    expect(() => decryptSums(statement, other)).toThrow();
    expect(() => decryptSums({ ...statement, ciphertexts: [] }, keys)).toThrow(RangeError);
  });

  it("refuses one wrong D_j, at any place, with the best proof its maker can give", () => {
    for (const [j] of bases.entries()) {
      const wrong = images.map((image, i) => (i === j ? image.add(G) : image));
      for (const attempt of cheat(wrong)) expect(fault(attempt)).not.toBeNull();
      for (const attempt of cheat(wrong, baseOf(images))) expect(fault(attempt)).not.toBeNull();
      expect(fault({ ...share, decryptions: concatBytes(...wrong.map(encodePoint)) })).not.toBeNull();
    }
    const swapped = [images[1]!, images[0]!, ...images.slice(2)];
    for (const attempt of cheat(swapped)) expect(fault(attempt)).not.toBeNull();
    const none = images.map((image, i) => (i === 2 ? IDENTITY : image));
    for (const attempt of cheat(none)) expect(fault(attempt)).not.toBeNull();
  });

  it("refuses two wrong D_j that compensate each other under any weights known before", () => {
    const before = baseOf(images);
    const weights = weightsOf(before);
    // D_0 · g^{w_1} and D_1 · g^{−w_0}: with the weights of `before` the product is the honest one.
    const wrong = [
      images[0]!.add(multiplyPublic(G, weights[1]!)),
      images[1]!.add(multiplyPublic(G, modOrder(-weights[0]!))),
      ...images.slice(2),
    ];
    const pairs = (all: readonly Point[]) => bases.map((base, i) => ({ base, image: all[i]! }));
    const folded = (all: readonly Point[]) => foldPairs(pairs(all), (i) => weights[i]!).image;
    expect(folded(wrong).equals(folded(images))).toBe(true);
    for (const attempt of [...cheat(wrong, before), ...cheat(wrong)]) expect(fault(attempt)).not.toBeNull();
  });

  it("allows a sum that is the identity beside others, and refuses where all are", () => {
    const some = { ...statement, ciphertexts: [IDENTITY, ...bases.slice(1)] };
    const made = decryptSums(some, keys);
    expect(unwrap(verifyDecryptionShare(some, made))[0]!.is0()).toBe(true);
    const all = { ...statement, ciphertexts: [IDENTITY] };
    const nothing = { decryptions: encodePoint(IDENTITY), proof: share.proof };
    expect(fault(nothing, all)).toBe("base");
  });
});
