/** A secret scalar x with its public key g^x. */
import { Secret } from "../secret.ts";
import { encodePoint, G, multiply, type Point } from "./ristretto.ts";
import { ORDER, randomScalar } from "./scalar.ts";

export interface KeyPair {
  readonly secret: Secret<bigint>;
  readonly publicKey: Point;
  /** The 32 bytes of `publicKey`. */
  readonly encoded: Uint8Array;
}

/** Throws for a secret outside 1..l−1. */
export function keyPairFrom(secret: bigint): KeyPair {
  if (secret <= 0n || secret >= ORDER) throw new RangeError("a secret key lies in 1..l-1");
  const publicKey = multiply(G, secret);
  return { secret: new Secret(secret), publicKey, encoded: encodePoint(publicKey) };
}

export function randomKeyPair(): KeyPair {
  return keyPairFrom(randomScalar());
}
