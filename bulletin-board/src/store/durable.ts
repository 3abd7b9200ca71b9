import { randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import path from "node:path";

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and its missing parents, each durable in its own parent. */
export async function makeFolder(folder: string, mode = 0o755): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode });
  if (first === undefined) return;
  for (let at = folder; ; at = path.dirname(at)) {
    await syncFolder(path.dirname(at));
    if (at === first) return;
  }
}

/** A new file next to `target` whose content is on disk; its name is returned. */
export async function writeDraft(target: string, content: Uint8Array | string, mode = 0o644): Promise<string> {
  const draft = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
  const handle = await open(draft, "wx", mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
}

/** Replaces a file so that after a crash there is the old content or the new, and after the return the new. */
export async function replaceFile(target: string, content: Uint8Array | string, mode = 0o644): Promise<void> {
  await rename(await writeDraft(target, content, mode), target);
  await syncFolder(path.dirname(target));
}

/** Another process has advanced the cell: this one's memory is out of date and it must stop. */
export class Superseded extends Error {
  override readonly name = "Superseded";
}

/**
 * One durable text that only moves forward by compare-and-swap, in files `<name>.<sequence>` of which the highest
 * counts. Two processes on one folder cannot both advance it, whatever either believes: a link to an existing name
 * fails, and a link behind the highest is noticed before anybody is told.
 */
export class DurableCell {
  readonly #folder: string;
  readonly #name: string;
  #sequence: number;
  #value: string;
  #broken: unknown = null;

  private constructor(folder: string, name: string, sequence: number, value: string) {
    this.#folder = folder;
    this.#name = name;
    this.#sequence = sequence;
    this.#value = value;
  }

  /** Makes a new cell; throws if there is one. */
  static async create(folder: string, name: string, value: string): Promise<DurableCell> {
    if ((await newest(folder, name)) !== null) throw new Error(`${name} exists in ${folder}`);
    const cell = new DurableCell(folder, name, -1, "");
    await cell.replace(value);
    return cell;
  }

  /** Null if there is none. */
  static async open(folder: string, name: string): Promise<DurableCell | null> {
    const sequence = await newest(folder, name);
    if (sequence === null) return null;
    return new DurableCell(folder, name, sequence, await readFile(path.join(folder, `${name}.${sequence}`), "utf8"));
  }

  get value(): string {
    return this.#value;
  }

  /** Returns when the value is durable. After any throw (disk full, `Superseded`) the cell refuses further work: reopen it. */
  async replace(value: string): Promise<void> {
    if (this.#broken !== null) throw this.#broken;
    const sequence = this.#sequence + 1;
    const target = path.join(this.#folder, `${this.#name}.${sequence}`);
    try {
      const draft = await writeDraft(target, value, 0o600);
      try {
        await link(draft, target);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        throw new Superseded(`another process holds ${this.#name} in ${this.#folder}`);
      } finally {
        await unlink(draft);
      }
      if ((await newest(this.#folder, this.#name)) !== sequence) {
        await unlink(target);
        throw new Superseded(`another process holds ${this.#name} in ${this.#folder}`);
      }
      await syncFolder(this.#folder);
      this.#sequence = sequence;
      this.#value = value;
      await this.#sweep();
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }

  /** Removes what is behind; leftovers of a crash go with the next replacement. */
  async #sweep(): Promise<void> {
    for (const file of await readdir(this.#folder)) {
      const sequence = sequenceOf(file, this.#name);
      if (sequence !== null && sequence < this.#sequence) {
        await unlink(path.join(this.#folder, file)).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== "ENOENT") throw error; // another process swept it
        });
      }
    }
  }
}

function sequenceOf(file: string, name: string): number | null {
  const digits = file.startsWith(`${name}.`) ? file.slice(name.length + 1) : "";
  return /^(0|[1-9][0-9]{0,14})$/.test(digits) ? Number(digits) : null;
}

async function newest(folder: string, name: string): Promise<number | null> {
  const sequences = (await readdir(folder)).map((file) => sequenceOf(file, name)).filter((it) => it !== null);
  return sequences.length === 0 ? null : Math.max(...sequences);
}
