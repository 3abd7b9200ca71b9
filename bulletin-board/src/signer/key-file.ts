import { randomBytes } from "node:crypto";
import { link, lstat, readFile, unlink } from "node:fs/promises";
import path from "node:path";
import type { Ed25519Signer } from "../log/index.ts";
import { makeFolder, syncFolder, writeDraft } from "../store/durable.ts";
import { nodeSigner } from "../store/node-crypto.ts";

/** Generates an Ed25519 key into a new file (64 hex digits, mode 0600). Throws if the file exists: a key is never replaced. */
export async function generateKeyFile(file: string): Promise<Ed25519Signer> {
  await makeFolder(path.dirname(path.resolve(file)));
  const secret = randomBytes(32);
  const draft = await writeDraft(path.resolve(file), `${secret.toString("hex")}\n`, 0o600);
  try {
    await link(draft, file);
  } finally {
    await unlink(draft);
  }
  await syncFolder(path.dirname(path.resolve(file)));
  return nodeSigner(secret);
}

/** Reads a key file; throws if others may read it or it is not a key. */
export async function readKeyFile(file: string): Promise<Ed25519Signer> {
  if (((await lstat(file)).mode & 0o077) !== 0) throw new Error(`${file} may be read by others: chmod 600`);
  const text = await readFile(file, "utf8");
  if (!/^[0-9a-f]{64}\n$/.test(text)) throw new Error(`${file} is not an Ed25519 key file`);
  return nodeSigner(Buffer.from(text.trim(), "hex"));
}

/** The key in the file, generated if the file does not exist. */
export async function keyFile(file: string): Promise<Ed25519Signer> {
  try {
    return await readKeyFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return generateKeyFile(file);
  }
}
