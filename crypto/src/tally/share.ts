/** A trustee's decryption share of all opened sums, with one proof for them all (docs/protocol.md section 8). */
import { concatBytes } from "../bytes.ts";
import type { KeyPair } from "../group/keypair.ts";
import { decodePoint, encodePoint, multiply, POINT_BYTES, type Point } from "../group/ristretto.ts";
import { challengeWeight } from "../group/scalar.ts";
import { type DleqFault, type DleqPair, dleqProve, dleqVerify, foldPairs } from "../proof/dleq.ts";
import { err, ok, type Result } from "../result.ts";
import { Transcript } from "../transcript.ts";

/** What a share is of. */
export interface ShareStatement {
  /** C, the leaf hash of the open entry. */
  readonly context: Uint8Array;
  /** The leaf hash of the encrypted tally. */
  readonly tally: Uint8Array;
  /** X_i. */
  readonly key: Point;
  /** R_1 … R_J: the first components of all opened sums, in order; at least one. */
  readonly ciphertexts: readonly Point[];
}

export interface DecryptionShare {
  /** D_1 ‖ … ‖ D_J, 32 bytes each. */
  readonly decryptions: Uint8Array;
  /** 96 bytes. */
  readonly proof: Uint8Array;
}

/**
 * base, 64 bytes. It covers **all** decryptions before any weight is drawn: with weights that a trustee could know
 * before choosing its D_j, two wrong ones could compensate each other.
 */
function shareBase(statement: ShareStatement, decryptions: readonly Uint8Array[]): Uint8Array {
  return new Transcript("tally")
    .append("context", statement.context)
    .append("tally", statement.tally)
    .append("key", encodePoint(statement.key))
    .list("ciphertexts", statement.ciphertexts.map(encodePoint))
    .list("decryptions", decryptions)
    .digest();
}

/** (ΠR_j^{w_j}, ΠD_j^{w_j}); j counts from 1. */
function fold(base: Uint8Array, pairs: readonly DleqPair[]): DleqPair {
  return foldPairs(pairs, (index) =>
    challengeWeight(new Transcript("tally-weight").append("base", base).number("j", index + 1)),
  );
}

const proofTranscript = (base: Uint8Array): Transcript => new Transcript("tally-share").append("base", base);

/** The share; `keys` is x_i with X_i = `statement.key`. Throws for another key or where nothing is to be opened. */
export function decryptSums(statement: ShareStatement, keys: KeyPair): DecryptionShare {
  if (!keys.publicKey.equals(statement.key)) throw new Error("the share of another trustee");
  if (statement.ciphertexts.length === 0) throw new RangeError("nothing to open");
  const secret = keys.secret.reveal();
  const pairs = statement.ciphertexts.map((base) => ({ base, image: multiply(base, secret) }));
  const decryptions = pairs.map((pair) => encodePoint(pair.image));
  const base = shareBase(statement, decryptions);
  const folded = fold(base, pairs);
  return {
    decryptions: concatBytes(...decryptions),
    proof: dleqProve(proofTranscript(base), keys, folded.base, folded.image),
  };
}

/** Why a share is refused, and its trustee blamed. */
export type DecryptionShareFault = "decryptions" | DleqFault;

/** D_1 … D_J, if the share is this key's. */
export function verifyDecryptionShare(
  statement: ShareStatement,
  { decryptions, proof }: DecryptionShare,
): Result<Point[], DecryptionShareFault> {
  const count = statement.ciphertexts.length;
  if (count === 0 || decryptions.length !== count * POINT_BYTES) return err("decryptions");
  const encoded: Uint8Array[] = [];
  const pairs: DleqPair[] = [];
  for (const [j, base] of statement.ciphertexts.entries()) {
    const bytes = decryptions.slice(j * POINT_BYTES, (j + 1) * POINT_BYTES);
    const image = decodePoint(bytes);
    if (!image.ok) return err("decryptions");
    encoded.push(bytes);
    pairs.push({ base, image: image.value });
  }
  const base = shareBase(statement, encoded);
  const folded = fold(base, pairs);
  const claim = { key: statement.key, base: folded.base, image: folded.image };
  const verdict = dleqVerify(proofTranscript(base), claim, proof);
  return verdict.ok ? ok(pairs.map((pair) => pair.image)) : verdict;
}
