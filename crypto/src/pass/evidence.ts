/** Evidence sealed to the auditors, and the draw of what they open (docs/protocol.md 7.4). */

import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../bytes.ts";
import { openUnder, sealUnder, TAG_BYTES } from "../ceremony/channel-cipher.ts";
import { type KeyPair, randomKeyPair } from "../group/keypair.ts";
import { decodeNonIdentity, encodePoint, multiply, POINT_BYTES, type Point } from "../group/ristretto.ts";
import { err, type Result } from "../result.ts";
import { Transcript } from "../transcript.ts";

function evidenceInfo(election: Uint8Array, registrar: number, ephemeral: Uint8Array, key: Uint8Array): Uint8Array {
  return new Transcript("evidence")
    .append("election", election)
    .number("registrar", registrar)
    .append("ephemeral", ephemeral)
    .append("key", key)
    .hash();
}

/** ephemeral ‖ ciphertext, 48 bytes longer than the evidence; `key` is the auditors' evidence key V. */
export function sealEvidence(
  election: Uint8Array,
  registrar: number,
  key: Point,
  evidence: Uint8Array,
  ephemeral: KeyPair = randomKeyPair(),
): Uint8Array {
  const info = evidenceInfo(election, registrar, ephemeral.encoded, encodePoint(key));
  return concatBytes(ephemeral.encoded, sealUnder(multiply(key, ephemeral.secret.reveal()), info, evidence));
}

export type EvidenceFault = "length" | "ephemeral" | "cipher";

/** The evidence; `keys` is the auditors' key pair. */
export function openEvidence(
  election: Uint8Array,
  registrar: number,
  keys: KeyPair,
  sealed: Uint8Array,
): Result<Uint8Array, EvidenceFault> {
  if (sealed.length < POINT_BYTES + TAG_BYTES) return err("length");
  const encoded = sealed.subarray(0, POINT_BYTES);
  const ephemeral = decodeNonIdentity(encoded);
  if (!ephemeral.ok) return err("ephemeral");
  const info = evidenceInfo(election, registrar, encoded, keys.encoded);
  return openUnder(multiply(ephemeral.value, keys.secret.reveal()), info, sealed.subarray(POINT_BYTES));
}

/**
 * What an endorsement and the pass log name: SHA-256 of the **sealed** bytes. A hash of the evidence itself could be
 * tried against guesses of whose it is; the sealed bytes open to one evidence only, since the key follows from them.
 */
export function evidenceHash(sealed: Uint8Array): Uint8Array {
  return sha256(sealed);
}

/** What the definition holds of an auditor's 32-byte value. */
export function auditCommitment(value: Uint8Array): Uint8Array {
  return sha256(value);
}

/**
 * The entries of the pass log to be opened, ascending: draws 0, 1, … each give the digest, little-endian, mod `length`;
 * an entry already drawn is passed over, until `size` (or all) are drawn. `values` are those revealed, in the auditors'
 * order; `count` is the leaf hash of the count entry. With 512-bit digests the bias is below 2^-450.
 */
export function auditDraw(count: Uint8Array, values: readonly Uint8Array[], length: number, size: number): number[] {
  if (!Number.isSafeInteger(length) || length < 0 || !Number.isSafeInteger(size) || size < 0) {
    throw new RangeError("length and size are whole numbers from 0");
  }
  const drawn = new Set<number>();
  for (let draw = 0; drawn.size < Math.min(size, length); draw++) {
    const transcript = new Transcript("audit").append("count", count).list("values", values).number("draw", draw);
    drawn.add(Number(bytesToNumberLE(transcript.digest()) % BigInt(length)));
  }
  return [...drawn].sort((a, b) => a - b);
}
