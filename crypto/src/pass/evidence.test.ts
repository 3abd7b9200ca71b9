import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8ToBytes } from "../bytes.ts";
import { randomKeyPair } from "../group/keypair.ts";
import { unwrap } from "../result.ts";
import { auditDraw, evidenceHash, openEvidence, sealEvidence } from "./evidence.ts";

const election = new Uint8Array(32).fill(1);

describe("sealed evidence", () => {
  const auditors = randomKeyPair();
  const evidence = utf8ToBytes("row 17");
  const sealed = sealEvidence(election, 2, auditors.publicKey, evidence);

  it("opens for the auditors alone, as the same registrar's of the same election", () => {
    expect(unwrap(openEvidence(election, 2, auditors, sealed))).toEqual(evidence);
    expect(sealed).toHaveLength(evidence.length + 48);
    expect(openEvidence(election, 1, auditors, sealed)).toEqual({ ok: false, error: "cipher" });
    expect(openEvidence(new Uint8Array(32), 2, auditors, sealed)).toEqual({ ok: false, error: "cipher" });
    expect(openEvidence(election, 2, randomKeyPair(), sealed)).toEqual({ ok: false, error: "cipher" });
  });

  it("refuses every changed byte and other lengths", () => {
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed);
      changed[i]! ^= 1;
      expect(openEvidence(election, 2, auditors, changed).ok, `byte ${i}`).toBe(false);
    }
    expect(openEvidence(election, 2, auditors, sealed.slice(0, 47))).toEqual({ ok: false, error: "length" });
    expect(openEvidence(election, 2, auditors, new Uint8Array(80))).toEqual({ ok: false, error: "ephemeral" });
    expect(openEvidence(election, 2, auditors, new Uint8Array(80).fill(255))).toEqual({
      ok: false,
      error: "ephemeral",
    });
  });

  it("is fresh every time, and so is its hash", () => {
    const again = sealEvidence(election, 2, auditors.publicKey, evidence);
    expect(evidenceHash(again)).not.toEqual(evidenceHash(sealed));
  });
});

describe("auditDraw", () => {
  const count = new Uint8Array(32).fill(7);
  const values = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

  it("draws that many different entries, ascending, or all of them", () => {
    const sizes = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 250 }));
    fc.assert(
      fc.property(sizes, ([length, size]) => {
        const drawn = auditDraw(count, values, length, size);
        expect(drawn).toHaveLength(Math.min(length, size));
        for (const [i, index] of drawn.entries()) {
          expect(index >= 0 && index < length && (i === 0 || index > drawn[i - 1]!)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("follows from the count and every revealed value", () => {
    const drawn = auditDraw(count, values, 1_000_000, 20);
    expect(auditDraw(count, values, 1_000_000, 20)).toEqual(drawn);
    expect(auditDraw(count, values.slice(1), 1_000_000, 20)).not.toEqual(drawn);
    expect(auditDraw(count, [...values].reverse(), 1_000_000, 20)).not.toEqual(drawn);
    expect(auditDraw(new Uint8Array(32), values, 1_000_000, 20)).not.toEqual(drawn);
    expect(() => auditDraw(count, values, -1, 3)).toThrow(RangeError);
  });
});
