import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyPairFrom, randomKeyPair } from "../group/keypair.ts";
import { decodePoint, encodePoint, G, IDENTITY } from "../group/ristretto.ts";
import { encodeScalar, ORDER } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { Transcript } from "../transcript.ts";
import { SCHNORR_BYTES, schnorrEquation, schnorrProve, schnorrVerify } from "./schnorr.ts";

const message = (text = "message") => new Transcript("test").text("message", text);
const keys = keyPairFrom(1234567890123456789n);
const proof = schnorrProve(message(), keys);

describe("Schnorr", () => {
  it("accepts its own proofs and only under the same transcript and key", () => {
    expect(proof).toHaveLength(SCHNORR_BYTES);
    expect(schnorrVerify(message(), keys.publicKey, proof)).toEqual({ ok: true, value: null });
    expect(schnorrVerify(message("other"), keys.publicKey, proof)).toEqual({ ok: false, error: "equation" });
    expect(schnorrVerify(message(), keys.publicKey.add(G), proof)).toEqual({ ok: false, error: "equation" });
  });

  it("verifies for random keys", () => {
    for (let i = 0; i < 5; i++) {
      const pair = randomKeyPair();
      expect(schnorrVerify(message(), pair.publicKey, schnorrProve(message(), pair)).ok).toBe(true);
    }
  });

  it("refuses every flipped bit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
        const bad = proof.slice();
        bad[bit >> 3]! ^= 1 << (bit & 7);
        expect(schnorrVerify(message(), keys.publicKey, bad).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("names what is wrong", () => {
    const refused = (bytes: Uint8Array, key = keys.publicKey) => {
      const result = schnorrVerify(message(), key, bytes);
      return result.ok ? "accepted" : result.error;
    };
    expect(refused(proof.subarray(1))).toBe("length");
    expect(refused(Uint8Array.of(...proof, 0))).toBe("length");
    expect(refused(proof, IDENTITY)).toBe("key");
    const identity = proof.slice();
    identity.fill(0, 0, 32);
    expect(refused(identity)).toBe("commitment");
    const odd = proof.slice();
    odd.fill(0xff, 0, 32);
    expect(refused(odd)).toBe("commitment");
    const large = proof.slice();
    large.fill(0xff, 32);
    expect(refused(large)).toBe("response");
    const shifted = proof.slice();
    const s = BigInt(
      `0x${[...proof.subarray(32)]
        .reverse()
        .map((b) => b.toString(16).padStart(2, "0"))
        .join("")}`,
    );
    const plus = s + ORDER;
    for (let i = 0; i < 32; i++) shifted[32 + i] = Number((plus >> BigInt(8 * i)) & 255n);
    expect(refused(shifted)).toBe("response");
  });

  it("cannot be forged with an identity key, whose equation anybody satisfies", () => {
    const response = 77n;
    const commitment = encodePoint(G.multiply(response));
    const forged = new Uint8Array([...commitment, ...encodeScalar(response)]);
    expect(schnorrVerify(message(), IDENTITY, forged)).toEqual({ ok: false, error: "key" });
  });

  it("draws a fresh nonce for every proof", () => {
    expect(schnorrProve(message(), keys).subarray(0, 32)).not.toEqual(proof.subarray(0, 32));
  });

  it("splits into the equation that the batch sums up", () => {
    const { key, commitment, challenge, response } = unwrap(schnorrEquation(message(), keys.encoded, proof));
    const left = G.multiply(response);
    const right = unwrap(decodePoint(commitment)).add(unwrap(decodePoint(key)).multiply(challenge));
    expect(left.equals(right)).toBe(true);
  });
});
