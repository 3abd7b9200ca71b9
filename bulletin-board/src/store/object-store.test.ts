import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/parties.ts";
import { FolderObjectStore, ImmutableConflict } from "./object-store.ts";

let folder: string;
let remove: () => void;
let objects: FolderObjectStore;
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
  objects = new FolderObjectStore(path.join(folder, "log"));
});
afterEach(() => remove());
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("FolderObjectStore", () => {
  it("gives back what was put, and nothing where nothing is", async () => {
    expect(await objects.get("checkpoint")).toBeNull();
    await objects.put({ path: "checkpoint", bytes: bytes(1) });
    await objects.put({ path: "checkpoint", bytes: bytes(2) });
    expect(await objects.get("checkpoint")).toEqual(bytes(2));
    expect(await objects.get("checkpoint/below")).toBeNull();
    const many = Array.from({ length: 40 }, (_, i) => ({
      path: `tile/0/${String(i).padStart(3, "0")}`,
      bytes: bytes(i),
    }));
    await objects.putImmutable(many);
    await objects.putImmutable(many);
    const listed: string[] = [];
    for await (const name of objects.list("tile")) listed.push(name);
    expect(listed.sort()).toEqual(many.map((it) => it.path));
    expect(readdirSync(path.join(folder, "log/tile/0")).length).toBe(40);
  });

  it("never overwrites an immutable object", async () => {
    await objects.putImmutable([{ path: "tile/0/000", bytes: bytes(1) }]);
    const other = objects.putImmutable([{ path: "tile/0/000", bytes: bytes(2) }]);
    await expect(other).rejects.toBeInstanceOf(ImmutableConflict);
    expect(await objects.get("tile/0/000")).toEqual(bytes(1));
  });

  it("refuses paths that leave its folder or hide in it", async () => {
    for (const name of [
      "../x",
      "tile/../../x",
      "/etc/passwd",
      "",
      "tile//0",
      ".hidden",
      "tile/.x",
      "a\\b",
      "tile/",
      "a\0b",
    ]) {
      await expect(objects.get(name), name).rejects.toThrow(RangeError);
      await expect(objects.put({ path: name, bytes: bytes(1) }), name).rejects.toThrow(RangeError);
      await expect(objects.remove([name]), name).rejects.toThrow(RangeError);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("removes old drafts of killed processes, not those that may be in work", async () => {
    await objects.removeDrafts();
    const tile = path.join(folder, "log/tile/0");
    mkdirSync(tile, { recursive: true });
    for (const name of [".000.aa.tmp", ".001.bb.tmp"]) writeFileSync(path.join(tile, name), "half");
    utimesSync(path.join(tile, ".000.aa.tmp"), 1, 1);
    await objects.removeDrafts();
    expect([existsSync(path.join(tile, ".000.aa.tmp")), existsSync(path.join(tile, ".001.bb.tmp"))]).toEqual([
      false,
      true,
    ]);
  });
});
