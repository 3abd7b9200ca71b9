// Multi-scalar multiplication of few terms (a ballot or a handful): Straus' interleaving, one chain of doublings for all terms,
// with digits of the non-adjacent form of width 5 and tables of the odd multiples 1, 3, … 15. Variable time: public data only.
import { addTable, doubleExtended, EXTENDED, setCached, setIdentity, subtractTable, TABLE, toTable } from "./point";

const WIDTH: i32 = 5;
const ENTRIES: i32 = 1 << (WIDTH - 2);
/** Scalars below l, and one for the last carry. */
const BITS: i32 = 254;
/** Scalars below 2^128, and the carry. */
const SHORT_BITS: i32 = 130;

/** Bytes that `straus` needs per term. */
export const STRAUS_ROOM: usize = <usize>ENTRIES * TABLE + <usize>BITS;

const multiple: usize = memory.data(144, 16);
const step: usize = memory.data(144, 16);

/** q, 3q, 5q, …, 15q */
function oddMultiples(table: usize, q: usize): void {
  setCached(multiple, q, false);
  toTable(table, multiple);
  memory.copy(step, multiple, EXTENDED);
  doubleExtended(step, true);
  for (let i: usize = 1; i < <usize>ENTRIES; i++) {
    // (2i + 1)q = (2i − 1)q + 2q
    memory.copy(multiple, step, EXTENDED);
    addTable(multiple, table + TABLE * (i - 1));
    toTable(table + TABLE * i, multiple);
  }
}

/** Digits of one scalar, least significant first, `stride` bytes apart, all others being zero already. */
function nonAdjacentForm(digits: usize, stride: usize, scalar: usize): void {
  let carry = 0;
  for (let at = 0; at < BITS; ) {
    const from = min<i32>(at >> 3, 24);
    const bits = <i32>(load<u64>(scalar + from) >> <u64>(at - 8 * from)) & ((1 << WIDTH) - 1);
    const window = bits + carry;
    if ((window & 1) == 0) {
      at++;
      continue;
    }
    carry = window > 1 << (WIDTH - 1) ? 1 : 0;
    store<i8>(digits + stride * <usize>at, <i8>(window - (carry << WIDTH)));
    at += WIDTH;
  }
}

/**
 * out (extended) = Σ scalar · point over `count` terms, the first `long` with scalars below l, the others below 2^128.
 * `points`: u32 addresses of cached points; `room`: `STRAUS_ROOM` bytes per term.
 */
export function straus(out: usize, points: usize, scalars: usize, long: i32, count: i32, room: usize): void {
  const digits = room + <usize>ENTRIES * TABLE * <usize>count;
  memory.fill(digits, 0, <usize>(BITS * count));
  for (let i: usize = 0; i < <usize>count; i++) {
    oddMultiples(room + <usize>ENTRIES * TABLE * i, <usize>load<u32>(points + 4 * i));
    nonAdjacentForm(digits + i, <usize>count, scalars + 32 * i);
  }
  setIdentity(out);
  let started = false;
  for (let bit = BITS - 1; bit >= 0; bit--) {
    if (started) doubleExtended(out, true);
    const row = digits + <usize>(bit * count);
    const terms: usize = bit < SHORT_BITS ? count : long;
    for (let i: usize = 0; i < terms; i++) {
      const digit = <i32>load<i8>(row + i);
      if (digit == 0) continue;
      started = true;
      const table = room + <usize>ENTRIES * TABLE * i;
      if (digit > 0) addTable(out, table + TABLE * <usize>(digit >> 1));
      else subtractTable(out, table + TABLE * <usize>(-digit >> 1));
    }
  }
}
