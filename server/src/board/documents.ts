import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import path from "node:path";

/** Largest document that is taken, bytes. */
export const maxDocumentLength = 8 * 2 ** 20;

/** Documents beside the log, files named by the SHA-256 of their bytes in lower-case hex. Immutable, never deleted. */
export class DocumentStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  static isName(name: string): boolean {
    return /^[0-9a-f]{64}$/.test(name);
  }

  /** What these bytes are called. */
  static nameOf(bytes: Uint8Array): string {
    return digest(bytes);
  }

  has(name: string): boolean {
    return DocumentStore.isName(name) && existsSync(path.join(this.folder, name));
  }

  /** The bytes, checked against their name; undefined where there are none or others. */
  get(hash: Uint8Array): Uint8Array | undefined {
    const name = Buffer.from(hash).toString("hex");
    if (!this.has(name)) return undefined;
    const bytes = readFileSync(path.join(this.folder, name));
    return digest(bytes) === name ? new Uint8Array(bytes) : undefined;
  }

  /** Keeps the bytes durably and returns their SHA-256. */
  put(bytes: Uint8Array): Uint8Array {
    const name = digest(bytes);
    const target = path.join(this.folder, name);
    if (!existsSync(target)) {
      const draft = path.join(this.folder, `.${name}.${randomBytes(6).toString("hex")}`);
      const file = openSync(draft, "wx", 0o644);
      try {
        writeSync(file, bytes);
        fsyncSync(file);
      } catch (error) {
        rmSync(draft, { force: true });
        throw error;
      } finally {
        closeSync(file);
      }
      renameSync(draft, target);
      const folder = openSync(this.folder, "r");
      fsyncSync(folder);
      closeSync(folder);
    }
    return Uint8Array.from(Buffer.from(name, "hex"));
  }
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
