import { describe, expect, it } from "vitest";
import { testRsaKey } from "../testing/rsa-node.ts";
import { fromInteger, toInteger } from "./integer.ts";
import { modulusFault, wellFormedModulus } from "./modulus.ts";

describe("wellFormedModulus", () => {
  const { modulus } = testRsaKey();
  const n = toInteger(modulus);
  /** The smallest odd multiple of `prime` above the modulus. */
  const multipleOf = (prime: bigint) => {
    const quotient = n / prime + 1n;
    return fromInteger((quotient % 2n === 0n ? quotient + 1n : quotient) * prime, 256);
  };

  it("accepts a real modulus", () => {
    expect(wellFormedModulus(modulus)).toBe(true);
  });

  it("refuses length, top bit and even numbers", () => {
    expect(modulusFault(modulus.slice(1))).toBe("length");
    expect(modulusFault(fromInteger((n >> 1n) | 1n, 256))).toBe("top-bit");
    expect(modulusFault(fromInteger(n - 1n, 256))).toBe("even");
  });

  it.each([3n, 5n, 257n, 7919n, 65519n, 65521n])("refuses the factor %s", (prime) => {
    expect(modulusFault(multipleOf(prime))).toBe("small-factor");
  });

  it("does not refuse for the first prime above 2^16", () => {
    // Chosen free of smaller factors: 65537 times a number whose residues are those of a prime-like cofactor.
    let cofactor = n / 65537n + 1n;
    while (modulusFault(fromInteger(cofactor * 65537n, 256)) !== null) cofactor += 1n;
    expect(cofactor - n / 65537n).toBeLessThan(2000n);
  });
});
