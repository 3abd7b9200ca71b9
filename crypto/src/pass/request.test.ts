import { describe, expect, it } from "vitest";
import { bytesToHex } from "../bytes.ts";
import { encodePoint, G, multiplyPublic } from "../group/ristretto.ts";
import { unwrap } from "../result.ts";
import { Secret } from "../secret.ts";
import { testRsaKey } from "../testing/rsa-node.ts";
import { encodeBase64Url } from "./base64url.ts";
import { verifyPss } from "./blind-rsa.ts";
import { fromInteger, toInteger } from "./integer.ts";
import { passMessage, passSecrets, presentationNonce, requestHash, requestPass } from "./request.ts";

const election = new Uint8Array(32).fill(1);
const seed = new Secret(new Uint8Array(32).fill(2));
const name = { election, denomination: 1, copy: 0 };
const keys = [testRsaKey(), testRsaKey()];
const moduli = keys.map((key) => key.modulus);

describe("passSecrets", () => {
  it("gives the same for the same seed and others for any other name, purpose or registrar", () => {
    const values = new Set<string>();
    const names = [
      name,
      { ...name, copy: 1 },
      { ...name, denomination: 2 },
      { ...name, election: new Uint8Array(32).fill(9) },
    ];
    let made = 0;
    for (const each of names) {
      const secrets = passSecrets(seed, each);
      const again = passSecrets(seed, each);
      expect(again.pseudonym.encoded).toEqual(secrets.pseudonym.encoded);
      expect(encodePoint(multiplyPublic(G, secrets.pseudonym.secret.reveal()))).toEqual(secrets.pseudonym.encoded);
      values.add(bytesToHex(secrets.pseudonym.encoded));
      made++;
      for (const registrar of [1, 2]) {
        expect(again.salt(registrar)).toEqual(secrets.salt(registrar));
        expect(secrets.salt(registrar)).toHaveLength(48);
        values.add(bytesToHex(secrets.salt(registrar)));
        const blinding = secrets.blinding(registrar, moduli[0]!).reveal();
        expect(blinding).toBe(again.blinding(registrar, moduli[0]!).reveal());
        expect(blinding >= 2n && blinding < toInteger(moduli[0]!)).toBe(true);
        values.add(blinding.toString());
        made += 2;
      }
    }
    expect(values.size).toBe(made);
  });

  it("refuses a seed of another length", () => {
    expect(() => passSecrets(new Secret(new Uint8Array(31)), name)).toThrow(RangeError);
  });
});

describe("requestPass", () => {
  const request = unwrap(requestPass(seed, name, 3, moduli));

  it("repeats byte-identical requests and finishes into signatures on the pass message", () => {
    const again = unwrap(requestPass(seed, name, 3, moduli));
    expect(again.blinded).toEqual(request.blinded);
    expect(again.request).toEqual(request.request);
    expect(request.message).toEqual(passMessage(election, 3, request.pseudonym.encoded));
    expect(request.message).toHaveLength(64);
    for (const registrar of [1, 2]) {
      const key = keys[registrar - 1]!;
      const answer = key.sign(request.blinded[registrar - 1]!);
      const signature = unwrap(again.finish(registrar, answer));
      expect(verifyPss(key.modulus, request.message, signature)).toBe(true);
      expect(verifyPss(key.modulus, passMessage(election, 2, request.pseudonym.encoded), signature)).toBe(false);
      expect(again.finish(3 - registrar, answer).ok).toBe(false);
    }
    expect(() => request.finish(3, new Uint8Array(256))).toThrow(RangeError);
    expect(() => request.finish(0, new Uint8Array(256))).toThrow(RangeError);
  });

  it("hashes class, denomination, copy and every blinded value into the request", () => {
    const all = [
      request.request,
      requestHash(name, 2, request.blinded),
      requestHash({ ...name, copy: 1 }, 3, request.blinded),
      requestHash({ ...name, denomination: 2 }, 3, request.blinded),
      requestHash(name, 3, [...request.blinded].reverse()),
      requestHash(name, 3, request.blinded.slice(1)),
    ];
    expect(new Set(all.map(bytesToHex)).size).toBe(all.length);
  });

  it("names the registrar whose modulus is malformed", () => {
    const bad = fromInteger(toInteger(moduli[1]!) >> 1n, 256);
    const refused = requestPass(seed, name, 3, [moduli[0]!, bad]);
    expect(refused).toEqual({ ok: false, error: { registrar: 2, fault: "modulus" } });
  });
});

describe("presentationNonce", () => {
  const nonce = (fill: number) => new Uint8Array(16).fill(fill);
  const request = new Uint8Array(32).fill(5);

  it("covers every nonce at its place, the absent ones too, and all requests", () => {
    const all = [
      presentationNonce(election, [nonce(1), null, nonce(2)], [request]),
      presentationNonce(election, [nonce(1), nonce(2), null], [request]),
      presentationNonce(election, [nonce(1), nonce(2)], [request]),
      presentationNonce(election, [nonce(1), null, nonce(2)], [request, request]),
      presentationNonce(election, [nonce(1), null, nonce(2)], []),
    ];
    expect(new Set(all).size).toBe(all.length);
    for (const text of all) expect(text).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(() => presentationNonce(election, [new Uint8Array(15)], [request])).toThrow(RangeError);
  });
});

describe("encodeBase64Url", () => {
  it("agrees with the platform for every length", () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 89 + length * 31) & 255);
      expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    }
  });
});
