/**
 * The seam for fast arithmetic on **public** data: decoding, sums, multi-scalar multiplication. Everything crosses it in flat
 * buffers, a chunk at a time, so that a WebAssembly engine fits behind it. Secrets never do: an engine's time and memory
 * accesses depend on its input. Every engine must agree with the plain formulas, which keep the last word.
 */

/** Bounds the memory of an engine's batch. */
export const MAX_BATCH_POINTS: number = 2 ** 17;

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

/** Where everything lies in the ballots of one class, for engines that read, hash and weigh whole ballots (ballot/plan.ts). */
export interface BallotPlan {
  /** The plan as the engine reads it: little-endian u32 words and byte strings, addressed from the start. */
  readonly bytes: Uint8Array;
  /** Points of a ballot, the last of which carries no term. */
  readonly points: number;
  /** Scalars of a ballot. */
  readonly scalars: number;
  readonly values: number;
  /** Equations, each with a weight of its own. */
  readonly equations: number;
  /** One byte per point: 1 where it may be the identity. */
  readonly free: Uint8Array;
  /** The election key, encoded. */
  readonly key: Uint8Array;
}

/** A ballot whose shape is right, or a Schnorr proof. */
export interface BatchRecord {
  /** Null for a Schnorr proof: points A, P; scalars challenge, response, both below l. */
  readonly plan: BallotPlan | null;
  readonly previous: boolean;
  /** Untrusted roots for decoding, 32 bytes per point, or null. */
  readonly hints: Uint8Array | null;
  /** Writes points and scalars, for a ballot also `previous` (or nothing) and the hash of the passes. */
  write(into: Uint8Array, at: number): void;
}

/** A chunk inside an engine. */
export interface EngineBatch {
  /** Ascending positions of records whose scalars, points or randomness are not acceptable. */
  readonly refused: readonly number[];
  /**
   * The encoding of the random linear combination of the members' equations: 32 zero bytes if all hold. Weights are drawn in
   * the order of the members and their equations.
   */
  combine(members: readonly number[], random: (length: number) => Uint8Array): Uint8Array;
  points(member: number): PointSet;
  /** Right roots of all points of a member that is not refused, 32 bytes each. */
  hints(member: number): Uint8Array;
}

export interface Engine {
  readonly name: string;
  /**
   * Strict RFC 9496 decoding of any number of 32-byte strings. `hints`, 32 bytes each, are untrusted: engines that use them
   * check them, and compute what a wrong hint does not give, so that the result is the same with any hints and with none.
   */
  decode(encodings: Uint8Array, hints?: Uint8Array): Decoded;
  /** Hints for `decode`, 32 bytes per string; of any value for a string that is no point. */
  hints?(encodings: Uint8Array): Uint8Array;
  /** Works through a chunk of at most `MAX_BATCH_POINTS` points; the batch is gone when `use` returns. */
  batch?<T>(records: readonly BatchRecord[], use: (batch: EngineBatch) => T): T;
  /** The encoding of Π points^scalars over all terms, 32 bytes; short scalars are cheaper. */
  msm(terms: readonly Terms[]): Uint8Array;
  /** Columns start at the points given, or at the identity. */
  accumulator(width: number, start?: PointSet): Accumulator;
}
