// Multi-scalar multiplication: Pippenger's buckets with signed digits. A constant with a one in front of every digit is added to
// each scalar beforehand, so that its digits are read out without a carry. Long and short terms have windows of their own: below
// B = `LOW_BITS` or a little above all terms take part, above it the long ones alone.
import { addCached, addExtended, doubleExtended, EXTENDED, setCached, setIdentity, subtractCached } from "./point";
import { scalarAdd256, scalarSubtract256, ORDER, isAbove } from "./scalar";

/** Biased scalars below 2^128 need so many bits. */
const LOW_BITS: i32 = 130;
/** Scalars above half the order are taken less the order: then so many bits do for all. */
const HIGH_BITS: i32 = 252;
const MAX_WIDTH: i32 = 13;
/** Of the widest window, and one more that only the top digit can reach. */
const BUCKETS: usize = (1 << (MAX_WIDTH - 1)) + 1;
/** Bytes that `multiScalar` needs: the buckets, and a byte each that says whether it holds anything. */
export const BUCKETS_ROOM: usize = BUCKETS * (EXTENDED + 1);

/** The width with the fewest point operations for `terms` terms of `bits` bits; summing a bucket costs about 2.6 additions. */
function bestWidth(terms: i32, bits: i32): i32 {
  let best = 1;
  let least: f64 = Infinity;
  for (let width = 1; width <= MAX_WIDTH; width++) {
    const windows: f64 = <f64>((bits + width - 1) / width);
    const operations = windows * (<f64>terms * (1 - 1 / <f64>(1 << width)) + 1.3 * <f64>(1 << width));
    if (operations < least) {
      least = operations;
      best = width;
    }
  }
  return best;
}

const lowBias: usize = memory.data(32, 16);
const bias: usize = memory.data(32, 16);
/** 2^252 − 1 − bias: the largest scalar that stays positive. */
const limit: usize = memory.data(32, 16);
const running: usize = memory.data(144, 16);

function setBit(bytes: usize, bit: i32): void {
  const at = bytes + (bit >> 3);
  const mask: i32 = 1 << (bit & 7);
  store<u8>(at, load<u8>(at) | <u8>mask);
}

/** Σ_k k · bucket_k, added to `sum`. */
function addBuckets(sum: usize, buckets: usize, used: usize, count: i32): void {
  let i = count - 1;
  while (i >= 0 && load<u8>(used + i) == 0) i--;
  if (i < 0) return;
  memory.copy(running, buckets + <usize>i * EXTENDED, EXTENDED);
  addExtended(sum, running);
  for (i--; i >= 0; i--) {
    if (load<u8>(used + i) != 0) addExtended(running, buckets + <usize>i * EXTENDED);
    addExtended(sum, running);
  }
}

/**
 * out (extended) = Σ scalar · point over `count` terms, of which the first `long` may have any scalar below l, the others
 * scalars below 2^128. `points`: u32 addresses of cached points; `scalars`: 32 bytes each, overwritten; `buckets`: `BUCKETS_ROOM`
 * bytes.
 */
export function multiScalar(out: usize, points: usize, scalars: usize, long: i32, count: i32, buckets: usize): void {
  const lowWidth = bestWidth(count, LOW_BITS);
  const lowWindows = (LOW_BITS + lowWidth - 1) / lowWidth;
  const split = lowWidth * lowWindows;
  const highWidth = bestWidth(long, HIGH_BITS - split);
  const highWindows = long == 0 ? 0 : (HIGH_BITS - split + highWidth - 1) / highWidth;
  memory.fill(lowBias, 0, 32);
  for (let i = 1; i <= lowWindows; i++) setBit(lowBias, i * lowWidth - 1);
  memory.copy(bias, lowBias, 32);
  for (let i = 1; i < highWindows; i++) setBit(bias, split + i * highWidth - 1);
  setBit(bias, HIGH_BITS - 1);
  memory.fill(limit, 0xff, 31);
  store<u8>(limit, 0x0f, 31);
  scalarSubtract256(limit, limit, bias);
  for (let i = 0; i < count; i++) {
    const scalar = scalars + 32 * <usize>i;
    if (i >= long) scalarAdd256(scalar, scalar, lowBias);
    else {
      if (isAbove(scalar, limit)) scalarSubtract256(scalar, scalar, ORDER);
      scalarAdd256(scalar, scalar, bias);
    }
  }
  setIdentity(out);
  const used = buckets + BUCKETS * EXTENDED;
  for (let window = lowWindows + highWindows - 1; window >= 0; window--) {
    const low = window < lowWindows;
    const top = window == lowWindows + highWindows - 1 && highWindows > 0;
    const offset = low ? window * lowWidth : split + (window - lowWindows) * highWidth;
    const width = top ? HIGH_BITS - offset : low ? lowWidth : highWidth;
    for (let i = 1; i <= width; i++) doubleExtended(out, i == width);
    const size = (1 << (width - 1)) + (top ? 1 : 0);
    memory.fill(used, 0, size);
    fill(points, scalars, low ? count : long, offset, width, top, buckets, used);
    addBuckets(out, buckets, used, size);
  }
}

/** Puts every term into the bucket of its digit in one window. The top digit has all remaining bits, and their sign. */
function fill(
  points: usize,
  scalars: usize,
  count: i32,
  offset: i32,
  width: i32,
  top: bool,
  buckets: usize,
  used: usize,
): void {
  // Eight bytes that hold the window, inside the scalar's 32.
  const from = min<i32>(offset >> 3, 24);
  const shift: i64 = <i64>(offset - 8 * from);
  const half: i32 = 1 << (width - 1);
  const mask: i32 = top ? -1 : (1 << width) - 1;
  const end = points + 4 * <usize>count;
  let scalar = scalars + from;
  for (let at = points; at < end; at += 4, scalar += 32) {
    const digit = (<i32>(load<i64>(scalar) >> shift) & mask) - half;
    if (digit == 0) continue;
    const slot = (digit < 0 ? -digit : digit) - 1;
    const bucket = buckets + <usize>slot * EXTENDED;
    const point = <usize>load<u32>(at);
    if (load<u8>(used + slot) == 0) {
      store<u8>(used + slot, 1);
      setCached(bucket, point, digit < 0);
    } else if (digit < 0) subtractCached(bucket, point);
    else addCached(bucket, point);
  }
}
