// Points of the Edwards curve behind ristretto255 (RFC 9496). Formulas: Hisil, Wong, Carter, Dawson 2008 (a = −1), complete.
//   extended: X, Y, Z, T with x = X/Z, y = Y/Z, x·y = T/Z
//   table:    Y − X, Y + X, 2d·T, 2Z of an extended point: 8 multiplications
//   cached:   (y − x)/2, (y + x)/2, d·x·y of an affine point: an addition takes 7 multiplications, and no doubling
import {
  D,
  DOUBLE_D,
  feAdd,
  feAddMul,
  feMul,
  feSquare,
  feSub,
  feSubMul,
  INVERSE_SQRT_A_MINUS_D,
  NEGATIVE_D,
  ONE,
  SQRT_MINUS_ONE,
} from "./field.generated";
import {
  FE,
  feCanonical,
  feCopy,
  feFromBytes,
  feHalfSum,
  feInverseRoot,
  feIsMinusOne,
  feIsOdd,
  feIsOne,
  feIsZero,
  feNegate,
  feToBytes,
} from "./field";

export const EXTENDED: usize = 144;
export const CACHED: usize = 108;
export const TABLE: usize = 144;

const X: usize = 0;
const Y: usize = 36;
const Z: usize = 72;
const T: usize = 108;
const MINUS: usize = 0;
const PLUS: usize = 36;
const DT: usize = 72;
const Z2: usize = 108;

const t0: usize = memory.data(36, 16);
const t1: usize = memory.data(36, 16);
const t2: usize = memory.data(36, 16);
const t3: usize = memory.data(36, 16);
const t4: usize = memory.data(36, 16);
const t5: usize = memory.data(36, 16);
const t6: usize = memory.data(36, 16);
const t7: usize = memory.data(36, 16);
const t8: usize = memory.data(36, 16);
const t9: usize = memory.data(36, 16);

export function setIdentity(p: usize): void {
  memory.fill(p, 0, EXTENDED);
  store<i32>(p, 1, Y);
  store<i32>(p, 1, Z);
}

/** p += q, q cached. */
export function addCached(p: usize, q: usize): void {
  feSubMul(t0, p + Y, p + X, q + MINUS);
  feAddMul(t1, p + Y, p + X, q + PLUS);
  feMul(t2, p + T, q + DT);
  feSub(t3, t1, t0);
  feAdd(t1, t1, t0);
  feSub(t4, p + Z, t2);
  feAdd(t5, p + Z, t2);
  feMul(p + X, t3, t4);
  feMul(p + Y, t5, t1);
  feMul(p + Z, t4, t5);
  feMul(p + T, t3, t1);
}

/** p −= q, q cached. */
export function subtractCached(p: usize, q: usize): void {
  feSubMul(t0, p + Y, p + X, q + PLUS);
  feAddMul(t1, p + Y, p + X, q + MINUS);
  feMul(t2, p + T, q + DT);
  feSub(t3, t1, t0);
  feAdd(t1, t1, t0);
  feAdd(t4, p + Z, t2);
  feSub(t5, p + Z, t2);
  feMul(p + X, t3, t4);
  feMul(p + Y, t5, t1);
  feMul(p + Z, t4, t5);
  feMul(p + T, t3, t1);
}

/** p = ±q, q cached. */
export function setCached(p: usize, q: usize, negative: bool): void {
  // Multiplying by one carries: the halves of a cached point are too wide to be added again.
  if (negative) feSubMul(p + X, q + MINUS, q + PLUS, ONE);
  else feSubMul(p + X, q + PLUS, q + MINUS, ONE);
  feAddMul(p + Y, q + PLUS, q + MINUS, ONE);
  feCopy(p + Z, ONE);
  feMul(p + T, p + X, p + Y);
}

/** p += q, both extended. */
export function addExtended(p: usize, q: usize): void {
  feSub(t2, q + Y, q + X);
  feSubMul(t0, p + Y, p + X, t2);
  feAdd(t2, q + Y, q + X);
  feAddMul(t1, p + Y, p + X, t2);
  feMul(t2, p + T, q + T);
  feMul(t2, t2, DOUBLE_D);
  feAddMul(t6, p + Z, p + Z, q + Z);
  feSub(t3, t1, t0);
  feAdd(t1, t1, t0);
  feSub(t4, t6, t2);
  feAdd(t5, t6, t2);
  feMul(p + X, t3, t4);
  feMul(p + Y, t5, t1);
  feMul(p + Z, t4, t5);
  feMul(p + T, t3, t1);
}

