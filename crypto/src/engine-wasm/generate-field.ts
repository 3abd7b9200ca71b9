/**
 * Writes `assembly/field.generated.as`: arithmetic modulo 2^255 − 19 on nine signed limbs of 29 bits, unrolled, because engines
 * keep locals in registers but not the elements of an array. Stored as nine i32, computed on as i64.
 *
 * A product has seventeen columns. The upper eight are carried first, then folded down by 2^261 ≡ 1216 (mod p); 2^28 is added
 * to each lower column and taken away after the carries, so that limbs come out between −2^28 and 2^28 and a sum of two of them
 * still multiplies without overflow. `limb-bounds.test.ts` proves that from the emitted text.
 */
const LIMBS = 9;
const BITS = 29;
const MASK = `${2 ** BITS - 1}`;
const HALF = `${2 ** (BITS - 1)}`;
/** 2^261 mod p */
const FOLD = 1216;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const lines = (from: number, to: number, text: (i: number) => string) => range(from, to).map(text).join("\n");

const load = (name: string, pointer: string) =>
  lines(0, LIMBS, (i) => `  const ${name}${i}: i64 = i64.load32_s(${pointer}, ${4 * i});`);
const store = (name: string, pointer: string) =>
  lines(0, LIMBS, (i) => `  i64.store32(${pointer}, ${name}${i}, ${4 * i});`);

/** The columns of a square. */
function squareColumns(): string[] {
  return range(0, 2 * LIMBS - 1).map((k) => {
    const terms: string[] = [];
    for (let i = Math.max(0, k - LIMBS + 1); 2 * i <= k; i++) terms.push(`${2 * i === k ? "a" : "d"}${i} * a${k - i}`);
    return terms.join(" + ");
  });
}

/**
 * The columns of a product by Karatsuba over three blocks of three limbs: 54 multiplications instead of 81. Partial sums may
 * leave 64 bits; the columns do not, and the arithmetic between is a ring.
 */
