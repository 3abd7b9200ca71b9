/** Decoded points of the WebAssembly engine, kept outside its memory, so that nobody has to release them. */
import type { PointSet } from "../group/engine.ts";

/** Bytes of a point as additions want it, and of one in extended coordinates. */
export const CACHED_BYTES = 108;
export const EXTENDED_BYTES = 144;

/** `CACHED_BYTES` per point, in the engine's form. */
export class CachedPoints implements PointSet {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.length / CACHED_BYTES;
  }

  slice(from: number, to: number): PointSet {
    return this.part(from, to);
  }

  part(from: number, to: number): CachedPoints {
    return new CachedPoints(this.bytes.subarray(from * CACHED_BYTES, to * CACHED_BYTES));
  }
}

export function cachedPoints(points: PointSet): CachedPoints {
  if (!(points instanceof CachedPoints)) throw new TypeError("points of another engine");
  return points;
}
