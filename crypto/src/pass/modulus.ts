/** What anybody can check about a registrar's RSA modulus (docs/protocol.md 4.1). */
import { RSA_BYTES } from "./blind-rsa.ts";
import { toInteger } from "./integer.ts";

export type ModulusFault = "length" | "top-bit" | "even" | "small-factor";

const LIMIT = 2 ** 16;

/** Products of consecutive odd primes below 2^16, each below 2^1024, so that one division serves many of them. */
let products: readonly bigint[] | undefined;

function primeProducts(): readonly bigint[] {
  const composite = new Uint8Array(LIMIT);
  const result: bigint[] = [];
  let product = 1n;
  for (let p = 3; p < LIMIT; p += 2) {
    if (composite[p] === 1) continue;
    for (let multiple = p * p; multiple < LIMIT; multiple += 2 * p) composite[multiple] = 1;
    product *= BigInt(p);
    if (product >> 1008n !== 0n) {
      result.push(product);
      product = 1n;
    }
  }
  result.push(product);
  return result;
}

function coprime(a: bigint, b: bigint): boolean {
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 1n;
}

/**
 * The first fault of a modulus, or null: 256 bytes, top bit set, odd, no prime factor below 2^16. Whether it has exactly
 * two large factors only its owner knows; a bad modulus hurts unforgeability, which q registrars share, not blindness.
 */
export function modulusFault(modulus: Uint8Array): ModulusFault | null {
  if (modulus.length !== RSA_BYTES) return "length";
  if ((modulus[0]! & 0x80) === 0) return "top-bit";
  if ((modulus[RSA_BYTES - 1]! & 1) === 0) return "even";
  const n = toInteger(modulus);
  products ??= primeProducts();
  return products.every((product) => coprime(n, product)) ? null : "small-factor";
}

export function wellFormedModulus(modulus: Uint8Array): boolean {
  return modulusFault(modulus) === null;
}
