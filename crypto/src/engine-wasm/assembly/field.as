// Integers modulo p = 2^255 − 19: bytes, canonical form, constants, and powers.
import { feMul, feSquare, feSquareTimes } from "./field.generated";

/** Bytes of a field element: nine i32 limbs of 29 bits. */
export const FE: usize = 36;

const MASK: i64 = 0x1fffffff;
const TOP: i64 = 0x7fffff;

export function feCopy(o: usize, a: usize): void {
  memory.copy(o, a, FE);
}

/** The low 255 bits of 32 bytes, little-endian. */
export function feFromBytes(o: usize, bytes: usize): void {
  const w0 = load<u64>(bytes, 0);
  const w1 = load<u64>(bytes, 8);
  const w2 = load<u64>(bytes, 16);
  const w3 = load<u64>(bytes, 24);
  i64.store32(o, w0 & MASK, 0);
  i64.store32(o, (w0 >> 29) & MASK, 4);
  i64.store32(o, ((w0 >> 58) | (w1 << 6)) & MASK, 8);
  i64.store32(o, (w1 >> 23) & MASK, 12);
  i64.store32(o, ((w1 >> 52) | (w2 << 12)) & MASK, 16);
  i64.store32(o, (w2 >> 17) & MASK, 20);
  i64.store32(o, ((w2 >> 46) | (w3 << 18)) & MASK, 24);
  i64.store32(o, (w3 >> 11) & MASK, 28);
  i64.store32(o, (w3 >> 40) & TOP, 32);
}

/** The representative in 0..p−1, limbs in 0..2^29−1, of limbs of any i32 value. */
export function feCanonical(o: usize, a: usize): void {
  let r0 = i64.load32_s(a, 0);
  let r1 = i64.load32_s(a, 4);
  let r2 = i64.load32_s(a, 8);
  let r3 = i64.load32_s(a, 12);
  let r4 = i64.load32_s(a, 16);
  let r5 = i64.load32_s(a, 20);
  let r6 = i64.load32_s(a, 24);
  let r7 = i64.load32_s(a, 28);
  let r8 = i64.load32_s(a, 32);
  // The first pass leaves −2^15 < r < 2^255 + 2^15, the second 0 ≤ r < 2^255; the last subtracts p if r + 19 reaches 2^255.
  for (let pass = 0; pass < 3; pass++) {
    let fold: i64;
    if (pass < 2) {
      r1 += r0 >> 29; r0 &= MASK;
      r2 += r1 >> 29; r1 &= MASK;
      r3 += r2 >> 29; r2 &= MASK;
      r4 += r3 >> 29; r3 &= MASK;
      r5 += r4 >> 29; r4 &= MASK;
      r6 += r5 >> 29; r5 &= MASK;
      r7 += r6 >> 29; r6 &= MASK;
      r8 += r7 >> 29; r7 &= MASK;
      fold = r8 >> 23;
      r8 &= TOP;
    } else {
      fold = (r0 + 19) >> 29;
      fold = (r1 + fold) >> 29;
      fold = (r2 + fold) >> 29;
      fold = (r3 + fold) >> 29;
      fold = (r4 + fold) >> 29;
      fold = (r5 + fold) >> 29;
      fold = (r6 + fold) >> 29;
      fold = (r7 + fold) >> 29;
      fold = (r8 + fold) >> 23;
    }
    r0 += 19 * fold;
  }
  r1 += r0 >> 29; r0 &= MASK;
  r2 += r1 >> 29; r1 &= MASK;
  r3 += r2 >> 29; r2 &= MASK;
  r4 += r3 >> 29; r3 &= MASK;
  r5 += r4 >> 29; r4 &= MASK;
  r6 += r5 >> 29; r5 &= MASK;
  r7 += r6 >> 29; r6 &= MASK;
  r8 += r7 >> 29; r7 &= MASK;
  r8 &= TOP;
  i64.store32(o, r0, 0);
  i64.store32(o, r1, 4);
  i64.store32(o, r2, 8);
  i64.store32(o, r3, 12);
  i64.store32(o, r4, 16);
  i64.store32(o, r5, 20);
  i64.store32(o, r6, 24);
  i64.store32(o, r7, 28);
  i64.store32(o, r8, 32);
}

