/** Unbiased draws from the platform's random bytes. */
import type { Surroundings } from "./transport.ts";

type Source = Pick<Surroundings, "random">;

/** Uniform in 0..bound−1, 1 ≤ bound ≤ 2^32, by rejection. */
export function uniformBelow(source: Source, bound: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) throw new RangeError("a bound in 1..2^32");
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const bytes = source.random(4);
    const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (value < limit) return value % bound;
  }
}

/** `size` of `items`, every subset equally likely, in the order of `items`. */
export function drawSubset<T>(source: Source, items: readonly T[], size: number): T[] {
  if (size > items.length) throw new RangeError("more than there are");
  const order = items.map((_, i) => i);
  for (let i = 0; i < size; i++) {
    const j = i + uniformBelow(source, order.length - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order
    .slice(0, size)
    .sort((a, b) => a - b)
    .map((i) => items[i]!);
}
