import { equalBytes } from "@hanpyo/crypto";
import { nobleSha256, type Sha256 } from "./sha256.ts";

/** RFC 6962 section 2.1: SHA-256(0x00 || entry). */
export function leafHash(entry: Uint8Array, sha256: Sha256 = nobleSha256): Uint8Array {
  const message = new Uint8Array(entry.length + 1);
  message.set(entry, 1);
  return sha256(message);
}

/** RFC 6962 section 2.1: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256 = nobleSha256): Uint8Array {
  const message = new Uint8Array(65);
  message[0] = 1;
  message.set(left, 1);
  message.set(right, 33);
  return sha256(message);
}

/** The root of the empty tree: SHA-256 of nothing. */
export const emptyRoot = (sha256: Sha256 = nobleSha256): Uint8Array => sha256(new Uint8Array(0));

/** A complete subtree of 2^level leaves that starts at leaf index·2^level. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** The complete subtrees that cover the leaves [from, to), left to right, where `from` is a multiple of the range's largest power of two. */
export function subtreesOf(from: number, to: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  let at = from;
  while (at < to) {
    let level = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= to) {
      width *= 2;
      level++;
    }
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** The hash over neighbouring complete subtrees given left to right (largest first): the tree splits at the largest power of two. */
export function foldRight(hashes: readonly Uint8Array[], sha256: Sha256 = nobleSha256): Uint8Array {
  let hash = hashes.at(-1);
  if (hash === undefined) return emptyRoot(sha256);
  for (let i = hashes.length - 2; i >= 0; i--) hash = nodeHash(hashes[i]!, hash, sha256);
  return hash;
}

/** An append-only tree that keeps only the log2(size) hashes of its right edge (a compact range from 0). */
export class Frontier {
  readonly #sha256: Sha256;
  /** Roots of the complete subtrees, largest first. */
  readonly #peaks: { level: number; hash: Uint8Array }[] = [];
  #size = 0;

  constructor(sha256: Sha256 = nobleSha256) {
    this.#sha256 = sha256;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array): void {
    let hash = leaf;
    let level = 0;
    while (this.#peaks.at(-1)?.level === level) {
      hash = nodeHash(this.#peaks.pop()!.hash, hash, this.#sha256);
      level++;
    }
    this.#peaks.push({ level, hash });
    this.#size++;
  }

  /** A frontier of the same leaves that grows on its own. */
  clone(): Frontier {
    const copy = new Frontier(this.#sha256);
    copy.#peaks.push(...this.#peaks);
    copy.#size = this.#size;
    return copy;
  }

  root(): Uint8Array {
    return foldRight(
      this.#peaks.map((peak) => peak.hash),
      this.#sha256,
    );
  }
}

/** RFC 9162 section 2.1.3.2. */
export function verifyInclusion(
  proof: readonly Uint8Array[],
  index: number,
  size: number,
  leaf: Uint8Array,
  root: Uint8Array,
  sha256: Sha256 = nobleSha256,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (proof.some((hash) => hash.length !== 32)) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash, sha256);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = nodeHash(hash, sibling, sha256);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equalBytes(hash, root);
}

/**
 * RFC 9162 section 2.1.4.2, and for the sizes it leaves out: from size 0 the proof is empty and anything follows;
 * between equal sizes the proof is empty and the roots are equal.
 */
export function verifyConsistency(
  proof: readonly Uint8Array[],
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  sha256: Sha256 = nobleSha256,
): boolean {
  if (!Number.isSafeInteger(first.size) || !Number.isSafeInteger(second.size)) return false;
  if (first.size < 0 || first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && equalBytes(first.root, second.root);
  if (first.size === 0) return proof.length === 0 && equalBytes(first.root, emptyRoot(sha256));
  if (proof.length === 0 || proof.some((hash) => hash.length !== 32)) return false;
  let fn = first.size - 1;
  let sn = second.size - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  // A first size that is a power of two is itself a node of the second tree, and its root is left out of the proof.
  const path = fn === 0 ? [first.root, ...proof] : proof;
  let oldHash = path[0]!;
  let newHash = path[0]!;
  for (const hash of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      oldHash = nodeHash(hash, oldHash, sha256);
      newHash = nodeHash(hash, newHash, sha256);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      newHash = nodeHash(newHash, hash, sha256);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equalBytes(oldHash, first.root) && equalBytes(newHash, second.root);
}
