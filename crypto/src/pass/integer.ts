/** Big-endian integers and modular arithmetic of RSA (RFC 8017 section 4). BigInt is not constant time: see blind-rsa.ts. */
import { bytesToNumberBE, numberToBytesBE } from "@noble/curves/utils.js";

/** OS2IP. */
export function toInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : bytesToNumberBE(bytes);
}

/** I2OSP; throws if the integer is negative or does not fit. */
export function fromInteger(value: bigint, length: number): Uint8Array {
  return numberToBytesBE(value, length);
}

/** base^exponent mod modulus for exponent ≥ 0. */
export function modPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (exponent < 0n || modulus <= 0n) throw new RangeError("exponent ≥ 0 and modulus > 0");
  let result = 1n % modulus;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** value^−1 mod modulus by the extended Euclidean algorithm; null where they share a factor. */
export function modInverse(value: bigint, modulus: bigint): bigint | null {
  let [oldRest, rest] = [value % modulus, modulus];
  let [oldFactor, factor] = [1n, 0n];
  while (rest !== 0n) {
    const quotient = oldRest / rest;
    [oldRest, rest] = [rest, oldRest - quotient * rest];
    [oldFactor, factor] = [factor, oldFactor - quotient * factor];
  }
  if (oldRest !== 1n) return null;
  return oldFactor < 0n ? oldFactor + modulus : oldFactor;
}
