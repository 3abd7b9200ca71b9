/** A chunk of ballots inside the WebAssembly engine: decoded once, combined as often as bisection asks. */
import type { BallotPlan, BatchRecord, EngineBatch, PointSet } from "../group/engine.ts";
import { MAX_BATCH_POINTS } from "../group/engine.ts";
import { encodePoint, G } from "../group/ristretto.ts";
import type { Arena } from "./module.ts";
import { CACHED_BYTES, CachedPoints, EXTENDED_BYTES } from "./points.ts";

type Address = number;

const BAD = 1;
/** A Schnorr proof has the points A, P, and challenge ‖ response. */
const SCHNORR = { points: 2, bytes: 128, equations: 1 };
const WEIGHT_BYTES = 16;
/** Bytes of one draw, as in ballot/batch.ts: one generator gives every engine the same weights. */
const DRAW = 256 * WEIGHT_BYTES;
/** Room behind a ballot's points and scalars: previous, hash of the passes, h, two challenges. */
const TAIL = 5 * 32;

interface Loaded {
  readonly plan: BallotPlan | null;
  readonly record: Address;
  /** Position of its first point among the batch's. */
  readonly first: number;
  readonly count: number;
}

/** Points that every sum needs, by their encoding. */
class SharedPoints {
  readonly #known = new WeakMap<Uint8Array, Uint8Array>();
  readonly #arena: Arena;
  readonly generator: Uint8Array;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.generator = this.#decode(encodePoint(G));
  }

  of(key: Uint8Array): Uint8Array {
    let cached = this.#known.get(key);
    if (cached === undefined) {
      cached = this.#decode(key);
      this.#known.set(key, cached);
    }
    return cached;
  }

  #decode(encoding: Uint8Array): Uint8Array {
    const arena = this.#arena;
    return arena.scope(() => {
      const bytes = arena.put(encoding);
      const o = arena.take(CACHED_BYTES);
      const status = arena.take(1);
      if (arena.kernel.decodePoints(o, bytes, 1, 0, 0, status) !== 0) throw new RangeError("not a key");
      return arena.copy(o, CACHED_BYTES);
    });
  }
}

export class WasmBatches {
  readonly #arena: Arena;
  readonly #few: number;
  readonly #shared: SharedPoints;

  /** `few`: up to so many terms are summed by Straus' method. */
  constructor(arena: Arena, few: number) {
    this.#arena = arena;
    this.#few = few;
    this.#shared = new SharedPoints(arena);
  }

  run<T>(records: readonly BatchRecord[], use: (batch: EngineBatch) => T): T {
    return this.#arena.scope(() => use(new WasmBatch(this.#arena, this.#shared, this.#few, records)));
  }
}

class WasmBatch implements EngineBatch {
  readonly refused: readonly number[];
  readonly #arena: Arena;
  readonly #shared: SharedPoints;
  readonly #few: number;
  readonly #plans = new Map<BallotPlan, Address>();
  readonly #loaded: readonly Loaded[];
  readonly #points: Address;
  readonly #roots: Address;

