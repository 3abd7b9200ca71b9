/** Products of ciphertexts: an encryption of the sum of what each holds. */
import { concatBytes } from "../bytes.ts";
import { CIPHERTEXT_BYTES } from "../elgamal.ts";
import { decodePoint, encodePoint, IDENTITY, POINT_BYTES, type Point } from "../group/ristretto.ts";
import { err, ok, type Result } from "../result.ts";

export type SumFault = "length" | "point";

/** Both components of every option's ciphertext, in order. */
function decodeComponents(bytes: Uint8Array): Result<Point[], SumFault> {
  if (bytes.length % CIPHERTEXT_BYTES !== 0) return err("length");
  const points: Point[] = [];
  for (let at = 0; at < bytes.length; at += POINT_BYTES) {
    const point = decodePoint(bytes.subarray(at, at + POINT_BYTES));
    if (!point.ok) return err("point");
    points.push(point.value);
  }
  return ok(points);
}

/** A running product per option of one contest. */
export class CiphertextSum {
  readonly #components: Point[];

  constructor(options: number) {
    this.#components = new Array<Point>(2 * options).fill(IDENTITY);
  }

  /** Multiplies ciphertexts in, R ‖ S per option; a refused one changes nothing. */
  add(ciphertexts: Uint8Array): Result<null, SumFault> {
    if (ciphertexts.length !== this.#components.length * POINT_BYTES) return err("length");
    const decoded = decodeComponents(ciphertexts);
    if (!decoded.ok) return decoded;
    for (const [i, point] of decoded.value.entries()) this.#components[i] = this.#components[i]!.add(point);
    return ok(null);
  }

  /** ΠR ‖ ΠS per option; of nothing added, identities. */
  bytes(): Uint8Array {
    return concatBytes(...this.#components.map(encodePoint));
  }
}

/** The components of sums, apart. */
export interface SplitSums {
  /** R_j. */
  readonly first: readonly Point[];
  /** S_j. */
  readonly second: readonly Point[];
}

/** Splits R ‖ S per option, of one set or of several joined in order. A sum may be the identity. */
export function splitSums(sums: Uint8Array): Result<SplitSums, SumFault> {
  const decoded = decodeComponents(sums);
  if (!decoded.ok) return decoded;
  const components = decoded.value;
  return ok({
    first: components.filter((_, i) => i % 2 === 0),
    second: components.filter((_, i) => i % 2 === 1),
  });
}
