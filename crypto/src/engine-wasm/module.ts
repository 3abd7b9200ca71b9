/** The WebAssembly module: its functions on flat memory, and the memory itself. Synchronous, so that workers start at once. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "../bytes.ts";
import { MODULE_BASE64, MODULE_SHA256 } from "./module.generated.ts";

type Address = number;

/** What the module exports; see assembly/. Addresses and sizes are not checked inside. */
export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapBase(): Address;
  feFromBytes(o: Address, bytes: Address): void;
  feToBytes(bytes: Address, a: Address): void;
  feCanonical(o: Address, a: Address): void;
  feHalfSum(o: Address, a: Address, b: Address, sign: bigint): void;
  feInverseRoot(o: Address, w: Address): void;
  feAdd(o: Address, a: Address, b: Address): void;
  feSub(o: Address, a: Address, b: Address): void;
  feMul(o: Address, a: Address, b: Address): void;
  feAddMul(o: Address, a: Address, b: Address, c: Address): void;
  feSubMul(o: Address, a: Address, b: Address, c: Address): void;
  feSquare(o: Address, a: Address): void;
  feSquareTimes(o: Address, a: Address, times: number): void;
  setIdentity(p: Address): void;
  setCached(p: Address, q: Address, negative: number): void;
  addCached(p: Address, q: Address): void;
  subtractCached(p: Address, q: Address): void;
  addExtended(p: Address, q: Address): void;
  toTable(o: Address, p: Address): void;
  addTable(p: Address, q: Address): void;
  subtractTable(p: Address, q: Address): void;
  doubleExtended(p: Address, withT: number): void;
  encodePoint(bytes: Address, p: Address): void;
  decodePoints(o: Address, bytes: Address, count: number, hints: Address, hintsOut: Address, status: Address): number;
  sha512(out: Address, message: Address, length: number): void;
  reduceWide(o: Address, a: Address): void;
  reduceNegated(o: Address, a: Address): void;
  reduceScalars(scalars: Address, count: number): void;
  beginTerms(points: Address, scalars: Address, count: number): void;
  addTerms(points: Address, scalars: Address, count: number): void;
  sumRoom(count: number, few: number): number;
  sumTerms(sum: Address, room: Address, few: number): void;
  readBallot(plan: Address, record: Address, previous: number): number;
  ballotTerms(
    plan: Address,
    record: Address,
    points: Address,
    weights: Address,
    exponents: Address,
    scratch: Address,
    generator: Address,
    key: Address,
  ): void;
  schnorrTerms(record: Address, points: Address, weight: Address, exponents: Address, generator: Address): void;
}

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Of text without padding. */
function decodeBase64(text: string): Uint8Array {
  const values = new Uint8Array(128);
  for (let i = 0; i < 64; i++) values[ALPHABET.charCodeAt(i)] = i;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    held = ((held << 6) | values[text.charCodeAt(i)]!) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
    }
  }
  return bytes;
}

let compiled: object | undefined;

/** A fresh instance with a memory of its own. Throws where WebAssembly is missing or forbidden, or the bytes are not the ones built. */
export function instantiate(): Kernel {
  if (compiled === undefined) {
    const bytes = decodeBase64(MODULE_BASE64);
    if (bytesToHex(sha256(bytes)) !== MODULE_SHA256) throw new Error("the embedded module differs from its hash");
    compiled = new WebAssembly.Module(bytes);
  }
  return new WebAssembly.Instance(compiled).exports as Kernel;
}

const PAGE = 65536;
/** The module's own limit. */
const MAX_PAGES = 1024;

/** Memory handed out like a stack, above the module's constants. Never above 64 MiB. */
export class Arena {
  readonly kernel: Kernel;
  #top: Address;
  #bytes: Uint8Array;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.#top = (kernel.heapBase() + 15) & ~15;
    this.#bytes = new Uint8Array(kernel.memory.buffer);
  }

  /** The whole memory; gone after the next `take`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Room of that many bytes, 16-byte aligned, not cleared. */
  take(length: number): Address {
    const at = this.#top;
    const end = at + ((length + 15) & ~15);
    if (end > this.#bytes.length) {
      const pages = Math.ceil(end / PAGE);
      if (pages > MAX_PAGES) throw new RangeError("more than the engine's memory holds");
      this.kernel.memory.grow(pages - this.#bytes.length / PAGE);
      this.#bytes = new Uint8Array(this.kernel.memory.buffer);
    }
    this.#top = end;
    return at;
  }

  put(bytes: Uint8Array): Address {
    const at = this.take(bytes.length);
    this.#bytes.set(bytes, at);
    return at;
  }

  zeros(length: number): Address {
    const at = this.take(length);
    this.#bytes.fill(0, at, at + length);
    return at;
  }

  copy(at: Address, length: number): Uint8Array {
    return this.#bytes.slice(at, at + length);
  }

  /** Gives back what `use` takes. */
  scope<T>(use: () => T): T {
    const top = this.#top;
    try {
      return use();
    } finally {
      this.#top = top;
    }
  }
}