/** The table form of p. */
export function toTable(o: usize, p: usize): void {
  feSub(o + MINUS, p + Y, p + X);
  feAdd(o + PLUS, p + Y, p + X);
  feMul(o + DT, p + T, DOUBLE_D);
  feAdd(o + Z2, p + Z, p + Z);
}

/** p += q, q in table form. */
export function addTable(p: usize, q: usize): void {
  feSubMul(t0, p + Y, p + X, q + MINUS);
  feAddMul(t1, p + Y, p + X, q + PLUS);
  feMul(t2, p + T, q + DT);
  feMul(t6, p + Z, q + Z2);
  feSub(t3, t1, t0);
  feAdd(t1, t1, t0);
  feSub(t4, t6, t2);
  feAdd(t5, t6, t2);
  feMul(p + X, t3, t4);
  feMul(p + Y, t5, t1);
  feMul(p + Z, t4, t5);
  feMul(p + T, t3, t1);
}

/** p −= q, q in table form. */
export function subtractTable(p: usize, q: usize): void {
  feSubMul(t0, p + Y, p + X, q + PLUS);
  feAddMul(t1, p + Y, p + X, q + MINUS);
  feMul(t2, p + T, q + DT);
  feMul(t6, p + Z, q + Z2);
  feSub(t3, t1, t0);
  feAdd(t1, t1, t0);
  feAdd(t4, t6, t2);
  feSub(t5, t6, t2);
  feMul(p + X, t3, t4);
  feMul(p + Y, t5, t1);
  feMul(p + Z, t4, t5);
  feMul(p + T, t3, t1);
}

/** p = 2p; T only where it is asked for: doubling itself does not read it. */
export function doubleExtended(p: usize, withT: bool): void {
  feSquare(t0, p + X);
  feSquare(t1, p + Y);
  feSquare(t2, p + Z);
  feAdd(t2, t2, t2);
  feAdd(t3, p + X, p + Y);
  feSquare(t3, t3);
  feAdd(t4, t0, t1); // H
  feSub(t3, t4, t3); // E
  feSub(t5, t0, t1); // G
  feAdd(t2, t2, t5); // F
  feMul(p + X, t2, t3);
  feMul(p + Y, t5, t4);
  feMul(p + Z, t2, t5);
  if (withT) feMul(p + T, t3, t4);
}

/** RFC 9496 section 4.3.2; 32 bytes. */
export function encodePoint(bytes: usize, p: usize): void {
  feAdd(t0, p + Z, p + Y);
  feSub(t1, p + Z, p + Y);
  feMul(t0, t0, t1); // u1
  feMul(t1, p + X, p + Y); // u2
  feSquare(t2, t1);
  feMul(t2, t2, t0);
  feInverseRoot(t3, t2);
  // The root's sign does not matter, since the result is made non-negative; a square it always is, for points of the group.
  feSquare(t4, t3);
  feMul(t4, t4, t2);
  feCanonical(t4, t4);
  if (feIsMinusOne(t4)) feMul(t3, t3, SQRT_MINUS_ONE);
  feMul(t4, t3, t0); // den1
  feMul(t5, t3, t1); // den2
  feMul(t6, t4, t5);
  feMul(t6, t6, p + T); // z inverse
  feMul(t7, p + T, t6);
  feCanonical(t7, t7);
  if (feIsOdd(t7)) {
    feMul(t7, p + Y, SQRT_MINUS_ONE); // x
    feMul(t8, p + X, SQRT_MINUS_ONE); // y
    feMul(t5, t4, INVERSE_SQRT_A_MINUS_D); // den inverse
  } else {
    feCopy(t7, p + X);
    feCopy(t8, p + Y);
  }
  feMul(t9, t7, t6);
  feCanonical(t9, t9);
  if (feIsOdd(t9)) feNegate(t8, t8);
  feSub(t8, p + Z, t8);
  feMul(t8, t8, t5);
  feCanonical(t8, t8);
  if (feIsOdd(t8)) {
    feNegate(t8, t8);
    feCanonical(t8, t8);
  }
  feToBytes(bytes, t8);
}

