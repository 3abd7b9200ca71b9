// Integers modulo the order l = 2^252 + 27742317777372353535851937790883648493, as little-endian u32 words. Sums of products are
// collected in sixteen words (512 bits) and reduced once.
export const ORDER: usize = memory.data<u32>([
  0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000,
]);

/** Bytes of a sum of products. */
export const WIDE: usize = 64;

/** o = a + b mod 2^256 */
export function scalarAdd256(o: usize, a: usize, b: usize): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    carry += <u64>load<u32>(a + i) + <u64>load<u32>(b + i);
    store<u32>(o + i, <u32>carry);
    carry >>= 32;
  }
}

/** o = a − b mod 2^256 */
export function scalarSubtract256(o: usize, a: usize, b: usize): void {
  let carry: i64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    carry += <i64>load<u32>(a + i) - <i64>load<u32>(b + i);
    store<u32>(o + i, <u32>carry);
    carry >>= 32;
  }
}

/** a > b, 256 bits without sign */
export function isAbove(a: usize, b: usize): bool {
  for (let i: isize = 24; i >= 0; i -= 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    if (x != y) return x > y;
  }
  return false;
}

/** 0 ≤ a < l */
export function isCanonicalScalar(a: usize): bool {
  return isAbove(ORDER, a);
}

/** o = a − b mod l, for a, b below l */
export function scalarSubtract(o: usize, a: usize, b: usize): void {
  const borrows = isAbove(b, a);
  scalarSubtract256(o, a, b);
  if (borrows) scalarAdd256(o, o, ORDER);
}

/** out (words of a and b together) = a · b */
function multiplyWords(out: usize, a: usize, aWords: i32, b: usize, bWords: i32): void {
  memory.fill(out, 0, 4 * <usize>bWords);
  for (let i: usize = 0; i < 4 * <usize>aWords; i += 4) {
    const x = <u64>load<u32>(a + i);
    let carry: u64 = 0;
    for (let j: usize = 0; j < 4 * <usize>bWords; j += 4) {
      carry += x * <u64>load<u32>(b + j) + <u64>load<u32>(out + i + j);
      store<u32>(out + i + j, <u32>carry);
      carry >>= 32;
    }
    store<u32>(out + i + 4 * <usize>bWords, <u32>carry);
  }
}

const product: usize = memory.data(64, 16);

/** sum += weight · scalar · factor; weight 128 bits, scalar 256 bits, sum 512 bits. */
export function addProduct(sum: usize, weight: usize, scalar: usize): void {
  multiplyWords(product, weight, 4, scalar, 8);
  addWide(sum, product, 12, 1);
}

/** product (twelve words) = weight · scalar */
export function weigh(out: usize, weight: usize, scalar: usize): void {
  multiplyWords(out, weight, 4, scalar, 8);
}

/** sum (sixteen words) += factor · a (`words` words) */
export function addWide(sum: usize, a: usize, words: i32, factor: u32): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < WIDE; i += 4) {
    carry += <u64>load<u32>(sum + i);
    if (i < 4 * <usize>words) carry += <u64>load<u32>(a + i) * factor;
    store<u32>(sum + i, <u32>carry);
    carry >>= 32;
  }
}

const high1: usize = memory.data(40, 16);
const high2: usize = memory.data(40, 16);
const fold1: usize = memory.data(64, 16);
const fold2: usize = memory.data(64, 16);
const fold3: usize = memory.data(64, 16);
const rest: usize = memory.data(40, 16);

/** words of a from bit 252 upwards */
function above252(o: usize, a: usize, aWords: i32, words: i32): void {
  for (let i = 0; i < words; i++) {
    const at = 7 + i;
    const low = at < aWords ? load<u32>(a + 4 * <usize>at) >> 28 : 0;
    const high = at + 1 < aWords ? load<u32>(a + 4 * <usize>(at + 1)) << 4 : 0;
    store<u32>(o + 4 * <usize>i, low | high);
  }
}

/** rest (nine words, signed) += sign · the low 252 bits of a */
function addLow252(a: usize, sign: i64): void {
  let carry: i64 = 0;
  for (let i: usize = 0; i < 36; i += 4) {
    let word: i64 = i < 32 ? <i64>load<u32>(a + i) : 0;
    if (i == 28) word &= 0x0fffffff;
    carry += <i64>load<u32>(rest + i) + sign * word;
    store<u32>(rest + i, <u32>carry);
    carry >>= 32;
  }
}

/**
 * o = a mod l, a of sixteen words. With δ = l − 2^252 and a = low + 2^252·h: a ≡ low − δh, three times, each with a shorter h;
 * the signs alternate.
 */
export function reduceWide(o: usize, a: usize): void {
  memory.fill(rest, 0, 36);
  addLow252(a, 1);
  above252(high1, a, 16, 9);
  multiplyWords(fold1, ORDER, 4, high1, 9);
  addLow252(fold1, -1);
  above252(high2, fold1, 13, 6);
  multiplyWords(fold2, ORDER, 4, high2, 6);
  addLow252(fold2, 1);
  above252(high1, fold2, 10, 3);
  multiplyWords(fold3, ORDER, 4, high1, 3);
  memory.fill(fold3 + 28, 0, 4);
  addLow252(fold3, -1);
  // Now −2^253 < rest < 2^253.
  while (load<i32>(rest, 32) < 0) {
    scalarCarry(1);
  }
  while (load<u32>(rest, 32) != 0 || !isCanonicalScalar(rest)) scalarCarry(-1);
  memory.copy(o, rest, 32);
}

/** rest += sign · l, nine words */
function scalarCarry(sign: i64): void {
  let carry: i64 = 0;
  for (let i: usize = 0; i < 36; i += 4) {
    carry += <i64>load<u32>(rest + i);
    if (i < 32) carry += sign * <i64>load<u32>(ORDER + i);
    store<u32>(rest + i, <u32>carry);
    carry >>= 32;
  }
}

const wide: usize = memory.data(64, 16);

/** Reduces `count` scalars of 256 bits mod l, in place. */
export function reduceScalars(scalars: usize, count: i32): void {
  for (let i = 0; i < count; i++, scalars += 32)
    if (!isCanonicalScalar(scalars)) {
      memory.fill(wide, 0, WIDE);
      memory.copy(wide, scalars, 32);
      reduceWide(scalars, wide);
    }
}

const ZERO: usize = memory.data(32, 16);

/** o = −a mod l, a of sixteen words */
export function reduceNegated(o: usize, a: usize): void {
  reduceWide(o, a);
  scalarSubtract(o, ZERO, o);
}