  constructor(arena: Arena, shared: SharedPoints, few: number, records: readonly BatchRecord[]) {
    this.#arena = arena;
    this.#few = few;
    this.#shared = shared;
    let total = 0;
    for (const { plan } of records) total += plan?.points ?? SCHNORR.points;
    if (total > MAX_BATCH_POINTS) throw new RangeError(`a batch has at most ${MAX_BATCH_POINTS} points`);
    for (const { plan } of records)
      if (plan !== null && !this.#plans.has(plan)) this.#plans.set(plan, arena.put(plan.bytes));
    this.#points = arena.take(CACHED_BYTES * total);
    this.#roots = arena.take(32 * total);
    const loaded: Loaded[] = [];
    const refused: number[] = [];
    let first = 0;
    for (const [position, record] of records.entries()) {
      const { plan } = record;
      const count = plan?.points ?? SCHNORR.points;
      const length = plan === null ? SCHNORR.bytes : 32 * (plan.points + plan.scalars) + TAIL;
      const item = { plan, record: arena.take(length), first, count };
      record.write(arena.bytes, item.record);
      loaded.push(item);
      if (!this.#read(item, record)) refused.push(position);
      first += count;
    }
    this.#loaded = loaded;
    this.refused = refused;
  }

  #read(item: Loaded, { plan, previous, hints }: BatchRecord): boolean {
    const { kernel } = this.#arena;
    if (plan !== null && kernel.readBallot(this.#plans.get(plan)!, item.record, previous ? 1 : 0) !== 0) return false;
    return this.#arena.scope(() => {
      const status = this.#arena.take(item.count);
      const hinted = hints === null ? 0 : this.#arena.put(hints);
      const points = this.#points + CACHED_BYTES * item.first;
      const roots = this.#roots + 32 * item.first;
      if (kernel.decodePoints(points, item.record, item.count, hinted, roots, status) === 0) return true;
      const found = this.#arena.bytes.subarray(status, status + item.count);
      return found.every((each, i) => each === 0 || (each !== BAD && plan?.free[i] === 1));
    });
  }

  combine(members: readonly number[], random: (length: number) => Uint8Array): Uint8Array {
    const arena = this.#arena;
    const { kernel } = arena;
    return arena.scope(() => {
      const items = members.map((member) => this.#loaded[member]!);
      const keys = new Map<BallotPlan, Address>();
      let terms = 1;
      let [most, values, equations] = [SCHNORR.points, 0, SCHNORR.equations];
      for (const { plan, count } of items) {
        terms += plan === null ? count : count - 1;
        if (plan === null) continue;
        most = Math.max(most, count);
        values = Math.max(values, plan.values);
        equations = Math.max(equations, plan.equations);
        if (!keys.has(plan)) keys.set(plan, arena.zeros(64));
      }
      terms += keys.size;
      const generator = arena.zeros(64);
      const weights = arena.take(WEIGHT_BYTES * equations);
      const exponents = arena.take(32 * most);
      const scratch = arena.take(128 * values);
      const draw = weightStream(random);
      kernel.beginTerms(arena.take(4 * terms), arena.take(32 * terms), terms);
      const sum = arena.take(EXTENDED_BYTES);
      const room = arena.take(kernel.sumRoom(terms, this.#few));
      const shared = [[generator, arena.put(this.#shared.generator)] as const];
      for (const [plan, key] of keys) shared.push([key, arena.put(this.#shared.of(plan.key))]);
      for (const { plan, record, first } of items) {
        const points = this.#points + CACHED_BYTES * first;
        draw(arena.bytes, weights, WEIGHT_BYTES * (plan?.equations ?? SCHNORR.equations));
        if (plan === null) kernel.schnorrTerms(record + 64, points, weights, exponents, generator);
        else {
          const at = this.#plans.get(plan)!;
          kernel.ballotTerms(at, record, points, weights, exponents, scratch, generator, keys.get(plan)!);
        }
      }
      for (const [wide, point] of shared) {
        kernel.reduceNegated(exponents, wide);
        kernel.addTerms(point, exponents, 1);
      }
      kernel.setIdentity(sum);
      kernel.sumTerms(sum, room, this.#few);
      kernel.encodePoint(exponents, sum);
      return arena.copy(exponents, 32);
    });
  }

  points(member: number): PointSet {
    const { first, count } = this.#loaded[member]!;
    return new CachedPoints(this.#arena.copy(this.#points + CACHED_BYTES * first, CACHED_BYTES * count));
  }

  hints(member: number): Uint8Array {
    const { first, count } = this.#loaded[member]!;
    return this.#arena.copy(this.#roots + 32 * first, 32 * count);
  }
}

/** Fills places in order from draws of `DRAW` bytes. */
function weightStream(random: (length: number) => Uint8Array): (into: Uint8Array, at: number, length: number) => void {
  let drawn = new Uint8Array(0);
  let used = 0;
  return (into, at, length) => {
    for (let done = 0; done < length; ) {
      if (used === drawn.length) {
        drawn = random(DRAW).slice();
        used = 0;
      }
      const part = Math.min(length - done, drawn.length - used);
      into.set(drawn.subarray(used, used + part), at + done);
      used += part;
      done += part;
    }
  };
}
