import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { equalBytes } from "@hanpyo/crypto";
import { makeFolder, syncFolder, writeDraft } from "./durable.ts";

/** An object by its path under the log's prefix, for example `tile/0/000`. */
export interface StoredObject {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** An immutable object is already there with other bytes: somebody derived or damaged it; nothing was overwritten. */
export class ImmutableConflict extends Error {
  override readonly name = "ImmutableConflict";
}

/** Where tiles, bundles and the checkpoint lie: a folder, or something S3-like. */
export interface ObjectStore {
  get(path: string): Promise<Uint8Array | null>;
  /** Durable when it returns. An object that exists with the same bytes is fine; with others it throws `ImmutableConflict`. */
  putImmutable(objects: readonly StoredObject[]): Promise<void>;
  /** Replaces the object atomically; durable when it returns. */
  put(object: StoredObject): Promise<void>;
  /** Paths below a folder, in no order. */
  list(folder: string): AsyncIterable<string>;
  remove(paths: readonly string[]): Promise<void>;
  /** Removes what writers that were killed have left half done, where the store leaves such things. */
  removeDrafts?(): Promise<void>;
}

const parallel = 16;

/** Objects as files, with the layout any static web server can serve. */
export class FolderObjectStore implements ObjectStore {
  readonly root: string;

  constructor(root: string) {
    this.root = path.resolve(root);
  }

  async get(name: string): Promise<Uint8Array | null> {
    try {
      return new Uint8Array(await readFile(this.#file(name)));
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async putImmutable(objects: readonly StoredObject[]): Promise<void> {
    for (let at = 0; at < objects.length; at += parallel) {
      await Promise.all(
        objects.slice(at, at + parallel).map(async ({ path: name, bytes }) => {
          const found = await this.get(name);
          if (found === null) await this.#write(name, bytes);
          else if (!equalBytes(found, bytes)) throw new ImmutableConflict(`${name} exists with other bytes`);
        }),
      );
    }
    const folders = new Set(objects.map(({ path: name }) => path.dirname(this.#file(name))));
    await Promise.all([...folders].map(syncFolder));
  }

  async put({ path: name, bytes }: StoredObject): Promise<void> {
    await this.#write(name, bytes);
    await syncFolder(path.dirname(this.#file(name)));
  }

  async *list(folder: string): AsyncGenerator<string> {
    let names: { name: string; isDirectory(): boolean }[];
    try {
      names = await readdir(this.#file(folder), { withFileTypes: true });
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    for (const entry of names) {
      if (entry.isDirectory()) yield* this.list(`${folder}/${entry.name}`);
      else if (!entry.name.startsWith(".")) yield `${folder}/${entry.name}`;
    }
  }

  /** Also removes a partial tile's folder that becomes empty. */
  async remove(paths: readonly string[]): Promise<void> {
    for (const name of paths) {
      const file = this.#file(name);
      await rm(file, { force: true });
      const folder = path.dirname(file);
      if (folder.endsWith(".p") && (await readdir(folder)).length === 0) await rm(folder, { recursive: true });
    }
  }

  /** Removes drafts that a killed process left; only those older than an hour, since another process may be writing. */
  async removeDrafts(): Promise<void> {
    const before = Date.now() - 3_600_000; // file times are the system clock's, whatever clock a test runs on
    const visit = async (folder: string): Promise<void> => {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) await visit(file);
        else if (/^\..*\.tmp$/.test(entry.name) && (await stat(file)).mtimeMs < before) await rm(file, { force: true });
      }
    };
    await visit(this.root).catch((error: unknown) => {
      if (!isAbsent(error)) throw error; // nothing written yet
    });
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const file = this.#file(name);
    await makeFolder(path.dirname(file));
    await rename(await writeDraft(file, bytes), file);
  }

  #file(name: string): string {
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(name)) {
      throw new RangeError("not the path of an object");
    }
    return path.join(this.root, name);
  }
}

const isAbsent = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
