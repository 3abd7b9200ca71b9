import { blind, finalize, pureRsa, randomBytes, unwrap, utf8ToBytes, verifyBlindSignature } from "@hanpyo/crypto";
import { describe, expect, it } from "vitest";
import { exportPrivateKey, importPrivateKey, modulusOf, nodeRsa } from "./rsa.ts";

describe("nodeRsa", async () => {
  const { modulus, privateKey } = await nodeRsa.generateKey();
  const message = utf8ToBytes("pass");
  const made = unwrap(blind(modulus, message, randomBytes(48), 12345n));
  const blindSignature = await nodeRsa.blindSign(privateKey, made.blinded);
  const signature = unwrap(finalize(modulus, message, blindSignature, made.inverse));

  it("signs blindly what both verifiers accept", async () => {
    expect(verifyBlindSignature(modulus, made.blinded, blindSignature)).toBe(true);
    expect(await nodeRsa.verify(modulus, message, signature)).toBe(true);
    expect(await pureRsa.verify(modulus, message, signature)).toBe(true);
  });

  it("agrees with the pure verifier on what is refused", async () => {
    const changed = Uint8Array.from(signature);
    changed[200]! ^= 1;
    const cases: [Uint8Array, Uint8Array, Uint8Array][] = [
      [modulus, utf8ToBytes("other"), signature],
      [modulus, message, changed],
      [modulus, message, modulus],
      [modulus, message, new Uint8Array(256)],
      [modulus, message, new Uint8Array(256).fill(255)],
      [modulus, message, signature.slice(1)],
      [modulus, message, Uint8Array.of(0, ...signature)],
      [modulus.slice(1), message, signature],
      [Uint8Array.of(0, ...modulus.slice(1)), message, signature],
      [(await nodeRsa.generateKey()).modulus, message, signature],
    ];
    for (const [n, m, s] of cases) {
      expect(await nodeRsa.verify(n, m, s)).toBe(false);
      expect(await pureRsa.verify(n, m, s)).toBe(false);
    }
  });

  it("refuses to sign what is not below the modulus or has another length", () => {
    expect(() => nodeRsa.blindSign(privateKey, modulus)).toThrow();
    expect(() => nodeRsa.blindSign(privateKey, new Uint8Array(256).fill(255))).toThrow();
    expect(() => nodeRsa.blindSign(privateKey, made.blinded.slice(1))).toThrow();
  });

  it("keeps a key through its file form and refuses other bytes", async () => {
    const again = importPrivateKey(exportPrivateKey(privateKey));
    expect(modulusOf(again)).toEqual(modulus);
    expect(await nodeRsa.blindSign(again, made.blinded)).toEqual(blindSignature);
    expect(() => importPrivateKey(randomBytes(100))).toThrow();
  });
});
