import { createHash } from "node:crypto";
import { bytesToHex, hexToBytes } from "@hanpyo/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyRoot, Frontier, leafHash, nodeHash, subtreesOf, verifyConsistency, verifyInclusion } from "./merkle.ts";
import { MemoryTree } from "./proof.ts";

const node: (message: Uint8Array) => Uint8Array = (message) =>
  new Uint8Array(createHash("sha256").update(message).digest());

/** The vector of the Certificate Transparency project for RFC 6962. */
const entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const treeOf = (count: number): MemoryTree => {
  const tree = new MemoryTree(node);
  for (let i = 0; i < count; i++) tree.append(leafHash(Uint8Array.of(i >> 16, i >> 8, i), node));
  return tree;
};

/** RFC 6962 section 2.1 word for word. */
const recursiveRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  if (leaves.length === 0) return node(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(recursiveRoot(leaves.slice(0, k)), recursiveRoot(leaves.slice(k)), node);
};

describe("RFC 6962 known answers", () => {
  it("has the root of the empty tree", () => {
    expect(bytesToHex(emptyRoot())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(bytesToHex(new Frontier().root())).toBe(bytesToHex(emptyRoot()));
  });

  it("has the roots of the eight-leaf vector, incrementally and at once", () => {
    const frontier = new Frontier();
    const tree = new MemoryTree();
    for (const [i, entry] of entries.entries()) {
      frontier.append(leafHash(hexToBytes(entry)));
      tree.append(leafHash(hexToBytes(entry)));
      expect(bytesToHex(frontier.root())).toBe(roots[i]);
      expect(bytesToHex(tree.root())).toBe(roots[i]);
    }
    expect(tree.consistencyProof(6, 8).map(bytesToHex)).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    expect(tree.inclusionProof(5, 8).map(bytesToHex)).toEqual([
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
  });
});

describe("proofs", () => {
  it("hold for every index and pair of sizes of small trees, and the root is the recursive one", () => {
    const tree = treeOf(33);
    const leaves = Array.from({ length: 33 }, (_, index) => tree.hashOf({ level: 0, index }));
    for (let size = 0; size <= 33; size++) {
      const root = tree.root(size);
      expect(root).toEqual(recursiveRoot(leaves.slice(0, size)));
      for (let index = 0; index < size; index++) {
        expect(verifyInclusion(tree.inclusionProof(index, size), index, size, leaves[index]!, root, node)).toBe(true);
      }
      for (let first = 0; first <= size; first++) {
        const older = { size: first, root: tree.root(first) };
        expect(verifyConsistency(tree.consistencyProof(first, size), older, { size, root }, node)).toBe(true);
      }
    }
  });

  it("fail when a bit, a length, an index or a size is changed", () => {
    const tree = treeOf(300);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), fc.nat(), (size, a, b, bit) => {
        const index = a % size;
        const leaf = tree.hashOf({ level: 0, index });
        const root = tree.root(size);
        const proof = tree.inclusionProof(index, size);
        const flipped = proof.map((hash) => Uint8Array.from(hash));
        const at = b % proof.length;
        flipped[at]![bit % 32]! ^= 1 << (bit % 8);
        expect(verifyInclusion(proof, index, size, leaf, root, node)).toBe(true);
        expect(verifyInclusion(flipped, index, size, leaf, root, node)).toBe(false);
        expect(verifyInclusion(proof.slice(1), index, size, leaf, root, node)).toBe(false);
        expect(verifyInclusion([...proof, leaf], index, size, leaf, root, node)).toBe(false);
        expect(verifyInclusion(proof, (index + 1) % size, size, leaf, root, node)).toBe(false);
        expect(verifyInclusion(proof, size, size, leaf, root, node)).toBe(false);

        const first = 1 + (b % (size - 1));
        const older = { size: first, root: tree.root(first) };
        const newer = { size, root };
        const consistency = tree.consistencyProof(first, size);
        expect(verifyConsistency(consistency, older, newer, node)).toBe(true);
        const forked = { size: first, root: leafHash(root, node) };
        expect(verifyConsistency(consistency, forked, newer, node)).toBe(false);
        expect(verifyConsistency(consistency.slice(1), older, newer, node)).toBe(false);
        expect(verifyConsistency([...consistency, leaf], older, newer, node)).toBe(false);
        expect(verifyConsistency(consistency, newer, older, node)).toBe(false);
        expect(verifyConsistency([], older, newer, node)).toBe(false);
      }),
    );
  });

  it("covers sizes above 2^32 without bit operations", () => {
    const nodes = subtreesOf(0, 2 ** 40 + 3);
    expect(nodes).toEqual([
      { level: 40, index: 0 },
      { level: 1, index: 2 ** 39 },
      { level: 0, index: 2 ** 40 + 2 },
    ]);
  });
});
