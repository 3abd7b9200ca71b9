/** Exponential ElGamal under K: Enc(v; r) = (R, S) = (g^r, g^v · K^r). The product of ciphertexts encrypts the sum. */
import { encodePoint, IDENTITY, multiplyPublic, type Point } from "./group/ristretto.ts";

export interface Ciphertext {
  readonly R: Point;
  readonly S: Point;
}

export const CIPHERTEXT_BYTES = 64;

/** R ‖ S */
export function encodeCiphertext(ciphertext: Ciphertext): Uint8Array {
  const bytes = new Uint8Array(CIPHERTEXT_BYTES);
  bytes.set(encodePoint(ciphertext.R), 0);
  bytes.set(encodePoint(ciphertext.S), 32);
  return bytes;
}

/** Π ciphertext_i^factor_i for public factors: encrypts Σ factor_i · v_i. */
export function combine(ciphertexts: readonly Ciphertext[], factors: readonly bigint[]): Ciphertext {
  let R = IDENTITY;
  let S = IDENTITY;
  ciphertexts.forEach((each, i) => {
    R = R.add(multiplyPublic(each.R, factors[i]!));
    S = S.add(multiplyPublic(each.S, factors[i]!));
  });
  return { R, S };
}
