/** The seam of group/engine.ts over the WebAssembly module. One memory per engine; use in one thread only. */
import type { Accumulator, Decoded, Engine, PointSet, Terms } from "../group/engine.ts";
import { WasmBatches } from "./batch.ts";
import { Arena, instantiate } from "./module.ts";
import { CACHED_BYTES, CachedPoints, cachedPoints, EXTENDED_BYTES } from "./points.ts";

export const WASM_ENGINE = "wasm-i64";

const BAD = 1;
const IDENTITY = 2;
/** Points per call, which bounds the memory. */
const DECODE_BLOCK = 4096;
const SUM_BLOCK = 2 ** 16;

/** Up to so many terms Straus' method is faster than buckets. */
const FEW = 100;

/**
 * Throws where WebAssembly is missing or forbidden. `wasmEngine` adds the start-up test and the fallback. `few` other than by
 * default is for tests, which try both methods at every size.
 */
export function untestedWasmEngine(kernel = instantiate(), few = FEW): Engine {
  const arena = new Arena(kernel);
  const batches = new WasmBatches(arena, few);
  return {
    name: WASM_ENGINE,
    decode: (encodings, hints) => decode(arena, encodings, hints),
    hints: (encodings) => roots(arena, encodings),
    msm: (terms) => sumOfTerms(arena, few, terms),
    accumulator: (width, start) => new WasmAccumulator(arena, width, start),
    batch: (records, use) => batches.run(records, use),
  };
}

function decode(arena: Arena, encodings: Uint8Array, hints?: Uint8Array): Decoded {
  if (encodings.length % 32 !== 0) throw new RangeError("32 bytes per point");
  if (hints !== undefined && hints.length !== encodings.length) throw new RangeError("32 bytes per hint");
  const count = encodings.length / 32;
  const points = new Uint8Array(CACHED_BYTES * count);
  const bad: number[] = [];
  const identities: number[] = [];
  for (let from = 0; from < count; from += DECODE_BLOCK) {
    const size = Math.min(DECODE_BLOCK, count - from);
    arena.scope(() => {
      const bytes = arena.put(encodings.subarray(32 * from, 32 * (from + size)));
      const hinted = hints === undefined ? 0 : arena.put(hints.subarray(32 * from, 32 * (from + size)));
      const status = arena.take(size);
      const o = arena.take(CACHED_BYTES * size);
      const special = arena.kernel.decodePoints(o, bytes, size, hinted, 0, status);
      points.set(arena.bytes.subarray(o, o + CACHED_BYTES * size), CACHED_BYTES * from);
      if (special === 0) return;
      for (let i = 0; i < size; i++) {
        if (arena.bytes[status + i] === BAD) bad.push(from + i);
        else if (arena.bytes[status + i] === IDENTITY) identities.push(from + i);
      }
    });
  }
  return { points: new CachedPoints(points), bad, identities };
}

function roots(arena: Arena, encodings: Uint8Array): Uint8Array {
  if (encodings.length % 32 !== 0) throw new RangeError("32 bytes per point");
  const hints = new Uint8Array(encodings.length);
  for (let from = 0; from < encodings.length; from += 32 * DECODE_BLOCK) {
    const part = encodings.subarray(from, from + 32 * DECODE_BLOCK);
    arena.scope(() => {
      const size = part.length / 32;
      const bytes = arena.put(part);
      const out = arena.zeros(part.length);
      arena.kernel.decodePoints(arena.take(CACHED_BYTES * size), bytes, size, 0, out, arena.take(size));
      hints.set(arena.bytes.subarray(out, out + part.length), from);
    });
  }
  return hints;
}

function sumOfTerms(arena: Arena, few: number, terms: readonly Terms[]): Uint8Array {
  const { kernel } = arena;
  const sets = terms.map(({ points, scalars }) => {
    const cached = cachedPoints(points);
    if (scalars.length !== 32 * cached.length) throw new RangeError("32 bytes per scalar");
    return { cached, scalars };
  });
  return arena.scope(() => {
    const sum = arena.take(EXTENDED_BYTES);
    const encoded = arena.take(32);
    kernel.setIdentity(sum);
    for (const block of blocks(sets)) arena.scope(() => addBlock(arena, few, sum, block));
    kernel.encodePoint(encoded, sum);
    return arena.copy(encoded, 32);
  });
}

