import { createHash } from "node:crypto";
import { unwrap } from "@hanpyo/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBundle, encodeBundle } from "./bundle.ts";
import { TreeEdge } from "./edge.ts";
import { Frontier, leafHash, verifyConsistency, verifyInclusion } from "./merkle.ts";
import { decodeTile, parseTilePath, partialTiles, type TileId, TileTree, tilePath, tileWidthAt } from "./tile.ts";

const sha256 = (message: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(message).digest());

describe("paths", () => {
  it("are those of the specification", () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
    expect(tilePath({ level: "entries", index: 0, width: 1 })).toBe("tile/entries/000.p/1");
    expect(partialTiles(70_000).map(tilePath)).toEqual([
      "tile/0/273.p/112",
      "tile/entries/273.p/112",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
    expect([tileWidthAt(0, 272, 70_000), tileWidthAt(0, 273, 70_000), tileWidthAt(0, 274, 70_000)]).toEqual([
      256, 112, 0,
    ]);
  });

  it("parse back, and nothing else parses", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constant("entries" as const), fc.integer({ min: 0, max: 63 })),
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          expect(unwrap(parseTilePath(tilePath({ level, index, width })))).toEqual({ level, index, width });
        },
      ),
    );
    for (const path of [
      "tile/0/67",
      "tile/0/x000/067",
      "tile/0/067.p/0",
      "tile/0/067.p/256",
      "tile/0/067.p/01",
      "tile/00/067",
      "tile/64/067",
      "tile/data/067",
      "tile/0/x01/067",
      "tile/0/067/",
      "tile/0/../067",
      "checkpoint",
    ]) {
      expect(parseTilePath(path).ok, path).toBe(false);
    }
  });
});

describe("entry bundles", () => {
  it("decode to what was encoded, and every other width or length is refused", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 256 }), (entries) => {
        const bytes = encodeBundle(entries);
        expect(unwrap(decodeBundle(bytes, entries.length))).toEqual(entries);
        expect(decodeBundle(bytes, entries.length + 1).ok).toBe(false);
        expect(decodeBundle(bytes, entries.length - 1).ok).toBe(false);
        expect(decodeBundle(bytes.subarray(0, bytes.length - 1), entries.length).ok).toBe(false);
      }),
    );
  });

  it("survive random bytes: a refusal, or a value that encodes to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (bytes, width) => {
        const decoded = decodeBundle(bytes, width);
        if (decoded.ok) expect(encodeBundle(decoded.value)).toEqual(bytes);
      }),
    );
  });

  it("refuse entries above the limit and too many of them", () => {
    expect(() => encodeBundle([new Uint8Array(60_001)])).toThrow(RangeError);
    expect(() => encodeBundle([])).toThrow(RangeError);
    expect(() => encodeBundle(Array.from({ length: 257 }, () => new Uint8Array(1)))).toThrow(RangeError);
    const long = new Uint8Array(2 + 65_535).fill(255, 0, 2);
    expect(decodeBundle(long, 1)).toMatchObject({ ok: false, error: { code: "too-large" } });
    expect(unwrap(decodeBundle(encodeBundle([new Uint8Array(60_000)]), 1))[0]!.length).toBe(60_000);
  });
});

describe("tiles of a growing tree", () => {
  const sizes = [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_800];

  it("give the frontier's root and verifying proofs at every boundary", async () => {
    const tiles = new Map<string, Uint8Array>();
    const fetch = async (tile: TileId): Promise<Uint8Array> => {
      const bytes = tiles.get(tilePath(tile));
      if (bytes === undefined) throw new Error(`no ${tilePath(tile)}`);
      return bytes;
    };
    const edge = new TreeEdge(sha256);
    const frontier = new Frontier(sha256);
    const leaves: Uint8Array[] = [];
    const roots = new Map<number, Uint8Array>();
    for (let size = 0; size <= sizes.at(-1)!; size++) {
      if (sizes.includes(size)) {
        for (const partial of edge.partials()) tiles.set(tilePath(partial.id), partial.bytes);
        expect(edge.partials().map(({ id }) => tilePath(id))).toEqual(
          partialTiles(size)
            .filter(({ level }) => level !== "entries")
            .map(tilePath),
        );
        const tree = new TileTree(size, fetch, sha256);
        const root = frontier.root();
        roots.set(size, root);
        expect(edge.root()).toEqual(root);
        expect(await tree.root()).toEqual(root);
        for (const index of [0, 1, 254, 255, 256, 65_535, size - 1].filter((at) => at >= 0 && at < size)) {
          expect(verifyInclusion(await tree.inclusionProof(index), index, size, leaves[index]!, root, sha256)).toBe(
            true,
          );
        }
        for (const first of sizes.filter((older) => older <= size)) {
          const older = { size: first, root: roots.get(first)! };
          expect(verifyConsistency(await tree.consistencyProof(first), older, { size, root }, sha256)).toBe(true);
        }
        const levels = [0, 1, 2, 3].map((level) => {
          const partial = edge.partials().find(({ id }) => id.level === level);
          return partial === undefined ? [] : unwrap(decodeTile(partial.bytes, partial.id.width));
        });
        expect(new TreeEdge(sha256, size, levels).root()).toEqual(root);
      }
      const leaf = leafHash(Uint8Array.of(size >> 16, size >> 8, size), sha256);
      leaves.push(leaf);
      frontier.append(leaf);
      for (const full of edge.append(leaf)) tiles.set(tilePath(full.id), full.bytes);
    }
  });

  it("refuse a tile of the wrong length and an edge of the wrong width", async () => {
    const tree = new TileTree(3, async () => new Uint8Array(64), sha256);
    await expect(tree.root()).rejects.toThrow("96 bytes");
    expect(() => new TreeEdge(sha256, 3, [[new Uint8Array(32)]])).toThrow(RangeError);
  });
});
