/** The verdict on one ballot, in tests that must find the batch in agreement with the plain verifier. */
import { expect } from "vitest";
import { type BallotItem, verifyBallots, verifyItem } from "../ballot/batch.ts";
import type { BallotFault } from "../ballot/form.ts";
import { nobleEngine } from "../group/noble-engine.ts";

const engine = nobleEngine();

/** The plain verdict, after the batch was found to agree with it. */
export function verdict(item: BallotItem): BallotFault | "held" {
  const plain = verifyItem(item);
  const { failures, overruled } = verifyBallots(engine, [item]);
  expect(overruled).toEqual([]);
  expect(failures).toEqual(plain.ok ? [] : [{ index: 0, fault: plain.error }]);
  return plain.ok ? "held" : (plain.error as BallotFault);
}

/** The part that fails, or "held". */
export const part = (item: BallotItem) => {
  const found = verdict(item);
  return found === "held" ? found : found.part;
};
