import { describe, expect, it } from "vitest";
import { randomKeyPair } from "../group/keypair.ts";
import { decodePoint, G, multiplyPublic, multiplyPublic2 } from "../group/ristretto.ts";
import { modOrder } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { type Endorsed, endorse, endorsementEquation, verifyEndorsement } from "./endorsement.ts";

const hash = (fill: number) => new Uint8Array(32).fill(fill);
const endorsed: Endorsed = {
  election: hash(1),
  nullifier: hash(2),
  class: 3,
  request: hash(4),
  policy: hash(5),
  registrar: 2,
  evidence: hash(6),
};

describe("endorsement", () => {
  const keys = randomKeyPair();
  const signature = endorse(keys, endorsed);

  it("verifies alone and as a batch equation", () => {
    expect(verifyEndorsement(keys.publicKey, endorsed, signature).ok).toBe(true);
    const equation = unwrap(endorsementEquation(keys.encoded, endorsed, signature));
    const left = multiplyPublic2(G, equation.response, keys.publicKey, modOrder(-equation.challenge));
    expect(left.equals(unwrap(decodePoint(equation.commitment)))).toBe(true);
    expect(multiplyPublic(left, 2n).equals(left)).toBe(false);
  });

  it.each<[string, Partial<Endorsed>]>([
    ["election", { election: hash(9) }],
    ["nullifier", { nullifier: hash(9) }],
    ["class", { class: 9 }],
    ["request", { request: hash(9) }],
    ["policy", { policy: hash(9) }],
    ["registrar", { registrar: 9 }],
    ["evidence", { evidence: hash(9) }],
  ])("covers the %s", (_, change) => {
    expect(verifyEndorsement(keys.publicKey, { ...endorsed, ...change }, signature).ok).toBe(false);
  });

  it("refuses another registrar's key and malformed signatures", () => {
    expect(verifyEndorsement(randomKeyPair().publicKey, endorsed, signature).ok).toBe(false);
    expect(verifyEndorsement(keys.publicKey, endorsed, signature.slice(1)).ok).toBe(false);
    expect(endorsementEquation(keys.encoded, endorsed, new Uint8Array(64).fill(255)).ok).toBe(false);
  });
});
