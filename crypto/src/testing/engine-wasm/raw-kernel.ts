/** The module's functions on BigInts and bytes, for tests: each call at addresses of its own. */
import { Arena, instantiate, type Kernel } from "../../engine-wasm/module.ts";
import { CACHED_BYTES, EXTENDED_BYTES } from "../../engine-wasm/points.ts";

export const P: bigint = 2n ** 255n - 19n;
const LIMBS = 9;

export const bytesOf = (value: bigint, length = 32): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
export const numberOf = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
export const mod = (value: bigint, by: bigint = P): bigint => ((value % by) + by) % by;
/** Σ limb · 2^(29 i) */
export const limbValue = (limbs: readonly number[]): bigint =>
  limbs.reduceRight((sum, limb) => (sum << 29n) + BigInt(limb), 0n);

export class RawKernel {
  readonly kernel: Kernel;
  readonly arena: Arena;

  constructor() {
    this.kernel = instantiate();
    this.arena = new Arena(this.kernel);
  }

  /** Stores nine limbs as they are. */
  limbs(limbs: readonly number[]): number {
    const at = this.arena.take(4 * LIMBS);
    new Int32Array(this.arena.bytes.buffer, at, LIMBS).set(limbs);
    return at;
  }

  readLimbs(at: number): number[] {
    return Array.from(new Int32Array(this.arena.bytes.buffer, at, LIMBS));
  }

  element(value: bigint): number {
    const at = this.arena.take(36);
    this.kernel.feFromBytes(at, this.arena.put(bytesOf(value)));
    return at;
  }

  /** The canonical value, by the module's own reduction and bytes. */
  value(at: number): bigint {
    const reduced = this.arena.take(36);
    const bytes = this.arena.take(32);
    this.kernel.feCanonical(reduced, at);
    this.kernel.feToBytes(bytes, reduced);
    return numberOf(this.arena.copy(bytes, 32));
  }

  /** Runs `use` with an address for its result, and gives that result's limbs. */
  result(use: (o: number) => void): { readonly limbs: number[]; readonly value: bigint } {
    const o = this.arena.take(36);
    use(o);
    return { limbs: this.readLimbs(o), value: this.value(o) };
  }

  cached(encoding: Uint8Array): number {
    const o = this.arena.take(CACHED_BYTES);
    const status = this.arena.take(1);
    if (this.kernel.decodePoints(o, this.arena.put(encoding), 1, 0, 0, status) !== 0 && this.arena.bytes[status] === 1)
      throw new Error("not a point");
    return o;
  }

  extended(encoding: Uint8Array): number {
    const p = this.arena.take(EXTENDED_BYTES);
    this.kernel.setCached(p, this.cached(encoding), 0);
    return p;
  }

  encode(p: number): Uint8Array {
    const bytes = this.arena.take(32);
    this.kernel.encodePoint(bytes, p);
    return this.arena.copy(bytes, 32);
  }
}
