import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Ciphertext, combine, encodeCiphertext } from "./elgamal.ts";
import { keyPairFrom } from "./group/keypair.ts";
import { encodePoint, G, multiply } from "./group/ristretto.ts";
import { ORDER } from "./group/scalar.ts";

const keys = keyPairFrom(99n);
const encrypt = (v: bigint, r: bigint): Ciphertext => ({
  R: multiply(G, r),
  S: multiply(G, v).add(multiply(keys.publicKey, r)),
});
const opened = ({ R, S }: Ciphertext) => S.subtract(multiply(R, keys.secret.reveal()));

describe("exponential ElGamal", () => {
  it("is homomorphic: products open to weighted sums", () => {
    const row = fc.tuple(
      fc.bigInt({ min: 0n, max: 50n }),
      fc.bigInt({ min: 1n, max: ORDER - 1n }),
      fc.bigInt({ min: 0n, max: 9n }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
        const sum = rows.reduce((total, [v, , factor]) => total + v * factor, 0n);
        const product = combine(
          rows.map(([v, r]) => encrypt(v, r)),
          rows.map(([, , factor]) => factor),
        );
        expect(opened(product).equals(multiply(G, sum))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it("is encoded as R and S", () => {
    const ciphertext = encrypt(3n, 7n);
    expect(encodeCiphertext(ciphertext)).toEqual(
      Uint8Array.of(...encodePoint(ciphertext.R), ...encodePoint(ciphertext.S)),
    );
  });
});
