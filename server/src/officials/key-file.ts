/** An official's Ed25519 key in a file that its owner alone can read. */
import { existsSync, statSync } from "node:fs";
import { type Ed25519Signer, nobleSigner } from "@hanpyo/bulletin-board";
import { bytesToHex, hexToBytes, randomBytes } from "@hanpyo/crypto";
import { UsageError } from "../trustees/command-line.ts";
import { readIfThere, writeDurably } from "../trustees/files.ts";

/** Never overwrites a key. */
export function createKeyFile(file: string): Ed25519Signer {
  if (existsSync(file)) throw new UsageError(`${file} is there already; a key is never overwritten`);
  writeDurably(file, `${bytesToHex(randomBytes(32))}\n`);
  return readKeyFile(file);
}

export function readKeyFile(file: string): Ed25519Signer {
  const bytes = readIfThere(file);
  if (bytes === null) throw new UsageError(`${file} is not there; make a key with keygen`);
  if ((statSync(file).mode & 0o077) !== 0) throw new UsageError(`${file} can be read by others; chmod 600 it`);
  const text = Buffer.from(bytes).toString("utf8").trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new UsageError(`${file} does not hold a key`);
  return nobleSigner(hexToBytes(text));
}
