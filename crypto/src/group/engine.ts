/**
 * The seam for fast arithmetic on **public** data: decoding, sums, multi-scalar multiplication. Everything crosses it in flat
 * buffers, a chunk at a time, so that a WebAssembly engine fits behind it. Secrets never do: an engine's time and memory
 * accesses depend on its input. Every engine must agree with the plain formulas, which keep the last word.
 */

/** Decoded points inside an engine; opaque outside it. */
export interface PointSet {
  readonly length: number;
  /** The points from..to−1, without decoding again. */
  slice(from: number, to: number): PointSet;
}

export interface Decoded {
  readonly points: PointSet;
  /** Ascending positions of strings that are not canonical encodings; their entries in `points` are identities. */
  readonly bad: readonly number[];
  /** Ascending positions of encodings of the identity. */
  readonly identities: readonly number[];
}

/** Terms of a multi-scalar multiplication: `scalars` holds 32 bytes little-endian (below 2^256) per point. */
export interface Terms {
  readonly points: PointSet;
  readonly scalars: Uint8Array;
}

/** A row of running sums, one per column, as the encrypted tally has. */
export interface Accumulator {
  readonly width: number;
  /** Adds points from..from+width−1, one per column. */
  add(points: PointSet, from: number): void;
  /** Takes them away again: a ballot that was replaced. */
  subtract(points: PointSet, from: number): void;
  /** 32 bytes per column. */
  encode(): Uint8Array;
}

export interface Engine {
  readonly name: string;
  /** Strict RFC 9496 decoding of any number of 32-byte strings. */
  decode(encodings: Uint8Array): Decoded;
  /** The encoding of Π points^scalars over all terms, 32 bytes; short scalars are cheaper. */
  msm(terms: readonly Terms[]): Uint8Array;
  /** Columns start at the points given, or at the identity. */
  accumulator(width: number, start?: PointSet): Accumulator;
}