export const GOOD: i32 = 0;
export const BAD: i32 = 1;
export const IDENTITY: i32 = 2;

const s: usize = memory.data(36, 16);
const u1: usize = memory.data(36, 16);
const u2: usize = memory.data(36, 16);
const v: usize = memory.data(36, 16);
const root: usize = memory.data(36, 16);
const denY: usize = memory.data(36, 16);

/** root²·v·u2² = 1? Leaves den_y = root²·v·u2. With `flip`, −1 does as well: then root is multiplied by √−1. */
function isRoot(flip: bool): bool {
  feSquare(denY, root);
  feMul(denY, denY, v);
  feMul(denY, denY, u2);
  feMul(t0, denY, u2);
  feCanonical(t0, t0);
  if (feIsOne(t0)) return true;
  if (!flip || !feIsMinusOne(t0)) return false;
  feMul(root, root, SQRT_MINUS_ONE);
  feNegate(denY, denY);
  return true;
}

/**
 * RFC 9496 section 4.3.1, strict; the result is cached. `hint` (0: none) is an untrusted 1/√(v·u2²): checked, and computed
 * if it is wrong, so that a hint decides about nothing. Where `hintOut` is not 0, a good point's root is written there.
 */
export function decodePoint(o: usize, bytes: usize, hint: usize, hintOut: usize): i32 {
  const w0 = load<u64>(bytes, 0);
  const w1 = load<u64>(bytes, 8);
  const w2 = load<u64>(bytes, 16);
  const w3 = load<u64>(bytes, 24);
  if ((w0 & 1) != 0 || w3 > 0x7fffffffffffffff) return BAD;
  if (w3 == 0x7fffffffffffffff && (w1 & w2) == 0xffffffffffffffff && w0 >= 0xffffffffffffffed) return BAD;
  feFromBytes(s, bytes);
  feSquare(t0, s);
  feSub(u1, ONE, t0);
  feAdd(u2, ONE, t0);
  feSquare(t1, u2);
  feSquare(v, u1);
  feMul(v, v, NEGATIVE_D);
  feSub(v, v, t1);
  let found = false;
  if (hint != 0) {
    feFromBytes(root, hint);
    found = isRoot(false);
  }
  if (!found) {
    feSquare(t1, u2);
    feMul(t2, v, t1);
    feInverseRoot(root, t2);
    if (!isRoot(true)) return BAD;
  }
  feMul(t0, root, u2);
  feAddMul(t1, s, s, t0);
  feCanonical(t1, t1); // x
  if (feIsOdd(t1)) {
    feNegate(t1, t1);
    feCanonical(t1, t1);
  }
  feMul(t2, u1, denY);
  feCanonical(t2, t2); // y
  feMul(t3, t1, t2);
  feCanonical(t3, t3); // t
  if (feIsOdd(t3) || feIsZero(t2)) return BAD;
  feHalfSum(o + MINUS, t2, t1, -1);
  feHalfSum(o + PLUS, t2, t1, 1);
  feMul(o + DT, t3, D);
  if (hintOut != 0) {
    feCanonical(t0, root);
    feToBytes(hintOut, t0);
  }
  return (w0 | w1 | w2 | w3) == 0 ? IDENTITY : GOOD;
}

/** (y − x)/2 = (y + x)/2 = 1/2, for the places of strings that are no points. */
export function setIdentityCached(o: usize): void {
  memory.fill(t0, 0, FE);
  feHalfSum(o + MINUS, ONE, t0, 1);
  feHalfSum(o + PLUS, ONE, t0, 1);
  memory.fill(o + DT, 0, FE);
}

/**
 * `count` points; one status byte each. Returns how many are not good (bad, or the identity). `hints` and `hintsOut`: 32 bytes
 * each per point, or 0.
 */
export function decodePoints(o: usize, bytes: usize, count: i32, hints: usize, hintsOut: usize, status: usize): i32 {
  let special = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const at: usize = 32 * i;
    const result = decodePoint(o + CACHED * i, bytes + at, hints == 0 ? 0 : hints + at, hintsOut == 0 ? 0 : hintsOut + at);
    store<u8>(status + i, <u8>result);
    if (result != GOOD) special++;
    if (result == BAD) setIdentityCached(o + CACHED * i);
  }
  return special;
}
