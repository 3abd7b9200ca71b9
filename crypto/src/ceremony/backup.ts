/** A secret under a passphrase, as a file: scrypt (RFC 7914) and ChaCha20-Poly1305 (RFC 8439). */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { concatBytes, equalBytes, utf8ToBytes } from "../bytes.ts";
import { randomBytes } from "../group/scalar.ts";
import { err, ok, type Result } from "../result.ts";
import { Secret } from "../secret.ts";

/* "hanpyo-backup" ‖ u8 version (1) ‖ salt (32) ‖ ciphertext; the first 46 bytes are the associated data. */
const MAGIC = utf8ToBytes("hanpyo-backup");
const VERSION = 1;
const SALT_BYTES = 32;
const HEADER = MAGIC.length + 1 + SALT_BYTES;
const TAG_BYTES = 16;
const MAX_BYTES = 65_536;

/** Version 1: 128 MiB and about a second in a browser, once per use. */
const COST = { N: 2 ** 17, r: 8, p: 1, dkLen: 32, maxmem: 2 ** 28 };

/** Every salt is fresh, so every key is, and the nonce is a constant. */
const ZERO_NONCE = new Uint8Array(12);

/** The same passphrase typed on another system has the same bytes: Hangul arrives composed or decomposed (NFKC). */
function passphraseBytes(passphrase: Secret<string>): Uint8Array {
  const normal = passphrase.reveal().normalize("NFKC");
  if (normal.length === 0) throw new RangeError("an empty passphrase protects nothing");
  return utf8ToBytes(normal);
}

/** The file's bytes. Only tests pass their own 32 bytes of `salt`. */
export async function encryptBackup(
  content: Secret<Uint8Array>,
  passphrase: Secret<string>,
  salt: Uint8Array = randomBytes(SALT_BYTES),
): Promise<Uint8Array> {
  if (salt.length !== SALT_BYTES) throw new RangeError("a salt has 32 bytes");
  const header = concatBytes(MAGIC, Uint8Array.of(VERSION), salt);
  const key = await scryptAsync(passphraseBytes(passphrase), salt, COST);
  const file = concatBytes(header, chacha20poly1305(key, ZERO_NONCE, header).encrypt(content.reveal()));
  if (file.length > MAX_BYTES) throw new RangeError("too long for a backup");
  return file;
}

/** Why a file is not opened. `passphrase` also stands for a damaged file: nothing tells the two apart. */
export type BackupFault = "format" | "version" | "passphrase";

export async function decryptBackup(
  file: Uint8Array,
  passphrase: Secret<string>,
): Promise<Result<Secret<Uint8Array>, BackupFault>> {
  if (file.length < HEADER + TAG_BYTES || file.length > MAX_BYTES) return err("format");
  if (!equalBytes(file.subarray(0, MAGIC.length), MAGIC)) return err("format");
  if (file[MAGIC.length] !== VERSION) return err("version");
  const header = file.subarray(0, HEADER);
  const key = await scryptAsync(passphraseBytes(passphrase), header.subarray(MAGIC.length + 1), COST);
  try {
    return ok(new Secret(chacha20poly1305(key, ZERO_NONCE, header).decrypt(file.subarray(HEADER))));
  } catch {
    // With right lengths, noble throws for exactly one reason: the tag does not match.
    return err("passphrase");
  }
}
