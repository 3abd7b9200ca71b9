/** The random linear combination of a batch by the TypeScript formulas, to compare an engine's bytes with. */
import { type BatchItem, verifyBallots } from "../../ballot/batch.ts";
import type { Engine } from "../../group/engine.ts";
import { nobleEngine } from "../../group/noble-engine.ts";

/** 32 bytes; the items must have the right form and acceptable points. */
export function plainCombination(
  items: readonly BatchItem[],
  random: (length: number) => Uint8Array,
  engine: Engine = nobleEngine(),
): Uint8Array {
  const sums: Uint8Array[] = [];
  const recording: Engine = {
    name: "recording",
    decode: engine.decode,
    accumulator: engine.accumulator,
    msm(terms) {
      sums.push(engine.msm(terms));
      // The first sum is all that is asked for: the identity ends the bisection.
      return new Uint8Array(32);
    },
  };
  const { failures } = verifyBallots(recording, items, { chunk: Math.max(1, items.length), random });
  if (failures.length > 0 || sums.length !== 1) throw new Error("these items do not reach the combination");
  return sums[0]!;
}