/** 32 bytes of a canonical element. */
export function feToBytes(bytes: usize, a: usize): void {
  const r0 = <u64>i64.load32_u(a, 0);
  const r1 = <u64>i64.load32_u(a, 4);
  const r2 = <u64>i64.load32_u(a, 8);
  const r3 = <u64>i64.load32_u(a, 12);
  const r4 = <u64>i64.load32_u(a, 16);
  const r5 = <u64>i64.load32_u(a, 20);
  const r6 = <u64>i64.load32_u(a, 24);
  const r7 = <u64>i64.load32_u(a, 28);
  const r8 = <u64>i64.load32_u(a, 32);
  store<u64>(bytes, r0 | (r1 << 29) | (r2 << 58), 0);
  store<u64>(bytes, (r2 >> 6) | (r3 << 23) | (r4 << 52), 8);
  store<u64>(bytes, (r4 >> 12) | (r5 << 17) | (r6 << 46), 16);
  store<u64>(bytes, (r6 >> 18) | (r7 << 11) | (r8 << 40), 24);
}

/** Of canonical elements, whose limbs are unique. */
export function feIsOdd(a: usize): bool {
  return (load<u32>(a) & 1) != 0;
}

export function feIsZero(a: usize): bool {
  return (load<u32>(a, 32) | <u32>((load<u64>(a, 0) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) != 0)) == 0;
}

export function feIsOne(a: usize): bool {
  return load<u64>(a) == 1 && (load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0 && load<u32>(a, 32) == 0;
}

/** p − 1 */
export function feIsMinusOne(a: usize): bool {
  return (
    load<u64>(a) == 0x1fffffff1fffffec &&
    (load<u64>(a, 8) & load<u64>(a, 16) & load<u64>(a, 24)) == 0x1fffffff1fffffff &&
    load<u32>(a, 32) == 0x7fffff
  );
}

/** −a, for limbs above −2^31. */
export function feNegate(o: usize, a: usize): void {
  for (let i: usize = 0; i < FE; i += 4) store<i32>(o + i, -load<i32>(a + i));
}

/** (a + sign · b) / 2 for canonical a, b: p is added where the sum is odd, so that halving is exact. */
export function feHalfSum(o: usize, a: usize, b: usize, sign: i64): void {
  let low = i64.load32_s(a) + sign * i64.load32_s(b);
  const odd = low & 1;
  low -= 19 * odd;
  for (let i: usize = 0; i < 32; i += 4) {
    let next = i64.load32_s(a + i, 4) + sign * i64.load32_s(b + i, 4);
    if (i == 28) next += odd << 23;
    i64.store32(o + i, (low >> 1) + ((next & 1) << 28));
    low = next;
  }
  i64.store32(o, low >> 1, 32);
}

const P2: usize = memory.data(36, 16);
const P4: usize = memory.data(36, 16);
const P10: usize = memory.data(36, 16);
const P20: usize = memory.data(36, 16);
const P40: usize = memory.data(36, 16);
const P80: usize = memory.data(36, 16);

/** a^((p−5)/8) = a^(2^252 − 3); o differs from a. */
function fePower(o: usize, a: usize): void {
  feSquare(P2, a);
  feMul(P2, P2, a);
  feSquareTimes(P4, P2, 2);
  feMul(P4, P4, P2);
  feSquare(P4, P4);
  // a^(2^5 − 1), then 10, 20, 40, 80, 160, 240, 250 ones.
  feMul(P4, P4, a);
  feSquareTimes(P10, P4, 5);
  feMul(P10, P10, P4);
  feSquareTimes(P20, P10, 10);
  feMul(P20, P20, P10);
  feSquareTimes(P40, P20, 20);
  feMul(P40, P40, P20);
  feSquareTimes(P80, P40, 40);
  feMul(P80, P80, P40);
  feSquareTimes(o, P80, 80);
  feMul(o, o, P80);
  feSquareTimes(o, o, 80);
  feMul(o, o, P80);
  feSquareTimes(o, o, 10);
  feMul(o, o, P10);
  feSquareTimes(o, o, 2);
  feMul(o, o, a);
}

const W3: usize = memory.data(36, 16);
const W7: usize = memory.data(36, 16);

/** r with r²·w ∈ {1, −1, √−1, −√−1} for w ≠ 0 (RFC 9496 section 4.2 with u = 1); 0 for w = 0. o differs from w. */
export function feInverseRoot(o: usize, w: usize): void {
  feSquare(W3, w);
  feMul(W3, W3, w);
  feSquare(W7, W3);
  feMul(W7, W7, w);
  fePower(o, W7);
  feMul(o, o, W3);
}
