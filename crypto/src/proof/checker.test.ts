import { describe, expect, it } from "vitest";
import { bytesToHex } from "../bytes.ts";
import { keyPairFrom, randomKeyPair } from "../group/keypair.ts";
import { encodePoint, IDENTITY } from "../group/ristretto.ts";
import { randomBytes } from "../group/scalar.ts";
import { type CheckerHello, checkerHello, checkerSession, verifyCheckerHello } from "./checker.ts";

const election = new Uint8Array(32).fill(1);
const side = { nonce: randomBytes(16), channel: randomBytes(32) };

describe("checker hello", () => {
  const checker = randomKeyPair();
  const hello = checkerHello(election, checker, side);
  const fault = (change: Partial<CheckerHello>, by = election) => {
    const verdict = verifyCheckerHello(by, { ...hello, ...change });
    return verdict.ok ? null : verdict.error;
  };

  it("is accepted as shown and for this election alone", () => {
    expect(fault({})).toBeNull();
    expect(fault({}, new Uint8Array(32))).toBe("equation");
  });

  it("is refused with anything changed", () => {
    expect(fault({ checker: randomKeyPair().encoded })).toBe("equation");
    expect(fault({ checker: encodePoint(IDENTITY) })).toBe("checker");
    expect(fault({ checker: new Uint8Array(32).fill(255) })).toBe("checker");
    expect(fault({ nonce: randomBytes(16) })).toBe("equation");
    expect(fault({ nonce: randomBytes(15) })).toBe("nonce");
    expect(fault({ channel: randomBytes(32) })).toBe("equation");
    expect(fault({ channel: randomBytes(31) })).toBe("channel");
    expect(fault({ proof: new Uint8Array(64) })).toBe("commitment");
    expect(fault({ proof: hello.proof.slice(1) })).toBe("length");
  });

  it("cannot be made for a key whose secret its maker does not hold", () => {
    const wanted = randomKeyPair();
    const forged = checkerHello(
      election,
      { ...keyPairFrom(5n), publicKey: wanted.publicKey, encoded: wanted.encoded },
      side,
    );
    expect(verifyCheckerHello(election, forged).ok).toBe(false);
  });

  it("gives a session that covers both sides in their roles", () => {
    const a = { nonce: randomBytes(16), channel: randomBytes(32) };
    const sessions = [
      checkerSession(election, checker.encoded, side, a),
      checkerSession(election, checker.encoded, a, side),
      checkerSession(new Uint8Array(32), checker.encoded, side, a),
      checkerSession(election, randomKeyPair().encoded, side, a),
      checkerSession(election, checker.encoded, { ...side, nonce: a.nonce }, a),
      checkerSession(election, checker.encoded, side, { ...a, channel: side.channel }),
    ];
    expect(new Set(sessions.map(bytesToHex)).size).toBe(sessions.length);
  });
});
