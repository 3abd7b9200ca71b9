import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MixingPool, shuffled } from "./mixing-pool.ts";

describe("shuffled", () => {
  it("gives every order of three about equally often", () => {
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = shuffled([1, 2, 3]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    // 1000 expected, standard deviation 29: a fair shuffle leaves this range once in 10^12 runs.
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(210);
  });

  it("keeps every item once", () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    expect(shuffled(items).sort((a, b) => a - b)).toEqual(items);
  });
});

describe("MixingPool", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("releases a batch mixSeconds after its first item and starts anew", () => {
    const batches: (readonly number[])[] = [];
    const pool = new MixingPool<number>(2, (batch) => batches.push(batch));
    pool.add(1);
    vi.advanceTimersByTime(1500);
    pool.add(2);
    vi.advanceTimersByTime(499);
    expect(batches).toEqual([]);
    expect(pool.size).toBe(2);
    vi.advanceTimersByTime(1);
    expect(batches.map((batch) => [...batch].sort())).toEqual([[1, 2]]);
    pool.add(3);
    vi.advanceTimersByTime(1999);
    expect(batches).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(batches[1]).toEqual([3]);
  });

  it("gives up everything at a flush, once", () => {
    const batches: (readonly number[])[] = [];
    const pool = new MixingPool<number>(60, (batch) => batches.push(batch));
    pool.add(1);
    pool.flush();
    pool.flush();
    vi.advanceTimersByTime(120_000);
    expect(batches).toEqual([[1]]);
  });
});