interface TermSet {
  readonly cached: CachedPoints;
  readonly scalars: Uint8Array;
}

/** The same terms in lists of at most `SUM_BLOCK`. */
function* blocks(sets: readonly TermSet[]): Generator<readonly TermSet[]> {
  let block: TermSet[] = [];
  let room = SUM_BLOCK;
  for (const { cached, scalars } of sets)
    for (let from = 0; from < cached.length; ) {
      const to = Math.min(cached.length, from + room);
      block.push({ cached: cached.part(from, to), scalars: scalars.subarray(32 * from, 32 * to) });
      room -= to - from;
      from = to;
      if (room === 0) {
        yield block;
        block = [];
        room = SUM_BLOCK;
      }
    }
  if (block.length > 0) yield block;
}

function addBlock(arena: Arena, few: number, sum: number, block: readonly TermSet[]): void {
  const { kernel } = arena;
  const count = block.reduce((total, { cached }) => total + cached.length, 0);
  kernel.beginTerms(arena.take(4 * count), arena.take(32 * count), count);
  const points = arena.take(CACHED_BYTES * count);
  let first = 0;
  for (const { cached, scalars } of block)
    arena.scope(() => {
      const at = points + CACHED_BYTES * first;
      arena.bytes.set(cached.bytes, at);
      const flat = arena.put(scalars);
      kernel.reduceScalars(flat, cached.length);
      kernel.addTerms(at, flat, cached.length);
      first += cached.length;
    });
  kernel.sumTerms(sum, arena.take(kernel.sumRoom(count, few)), few);
}

class WasmAccumulator implements Accumulator {
  readonly width: number;
  readonly #arena: Arena;
  readonly #sums: Uint8Array;

  constructor(arena: Arena, width: number, start: PointSet | undefined) {
    const cached = start === undefined ? null : cachedPoints(start);
    if (cached !== null && cached.length !== width) throw new RangeError("one point per column");
    this.width = width;
    this.#arena = arena;
    this.#sums = new Uint8Array(EXTENDED_BYTES * width);
    this.#change((sums) => {
      const points = cached === null ? 0 : arena.put(cached.bytes);
      for (let i = 0; i < width; i++) {
        const sum = sums + EXTENDED_BYTES * i;
        if (cached === null) arena.kernel.setIdentity(sum);
        else arena.kernel.setCached(sum, points + CACHED_BYTES * i, 0);
      }
    });
  }

  add(points: PointSet, from: number): void {
    this.#apply(points, from, this.#arena.kernel.addCached);
  }

  subtract(points: PointSet, from: number): void {
    this.#apply(points, from, this.#arena.kernel.subtractCached);
  }

  encode(): Uint8Array {
    const { kernel } = this.#arena;
    return this.#arena.scope(() => {
      const sums = this.#arena.put(this.#sums);
      const bytes = this.#arena.take(32 * this.width);
      for (let i = 0; i < this.width; i++) kernel.encodePoint(bytes + 32 * i, sums + EXTENDED_BYTES * i);
      return this.#arena.copy(bytes, 32 * this.width);
    });
  }

  #apply(points: PointSet, from: number, operation: (sum: number, point: number) => void): void {
    const cached = cachedPoints(points);
    if (from < 0 || from + this.width > cached.length) throw new RangeError("points outside the set");
    this.#change((sums) => {
      const at = this.#arena.put(cached.part(from, from + this.width).bytes);
      for (let i = 0; i < this.width; i++) operation(sums + EXTENDED_BYTES * i, at + CACHED_BYTES * i);
    });
  }

  #change(use: (sums: number) => void): void {
    this.#arena.scope(() => {
      const sums = this.#arena.put(this.#sums);
      use(sums);
      this.#sums.set(this.#arena.bytes.subarray(sums, sums + this.#sums.length));
    });
  }
}
