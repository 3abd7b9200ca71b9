import { Secret } from "@hanpyo/crypto";
import { expect, test } from "vitest";
import { holderTag, type Kept, recorded, refused, type Slot, sameBytes, signed, withSlot } from "./kept.ts";

const bytes = (fill: number) => new Uint8Array(32).fill(fill);
const slot = (fill: number): Slot => ({
  tag: bytes(fill),
  seed: bytes(fill),
  passes: [],
  obtainedAt: 0,
  latest: [null],
  pending: [null],
});
const ballot = (fill: number) => ({ h: bytes(fill), code: `code-${fill}`, payload: bytes(fill) });

test("two people on one device keep two slots, the newest first", () => {
  const both = withSlot(withSlot(null, slot(1)), slot(2));
  expect(both.slots.map((it) => it.seed[0])).toEqual([2, 1]);
  const again: Kept = withSlot(both, { ...slot(1), obtainedAt: 5 });
  expect(again.slots.map((it) => [it.seed[0], it.obtainedAt])).toEqual([
    [1, 5],
    [2, 0],
  ]);
});

test("a tag fits one code and one seed only", () => {
  const tag = holderTag(new Secret(bytes(1)), bytes(9));
  expect(sameBytes(tag, holderTag(new Secret(bytes(1)), bytes(9)))).toBe(true);
  expect(sameBytes(tag, holderTag(new Secret(bytes(1)), bytes(8)))).toBe(false);
  expect(sameBytes(tag, holderTag(new Secret(bytes(2)), bytes(9)))).toBe(false);
});

test("a signed ballot is the latest at once, and pending until it is recorded", () => {
  const first = signed(slot(1), 0, ballot(3));
  expect(first.latest[0]?.code).toBe("code-3");
  expect(first.pending[0]?.payload).toEqual(bytes(3));
  expect(recorded(first, 0)).toMatchObject({ latest: [{ code: "code-3" }], pending: [null] });
});

test("a refused ballot gives way to the one before it", () => {
  const second = signed(recorded(signed(slot(1), 0, ballot(3)), 0), 0, ballot(4));
  expect(refused(second, 0)).toMatchObject({ latest: [{ code: "code-3" }], pending: [null] });
  expect(refused(signed(slot(1), 0, ballot(3)), 0).latest).toEqual([null]);
});