function karatsuba(): { readonly text: string[]; readonly columns: string[] } {
  const text: string[] = [];
  const block = (name: string, a: (i: number) => string, b: (i: number) => string) => {
    for (const k of range(0, 5)) {
      const terms: string[] = [];
      for (const i of range(0, 3)) if (k - i >= 0 && k - i < 3) terms.push(`${a(i)} * ${b(k - i)}`);
      text.push(`  const ${name}${k}: i64 = ${terms.join(" + ")};`);
    }
  };
  for (const [x, y] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    for (const i of range(0, 3)) {
      text.push(`  const s${x}${y}${i}: i64 = a${3 * x + i} + a${3 * y + i};`);
      text.push(`  const t${x}${y}${i}: i64 = b${3 * x + i} + b${3 * y + i};`);
    }
  for (const x of [2, 1, 0])
    block(
      `p${x}_`,
      (i) => `a${3 * x + i}`,
      (i) => `b${3 * x + i}`,
    );
  for (const [x, y] of [
    [1, 2],
    [0, 2],
    [0, 1],
  ] as const)
    block(
      `q${x}${y}_`,
      (i) => `s${x}${y}${i}`,
      (i) => `t${x}${y}${i}`,
    );
  const parts: string[][] = range(0, 2 * LIMBS - 1).map(() => []);
  for (const k of range(0, 5)) {
    parts[k]!.push(`p0_${k}`);
    parts[k + 3]!.push(`(q01_${k} - p0_${k} - p1_${k})`);
    parts[k + 6]!.push(`(q02_${k} - p0_${k} + p1_${k} - p2_${k})`);
    parts[k + 9]!.push(`(q12_${k} - p1_${k} - p2_${k})`);
    parts[k + 12]!.push(`p2_${k}`);
  }
  return { text, columns: parts.map((each) => each.join(" + ")) };
}

/** From limbs a (and b, or doubles d of a) to a reduced product, as statements; `result` says what becomes of its limb k. */
function product(square: boolean, result: (k: number, expression: string) => string): string {
  const doubles = range(0, LIMBS - 1).map((i) => `  const d${i}: i64 = a${i} + a${i};`);
  const { text, columns } = square ? { text: doubles, columns: squareColumns() } : karatsuba();
  for (const k of range(LIMBS, 2 * LIMBS - 1)) {
    const carry = k === LIMBS ? "" : ` + (h${k - 1} >> ${BITS})`;
    text.push(`  const h${k}: i64 = ${columns[k]}${carry};`);
  }
  const top = 2 * LIMBS - 1;
  text.push(`  const h${top}: i64 = h${top - 1} >> ${BITS};`);
  for (const k of range(0, LIMBS)) {
    const high = k + LIMBS === top ? `h${top}` : `(h${k + LIMBS} & ${MASK})`;
    text.push(`  let c${k}: i64 = ${columns[k]} + ${high} * ${FOLD} + ${HALF};`);
  }
  // Two chains, so that the processor works on both at once.
  for (const [from, to] of [
    [0, 1],
    [4, 5],
    [1, 2],
    [5, 6],
    [2, 3],
    [6, 7],
    [3, 4],
    [7, 8],
    [4, 5],
    [8, 0],
    [0, 1],
  ] as const) {
    text.push(`  c${to} = c${to} + (c${from} >> ${BITS})${to === 0 ? ` * ${FOLD}` : ""};`);
    text.push(`  c${from} = c${from} & ${MASK};`);
  }
  for (const k of range(0, LIMBS)) text.push(result(k, `c${k} - ${HALF}`));
  return text.join("\n");
}

const constant = (k: number, expression: string) => `  const r${k}: i64 = ${expression};`;

function binary(name: string, doc: string, limb: (i: number) => string): string {
  return `/** ${doc} */
export function ${name}(o: usize, a: usize, b: usize): void {
${lines(0, LIMBS, (i) => `  i64.store32(o, i64.load32_s(a, ${4 * i}) ${limb(i)} i64.load32_s(b, ${4 * i}), ${4 * i});`)}
}
`;
}

const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const SQRT_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;
/** 1/√(a − d), RFC 9496 section 4.1. */
const INVERSE_SQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578n;

function constantElement(name: string, value: bigint): string {
  const limbs = range(0, LIMBS).map((i) => (value >> BigInt(BITS * i)) & BigInt(MASK));
  return `export const ${name}: usize = memory.data<i32>([${limbs.join(", ")}]);`;
}

/** The file's text. */
export function fieldSource(): string {
  return `// Generated by generate-field.ts: do not edit.

${constantElement("ONE", 1n)}
/** d of the curve, −d and 2d. */
${constantElement("D", D)}
${constantElement("NEGATIVE_D", P - D)}
${constantElement("DOUBLE_D", (2n * D) % P)}
${constantElement("SQRT_MINUS_ONE", SQRT_MINUS_ONE)}
/** 1/√(a − d) */
${constantElement("INVERSE_SQRT_A_MINUS_D", INVERSE_SQRT_A_MINUS_D)}

/** o = a · b */
export function feMul(o: usize, a: usize, b: usize): void {
${load("a", "a")}
${load("b", "b")}
${product(false, constant)}
${store("r", "o")}
}

/** o = (a + b) · c */
export function feAddMul(o: usize, a: usize, b: usize, c: usize): void {
${lines(0, LIMBS, (i) => `  const a${i}: i64 = i64.load32_s(a, ${4 * i}) + i64.load32_s(b, ${4 * i});`)}
${load("b", "c")}
${product(false, constant)}
${store("r", "o")}
}

/** o = (a − b) · c */
export function feSubMul(o: usize, a: usize, b: usize, c: usize): void {
${lines(0, LIMBS, (i) => `  const a${i}: i64 = i64.load32_s(a, ${4 * i}) - i64.load32_s(b, ${4 * i});`)}
${load("b", "c")}
${product(false, constant)}
${store("r", "o")}
}

/** o = a^(2^n), n ≥ 1 */
export function feSquareTimes(o: usize, a: usize, n: i32): void {
${lines(0, LIMBS, (i) => `  let a${i}: i64 = i64.load32_s(a, ${4 * i});`)}
  do {
${product(true, (k, expression) => `  a${k} = ${expression};`)}
  } while (--n > 0);
${store("a", "o")}
}

/** o = a² */
export function feSquare(o: usize, a: usize): void {
${load("a", "a")}
${product(true, constant)}
${store("r", "o")}
}

${binary("feAdd", "o = a + b, without a carry", () => "+")}
${binary("feSub", "o = a − b, without a carry", () => "-")}`;
}
