/** A source that answers differently when it is asked again: what was verified must be what is used. */
import { concatBytes, decodePoint, encodePoint, type Point, unwrap } from "@hanpyo/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle, decodeEntry, encodeBundle, encodeEntry, parseTilePath } from "../log/index.ts";
import { decodeBallot, encodeBallot } from "../record/ballot-entry.ts";
import { honestElection } from "../testing/kit/honest.ts";
import { sourceOf } from "../testing/kit/publish.ts";
import { type Played, type Run, replay } from "../testing/kit/run.ts";
import { classSums, tallyStep } from "../testing/kit/tally-steps.ts";
import { replaced } from "../testing/kit/tamper.ts";
import { UnreadableSource, verifyElection } from "./index.ts";
import type { RecordSource } from "./source.ts";

let honest: Played;
beforeAll(async () => {
  honest = await honestElection();
});

/** Component by component. */
function combined(a: Uint8Array, b: Uint8Array, how: (x: Point, y: Point) => Point): Uint8Array {
  const at = (bytes: Uint8Array, i: number) => unwrap(decodePoint(bytes.subarray(32 * i, 32 * i + 32)));
  return concatBytes(...Array.from({ length: a.length / 32 }, (_, i) => encodePoint(how(at(a, i), at(b, i)))));
}
const product = (a: Uint8Array, b: Uint8Array) => combined(a, b, (x, y) => x.add(y));
const quotient = (a: Uint8Array, b: Uint8Array) => combined(a, b, (x, y) => x.subtract(y));

/** The record as it is when it is read first; later reads of its entries go through `change`. */
function changing(
  run: Run,
  change: (entries: readonly Uint8Array[]) => readonly Uint8Array[],
  after = 2,
): RecordSource {
  const source = sourceOf(run);
  let reads = 0;
  const file = async (path: string) => {
    const bytes = await source.record.file(path);
    const tile = parseTilePath(path);
    if (!bytes || !tile.ok || ++reads <= after) return bytes;
    return encodeBundle(change(unwrap(decodeBundle(bytes, tile.value.width))));
  };
  return { ...source, record: { ...source.record, file } };
}

describe("a source that gives other bytes of a replaced ballot when it is asked again", () => {
  it("cannot make a false tally look like the product of the ballots", async () => {
    // Contest 0 of the class of ballot 0 loses one counted ballot; the re-read hides it.
    const replacedDelta = honest.run.deltas.find(({ replaces }) => replaces !== null)!;
    const index = replacedDelta.replaces!;
    const item = replacedDelta.class;
    const others = honest.run.deltas.map(({ replaces }) => replaces);
    const victim = honest.run.deltas.find((it) => it.class === item && !others.includes(it.entry))!;
    const stolen = honest.run.ballots.get(victim.entry)!.core.contests[0]!.ciphertexts;
    const script = replaced(
      honest.script,
      "encrypted tally",
      tallyStep("encrypted tally", (it, run) => {
        expect(classSums(run)[0]![item]).toBeDefined();
        const [contest, ...rest] = it.contests;
        const sets = contest!.opened.map((set) =>
          set.classes.includes(item) ? { ...set, sums: quotient(set.sums, stolen) } : set,
        );
        return { contests: [{ ...contest!, opened: sets }, ...rest] };
      }),
    );
    const run = await replay(honest, script);
    const plain = await verifyElection(sourceOf(run));
    expect(plain.verdict).toBe("failed");
    const source = changing(run, (entries) =>
      entries.map((bytes, i) => {
        if (i !== index) return bytes;
        const entry = unwrap(decodeEntry(bytes));
        const ballot = unwrap(decodeBallot(entry.payload));
        const [first, ...rest] = ballot.core.contests;
        const contests = [{ ...first!, ciphertexts: product(first!.ciphertexts, stolen) }, ...rest];
        return encodeEntry({ ...entry, payload: encodeBallot({ ...ballot, core: { ...ballot.core, contests } }) });
      }),
    );
    await expect(verifyElection(source)).rejects.toThrow(UnreadableSource);
  });
});
