import { expect, it } from "vitest";
import { ballotViewConformance } from "../testing/kit/ballot-view-conformance.ts";
import { MemoryBallotView } from "./memory-ballot-view.ts";

ballotViewConformance(() => {
  const view = new MemoryBallotView();
  return { apply: (delta) => view.apply(delta), view: () => view };
});

it("refuses an entry that does not fit its rows", () => {
  const h = new Uint8Array(32);
  const delta = { entry: 2 ** 32, pseudonym: h, class: 0, h, firstRandomness: h, replaces: null };
  expect(() => new MemoryBallotView().apply(delta)).toThrow(RangeError);
});
