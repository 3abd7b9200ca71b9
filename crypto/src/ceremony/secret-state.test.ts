import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeScalar } from "../group/scalar.ts";
import { unwrap } from "../result.ts";
import { Secret } from "../secret.ts";
import { honestRound } from "../testing/ceremony.ts";
import { combineShare } from "./keys.ts";
import { type Ceremony, REGISTRARS } from "./parameters.ts";
import { decodeDealerSecret, decodeShareSecret, encodeDealerSecret, encodeShareSecret } from "./secret-state.ts";
import { dealShares } from "./share-channel.ts";

const ceremony: Ceremony = {
  election: new Uint8Array(32).fill(1),
  group: REGISTRARS,
  round: 3,
  parties: [2, 3, 7],
  threshold: 2,
};
const { dealers, secrets, verified, messages } = honestRound(ceremony);

describe("secret states", () => {
  it("come back from bytes and go on as if nothing had happened", () => {
    const dealer = unwrap(decodeDealerSecret(encodeDealerSecret(dealers[1]!)));
    expect(dealShares(ceremony, dealer, verified).shares.map((share) => share.to)).toEqual([2, 7]);
    const share = unwrap(combineShare(ceremony, dealer, verified, messages));
    const restored = unwrap(decodeShareSecret(encodeShareSecret(share)));
    expect(restored.keys.secret.reveal()).toBe(secrets[1]!.keys.secret.reveal());
    expect({ ...restored, keys: null }).toEqual({ ...share, keys: null });
    expect(encodeShareSecret(restored).reveal()).toEqual(encodeShareSecret(share).reveal());
    expect(encodeDealerSecret(dealer).reveal()).toEqual(encodeDealerSecret(dealers[1]!).reveal());
  });

  it("are refused in any other form", () => {
    const share = encodeShareSecret(secrets[0]!).reveal();
    const dealer = encodeDealerSecret(dealers[0]!).reveal();
    const fault = (bytes: Uint8Array) => {
      const decoded = decodeShareSecret(new Secret(bytes));
      return decoded.ok ? null : decoded.error;
    };
    const at = (position: number, value: number) => share.map((byte, i) => (i === position ? value : byte));
    expect(fault(share)).toBeNull();
    expect(fault(share.slice(1))).toBe("length");
    expect(fault(share.slice(0, 43))).toBe("length");
    expect(fault(new Uint8Array(0))).toBe("length");
    expect(fault(Uint8Array.of(...share, ...encodeScalar(5n)))).toBe("length");
    expect(fault(at(0, 2))).toBe("version");
    expect(fault(dealer)).toBe("kind");
    expect(fault(at(34, 2))).toBe("group");
    expect(fault(at(38, 0))).toBe("number");
    expect(fault(at(42, 0))).toBe("number");
    expect(fault(Uint8Array.of(...share.slice(0, 43), ...new Uint8Array(32)))).toBe("scalar");
    expect(fault(Uint8Array.of(...share.slice(0, 43), ...new Uint8Array(32).fill(255)))).toBe("scalar");
    const refused = decodeDealerSecret(new Secret(share));
    expect(refused).toEqual({ ok: false, error: "kind" });
    const short = decodeDealerSecret(new Secret(dealer.slice(0, 75)));
    expect(short).toEqual({ ok: false, error: "length" });
    const tooLong = new Uint8Array(43 + 32 * 1026).fill(1);
    expect(decodeDealerSecret(new Secret(tooLong))).toEqual({ ok: false, error: "length" });
  });

  it("decode only to what encodes to the same bytes", () => {
    const share = encodeShareSecret(secrets[0]!).reveal();
    fc.assert(
      fc.property(fc.nat(share.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const changed = Uint8Array.from(share);
        changed[position]! ^= flip;
        const decoded = decodeShareSecret(new Secret(changed));
        if (decoded.ok) expect(encodeShareSecret(decoded.value).reveal()).toEqual(changed);
      }),
      { numRuns: 200 },
    );
  });

  it("show no secret when printed", () => {
    const shown = JSON.stringify({ dealer: dealers[0], share: secrets[0] }, (_, value) =>
      typeof value === "bigint" ? `bigint ${value}` : value,
    );
    for (const value of [...dealers[0]!.coefficients.reveal(), secrets[0]!.keys.secret.reveal()]) {
      expect(shown).not.toContain(value.toString());
    }
  });
});
