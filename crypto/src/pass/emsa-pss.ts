/** EMSA-PSS with SHA-384 and MGF1 with SHA-384 (RFC 8017 sections 9.1 and B.2.1), strict. */
import { sha384 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes, u32be } from "../bytes.ts";

const HASH_BYTES = 48;
const TRAILER = 0xbc;
const PADDING = new Uint8Array(8);

function mgf1(seed: Uint8Array, length: number): Uint8Array {
  const mask = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES);
  for (let counter = 0; counter * HASH_BYTES < length; counter++) {
    mask.set(sha384(concatBytes(seed, u32be(counter))), counter * HASH_BYTES);
  }
  return mask.subarray(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}

/** The bits of the first byte that lie above emBits: they are zero in every encoding. */
function unusedBits(emBits: number): number {
  const bytes = Math.ceil(emBits / 8);
  return 0xff & ~(0xff >> (8 * bytes - emBits));
}

/** ⌈emBits / 8⌉ bytes; throws where hash and salt do not fit, which no modulus of the protocol allows. */
export function pssEncode(message: Uint8Array, emBits: number, salt: Uint8Array): Uint8Array {
  const length = Math.ceil(emBits / 8);
  const dataLength = length - HASH_BYTES - 1;
  if (dataLength < salt.length + 1) throw new RangeError("the modulus is too short for hash and salt");
  const hash = sha384(concatBytes(PADDING, sha384(message), salt));
  const data = new Uint8Array(dataLength);
  data[dataLength - salt.length - 1] = 1;
  data.set(salt, dataLength - salt.length);
  const masked = xor(data, mgf1(hash, dataLength));
  masked[0]! &= ~unusedBits(emBits);
  return concatBytes(masked, hash, Uint8Array.of(TRAILER));
}

/** Whether `encoded` is an encoding of `message` with a salt of exactly `saltLength` bytes. */
export function pssVerify(message: Uint8Array, encoded: Uint8Array, emBits: number, saltLength: number): boolean {
  const length = Math.ceil(emBits / 8);
  const dataLength = length - HASH_BYTES - 1;
  if (encoded.length !== length || dataLength < saltLength + 1 || encoded[length - 1] !== TRAILER) return false;
  const masked = encoded.subarray(0, dataLength);
  const hash = encoded.subarray(dataLength, length - 1);
  const unused = unusedBits(emBits);
  if ((masked[0]! & unused) !== 0) return false;
  const data = xor(masked, mgf1(hash, dataLength));
  data[0]! &= ~unused;
  const separator = dataLength - saltLength - 1;
  for (let i = 0; i < separator; i++) if (data[i] !== 0) return false;
  if (data[separator] !== 1) return false;
  return equalBytes(hash, sha384(concatBytes(PADDING, sha384(message), data.subarray(separator + 1))));
}
