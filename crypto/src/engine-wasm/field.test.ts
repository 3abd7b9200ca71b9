import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limbValue, mod, P, RawKernel } from "../testing/engine-wasm/raw-kernel.ts";

const raw = new RawKernel();
const { kernel, arena } = raw;

/** Limbs anywhere within a bound, with a liking for the bound itself: limb-bounds.test.ts proves these bounds. */
const limbs = (bound: number) =>
  fc.array(
    fc.oneof(fc.constantFrom(bound, -bound, bound - 1, 1 - bound, 0, 1, -1), fc.integer({ min: -bound, max: bound })),
    { minLength: 9, maxLength: 9 },
  );
const ANY = 2 ** 31 - 1;
const SUM = 2 ** 29;
const WIDE = 2 ** 30;
const CARRIED = 2 ** 28 + 2 ** 17;
const special = [0n, 1n, 2n, 19n, P - 2n, P - 1n, P, P + 1n, 2n ** 254n, 2n ** 255n - 20n, 2n ** 255n - 1n];
const element = fc.oneof(fc.constantFrom(...special), fc.bigInt({ min: 0n, max: 2n ** 255n - 1n }));

function inverse(a: bigint): bigint {
  let [power, result] = [mod(a), 1n];
  for (let e = P - 2n; e > 0n; e >>= 1n) {
    if ((e & 1n) === 1n) result = mod(result * power);
    power = mod(power * power);
  }
  return result;
}

describe("field arithmetic of the module, against BigInt", () => {
  const scoped = <T>(use: () => T) => arena.scope(use);

  it("reads and writes bytes, reduced", () => {
    for (const value of special) scoped(() => expect(raw.value(raw.element(value))).toBe(mod(value)));
    fc.assert(fc.property(element, (value) => scoped(() => raw.value(raw.element(value)) === mod(value))));
  });

  it("ignores the bit 255", () => {
    scoped(() => expect(raw.value(raw.element(2n ** 255n + 5n))).toBe(5n));
  });

  it("reduces limbs of any 32-bit values to the canonical ones", () => {
    const check = (each: readonly number[]) =>
      scoped(() => {
        const { limbs: reduced, value } = raw.result((o) => kernel.feCanonical(o, raw.limbs(each)));
        expect(value).toBe(mod(limbValue(each)));
        expect(limbValue(reduced)).toBe(value);
        for (const [i, limb] of reduced.entries()) expect(limb >= 0 && limb < (i === 8 ? 2 ** 23 : 2 ** 29)).toBe(true);
      });
    for (const limb of [ANY, -ANY, -(2 ** 31), 2 ** 29 - 1, 2 ** 29, -(2 ** 29), 0, -1]) check(new Array(9).fill(limb));
    // p itself, and its neighbours, in canonical limbs: the last conditional subtraction.
    for (const low of [-21, -20, -19, -18, -1, 0, 1])
      check([2 ** 29 + low, ...new Array(7).fill(2 ** 29 - 1), 2 ** 23 - 1]);
    fc.assert(fc.property(limbs(ANY), (each) => check(each)));
  });

  it("multiplies within its bounds", () => {
    const check = (a: readonly number[], b: readonly number[]) =>
      scoped(() => {
        const { limbs: out, value } = raw.result((o) => kernel.feMul(o, raw.limbs(a), raw.limbs(b)));
        expect(value).toBe(mod(limbValue(a) * limbValue(b)));
        for (const limb of out) expect(Math.abs(limb)).toBeLessThanOrEqual(CARRIED);
      });
    for (const x of [WIDE, -WIDE]) for (const y of [SUM, -SUM]) check(new Array(9).fill(x), new Array(9).fill(y));
    for (let i = 0; i < 9; i++)
      for (let j = 0; j < 9; j++)
        check(
          Array.from({ length: 9 }, (_, k) => (k === i ? WIDE : 0)),
          Array.from({ length: 9 }, (_, k) => (k === j ? -SUM : 0)),
        );
    fc.assert(fc.property(limbs(WIDE), limbs(SUM), check), { numRuns: 500 });
  });

  it("multiplies sums and differences", () => {
    fc.assert(
      fc.property(limbs(SUM), limbs(SUM), limbs(SUM), (a, b, c) =>
        scoped(() => {
          const [x, y, z] = [a, b, c].map((each) => raw.limbs(each)) as [number, number, number];
          const [va, vb, vc] = [a, b, c].map(limbValue) as [bigint, bigint, bigint];
          expect(raw.result((o) => kernel.feAddMul(o, x, y, z)).value).toBe(mod((va + vb) * vc));
          expect(raw.result((o) => kernel.feSubMul(o, x, y, z)).value).toBe(mod((va - vb) * vc));
          expect(raw.result((o) => kernel.feAdd(o, x, y)).value).toBe(mod(va + vb));
          expect(raw.result((o) => kernel.feSub(o, x, y)).value).toBe(mod(va - vb));
        }),
      ),
    );
  });

  it("squares, once and often", () => {
    const check = (a: readonly number[], times: number) =>
      scoped(() => {
        const x = raw.limbs(a);
        let expected = mod(limbValue(a));
        expect(raw.result((o) => kernel.feSquare(o, x)).value).toBe(mod(expected * expected));
        for (let i = 0; i < times; i++) expected = mod(expected * expected);
        const { limbs: out, value } = raw.result((o) => kernel.feSquareTimes(o, x, times));
        expect(value).toBe(expected);
        for (const limb of out) expect(Math.abs(limb)).toBeLessThanOrEqual(CARRIED);
      });
    for (const x of [SUM, -SUM]) check(new Array(9).fill(x), 3);
    fc.assert(fc.property(limbs(SUM), fc.integer({ min: 1, max: 12 }), check));
  });

  it("works in place", () => {
    fc.assert(
      fc.property(limbs(SUM), limbs(SUM), (a, b) =>
        scoped(() => {
          const [x, y] = [raw.limbs(a), raw.limbs(b)];
          kernel.feMul(x, x, y);
          kernel.feMul(y, x, y);
          kernel.feSquare(x, x);
          const product = limbValue(a) * limbValue(b);
          expect(raw.value(y)).toBe(mod(product * limbValue(b)));
          expect(raw.value(x)).toBe(mod(product * product));
        }),
      ),
    );
  });

  it("halves sums and differences of canonical elements", () => {
    const half = inverse(2n);
    const check = (a: bigint, b: bigint) =>
      scoped(() => {
        const [x, y] = [a, b].map((each) => raw.element(mod(each))) as [number, number];
        expect(raw.result((o) => kernel.feHalfSum(o, x, y, 1n)).value).toBe(mod((a + b) * half));
        expect(raw.result((o) => kernel.feHalfSum(o, x, y, -1n)).value).toBe(mod((a - b) * half));
      });
    for (const a of special) for (const b of special) check(a, b);
    fc.assert(fc.property(element, element, check));
  });

  it("finds roots of inverses up to a fourth root of one, and zero for zero", () => {
    const i = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;
    fc.assert(
      fc.property(element, (w) =>
        scoped(() => {
          const { value: r } = raw.result((o) => kernel.feInverseRoot(o, raw.element(w)));
          expect(mod(w) === 0n ? [0n] : [1n, P - 1n, i, P - i]).toContain(mod(r * r * w));
        }),
      ),
    );
  });
});
