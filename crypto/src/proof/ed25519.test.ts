import { createPublicKey, verify as nodeVerify } from "node:crypto";
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { concatBytes, hexToBytes, utf8ToBytes } from "../bytes.ts";
import { modOrder, ORDER, randomBytes, randomScalar } from "../group/scalar.ts";
import { verifyEd25519 } from "./ed25519.ts";

const { Point } = ed25519;

function openssl(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  const x = Buffer.from(publicKey).toString("base64url");
  return nodeVerify(
    null,
    message,
    createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }),
    signature,
  );
}

/** A signer that adds points of small order to its key and its commitment. */
function bentSignature(message: Uint8Array, keyTorsion: string, commitmentTorsion: string) {
  const [a, r] = [randomScalar(), randomScalar()];
  const publicKey = Point.BASE.multiply(a).add(Point.fromHex(keyTorsion)).toBytes();
  const commitment = Point.BASE.multiply(r).add(Point.fromHex(commitmentTorsion)).toBytes();
  const k = bytesToNumberLE(sha512(concatBytes(commitment, publicKey, message))) % ORDER;
  return { publicKey, signature: concatBytes(commitment, numberToBytesLE(modOrder(r + k * a), 32)) };
}

describe("verifyEd25519", () => {
  it("accepts what others sign, RFC 8032's third test vector among it", () => {
    const publicKey = hexToBytes("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
    const signature = hexToBytes(
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    );
    expect(verifyEd25519(signature, hexToBytes("af82"), publicKey)).toBe(true);
    expect(verifyEd25519(signature, hexToBytes("af83"), publicKey)).toBe(false);
    for (let i = 0; i < 10; i++) {
      const secret = randomBytes(32);
      const message = randomBytes(i * 20);
      expect(verifyEd25519(ed25519.sign(message, secret), message, ed25519.getPublicKey(secret))).toBe(true);
    }
  });

  it("answers like OpenSSL for every mix of small-order components, where noble's own does not", () => {
    const message = utf8ToBytes("split the readers");
    let refused = 0;
    let split = 0;
    for (const keyTorsion of ED25519_TORSION_SUBGROUP) {
      for (const commitmentTorsion of ED25519_TORSION_SUBGROUP) {
        const { publicKey, signature } = bentSignature(message, keyTorsion, commitmentTorsion);
        const ours = verifyEd25519(signature, message, publicKey);
        expect(ours).toBe(openssl(signature, message, publicKey));
        if (!ours) refused++;
        if (ours !== ed25519.verify(signature, message, publicKey, { zip215: false })) split++;
      }
    }
    expect(refused).toBeGreaterThan(40);
    expect(split).toBe(refused);
  });

  it("refuses keys of small order, other encodings and other lengths", () => {
    const secret = randomBytes(32);
    const message = utf8ToBytes("m");
    const publicKey = ed25519.getPublicKey(secret);
    const signature = ed25519.sign(message, secret);
    for (const small of ED25519_TORSION_SUBGROUP.map(hexToBytes)) {
      for (const other of ED25519_TORSION_SUBGROUP.map(hexToBytes)) {
        expect(verifyEd25519(concatBytes(other, new Uint8Array(32)), message, small)).toBe(false);
      }
    }
    const s = bytesToNumberLE(signature.subarray(32));
    const shifted = concatBytes(signature.subarray(0, 32), numberToBytesLE(s + ORDER, 32));
    expect(verifyEd25519(shifted, message, publicKey)).toBe(false);
    // y = 1 + p, not canonical, is the identity: a commitment and a key in an encoding nobody may use.
    const wide = hexToBytes(`ee${"ff".repeat(30)}7f`);
    expect(verifyEd25519(concatBytes(wide, new Uint8Array(32)), message, publicKey)).toBe(false);
    expect(verifyEd25519(signature, message, wide)).toBe(false);
    expect(verifyEd25519(signature, message, new Uint8Array(32).fill(255))).toBe(false);
    expect(verifyEd25519(signature.slice(1), message, publicKey)).toBe(false);
    expect(verifyEd25519(signature, message, publicKey.slice(1))).toBe(false);
    expect(verifyEd25519(signature, message, publicKey)).toBe(true);
  });
});
