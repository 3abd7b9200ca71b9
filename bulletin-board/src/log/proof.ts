import { foldRight, nodeHash, subtreesOf, type TreeNode } from "./merkle.ts";
import { nobleSha256, type Sha256 } from "./sha256.ts";

/** Half-open range of leaves. */
type Range = readonly [from: number, to: number];

const splitOf = (count: number): number => {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
};

/** The subtrees whose hashes make the inclusion proof (RFC 6962 section 2.1.1), leaf's sibling first. */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError("index is not below the size");
  const ranges: Range[] = [];
  let [from, to]: Range = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      ranges.unshift([middle, to]);
      to = middle;
    } else {
      ranges.unshift([from, middle]);
      from = middle;
    }
  }
  return ranges;
}

/** The subtrees whose hashes make the consistency proof (RFC 6962 section 2.1.2); none from size 0 or between equal sizes. */
export function consistencyRanges(first: number, second: number): Range[] {
  if (!Number.isSafeInteger(first) || first < 0 || first > second)
    throw new RangeError("first size is above the second");
  if (first === 0 || first === second) return [];
  const ranges: Range[] = [];
  let [from, to]: Range = [0, second];
  while (first !== to) {
    const middle = from + splitOf(to - from);
    if (first <= middle) {
      ranges.unshift([middle, to]);
      to = middle;
    } else {
      ranges.unshift([from, middle]);
      from = middle;
    }
  }
  if (from !== 0) ranges.unshift([from, to]);
  return ranges;
}

/** The hash of each range, from the hashes of its complete subtrees. */
export function hashRanges(
  ranges: readonly Range[],
  hashOf: (node: TreeNode) => Uint8Array,
  sha256: Sha256 = nobleSha256,
): Uint8Array[] {
  return ranges.map(([from, to]) => foldRight(subtreesOf(from, to).map(hashOf), sha256));
}

/** All hashes of a small tree in memory: for tests, witnesses' fixtures and tamper kits; 64 bytes per leaf. */
export class MemoryTree {
  readonly #sha256: Sha256;
  readonly #levels: Uint8Array[][] = [[]];

  constructor(sha256: Sha256 = nobleSha256) {
    this.#sha256 = sha256;
  }

  get size(): number {
    return this.#levels[0]!.length;
  }

  append(leaf: Uint8Array): void {
    let hash = leaf;
    for (let level = 0; ; level++) {
      this.#levels[level] ??= [];
      const row = this.#levels[level]!;
      row.push(hash);
      if (row.length % 2 === 1) return;
      hash = nodeHash(row.at(-2)!, row.at(-1)!, this.#sha256);
    }
  }

  /** The hash of a complete subtree; throws if the tree does not hold it. */
  hashOf(node: TreeNode): Uint8Array {
    const hash = this.#levels[node.level]?.[node.index];
    if (hash === undefined) throw new RangeError(`no node ${node.level}/${node.index} in a tree of ${this.size}`);
    return hash;
  }

  root(size: number = this.size): Uint8Array {
    return this.#hashes([[0, size]])[0]!;
  }

  inclusionProof(index: number, size: number = this.size): Uint8Array[] {
    return this.#hashes(inclusionRanges(index, size));
  }

  consistencyProof(first: number, second: number = this.size): Uint8Array[] {
    return this.#hashes(consistencyRanges(first, second));
  }

  #hashes(ranges: readonly Range[]): Uint8Array[] {
    return hashRanges(ranges, (node) => this.hashOf(node), this.#sha256);
  }
}
