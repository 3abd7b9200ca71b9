import { createHash, randomBytes } from "node:crypto";
import { hexToBytes } from "@hanpyo/crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nobleSha256, nobleSigner, strictVerify } from "../log/index.ts";
import { nodeSha256, nodeSigner, nodeVerify } from "./node-crypto.ts";

const message = new TextEncoder().encode("the same answer everywhere");
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const toBytes = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(64, "0")).reverse();
const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);

describe("node:crypto answers like the portable code", () => {
  it("SHA-256 and signatures", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (bytes, secret) => {
          expect(nodeSha256(bytes)).toEqual(nobleSha256(bytes));
          const [node, noble] = [nodeSigner(secret), nobleSigner(secret)];
          expect(node.publicKey).toEqual(noble.publicKey);
          expect(node.sign(bytes)).toEqual(noble.sign(bytes));
          expect(nodeVerify(node.sign(bytes), bytes, node.publicKey)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("verification of changed signatures and keys", () => {
    const signer = nodeSigner(new Uint8Array(randomBytes(32)));
    const signature = signer.sign(message);
    fc.assert(
      fc.property(fc.nat(63), fc.nat(7), fc.nat(31), (at, bit, keyAt) => {
        const changed = Uint8Array.from(signature);
        changed[at]! ^= 1 << bit;
        expect(nodeVerify(changed, message, signer.publicKey)).toBe(false);
        expect(strictVerify(changed, message, signer.publicKey)).toBe(false);
        const key = Uint8Array.from(signer.publicKey);
        key[keyAt]! ^= 1 << bit;
        expect(nodeVerify(signature, message, key)).toBe(strictVerify(signature, message, key));
      }),
      { numRuns: 60 },
    );
    const high = Uint8Array.from(signature);
    high.set(toBytes(toNumber(signature.slice(32)) + order), 32); // S + order: a second spelling
    expect(nodeVerify(high, message, signer.publicKey)).toBe(false);
    expect(strictVerify(high, message, signer.publicKey)).toBe(false);
  });

  it("a signature with a point of small order in R, which OpenSSL alone would refuse, and small-order keys", () => {
    const secret = new Uint8Array(32).fill(5);
    const { scalar, prefix, pointBytes } = ed25519.utils.getExtendedPublicKey(secret);
    const torsion = ed25519.Point.fromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    const nonce = toNumber(nodeSha256(prefix)) % order;
    const R = ed25519.Point.BASE.multiply(nonce).add(torsion).toBytes();
    const k = toNumber(sha512(R, pointBytes, message)) % order;
    const signature = new Uint8Array(64);
    signature.set(R);
    signature.set(toBytes((nonce + k * scalar) % order), 32);
    expect(strictVerify(signature, message, pointBytes)).toBe(true);
    expect(nodeVerify(signature, message, pointBytes)).toBe(true);

    const identity = new Uint8Array(32).fill(1, 0, 1);
    const forged = new Uint8Array(64);
    forged.set(identity); // R = identity, S = 0 verifies everything under a key of small order
    expect(nodeVerify(forged, message, identity)).toBe(false);
    expect(strictVerify(forged, message, identity)).toBe(false);
    expect(nodeVerify(signature.subarray(1), message, pointBytes)).toBe(false);
    expect(() => nodeSigner(new Uint8Array(31))).toThrow(RangeError);
  });
});

function sha512(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(createHash("sha512").update(Buffer.concat(parts)).digest());
}
