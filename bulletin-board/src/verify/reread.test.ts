/** A source that answers differently when it is asked again: what was verified must be what is used. */
import { bytesToHex, concatBytes, decodePoint, encodePoint, type Point, unwrap } from "@hanpyo/crypto";
import { sha384 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle, decodeEntry, encodeBase64, encodeBundle, encodeEntry, parseTilePath } from "../log/index.ts";
import { decodeBallot, encodeBallot } from "../record/ballot-entry.ts";
import { definition, definitionBody } from "../record/definition.ts";
import { decodeRecord, encodeRecord } from "../record/schema/cbor.ts";
import { honestElection } from "../testing/kit/honest.ts";
import { sourceOf } from "../testing/kit/publish.ts";
import { type Played, type Run, replay } from "../testing/kit/run.ts";
import { classSums, tallyStep } from "../testing/kit/tally-steps.ts";
import { after, replaced } from "../testing/kit/tamper.ts";
import { passStep, voters } from "../testing/kit/voters.ts";
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

/** The record with the reads of its entries for whose number (from 1) `when` says so going through `change`. */
function changing(
  run: Run,
  when: (read: number) => boolean,
  change: (entries: readonly Uint8Array[]) => readonly Uint8Array[],
): RecordSource {
  const source = sourceOf(run);
  let reads = 0;
  const file = async (path: string) => {
    const bytes = await source.record.file(path);
    const tile = parseTilePath(path);
    if (!bytes || !tile.ok || !when(++reads)) return bytes;
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
    const source = changing(
      run,
      (read) => read > 2,
      (entries) =>
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

describe("a source that gives another definition when it is read alone", () => {
  it("cannot choose the rules of the pass log", async () => {
    const run = await replay(
      honest,
      after(honest.script, "pass 9", passStep(voters[14]!), passStep(voters[15]!)), // more than certified
    );
    const source = changing(
      run,
      (read) => read === 1,
      ([bytes, ...rest]) => {
        const entry = unwrap(decodeEntry(bytes!));
        const outer = unwrap(decodeRecord(definition, entry.payload));
        const honestBody = unwrap(decodeRecord(definitionBody, outer.body));
        const classes = honestBody.classes.map((item) => ({ ...item, certified: null }));
        const body = encodeRecord(definitionBody, { ...honestBody, rehearsal: false, classes });
        return [encodeEntry({ ...entry, payload: encodeRecord(definition, { ...outer, body }) }), ...rest];
      },
    );
    const report = await verifyElection(source);
    const parts = report.checks.flatMap((check) => check.parts);
    expect(parts.find(({ part }) => part === "18f")?.verdict).toBe("failed");
    expect(report.rehearsal).toBe(true);
  });
});

describe("a reader who knows E", () => {
  it("reads that election and no other", async () => {
    const source = sourceOf(honest.run);
    const election = bytesToHex(honest.run.state.election!);
    expect((await verifyElection(source, { election })).election).toBe(election);
    await expect(verifyElection(source, { election: "00".repeat(32) })).rejects.toThrow("another election");
  });
});

describe("a server that gives a digest list of its own with pages of its own", () => {
  it("fails check 24", async () => {
    const evil = utf8ToBytes("<!doctype html><script>steal()</script>");
    const list = utf8ToBytes(JSON.stringify({ "index.html": `sha384-${encodeBase64(sha384(evil))}` }));
    const { run } = honest;
    const wanted = bytesToHex(run.state.clientDigests!);
    let asked = 0;
    const source = sourceOf(run, {
      document: (hash, bytes) => (hash === wanted && ++asked > 1 ? list : bytes),
    });
    const report = await verifyElection(source, { client: async () => evil });
    expect(report.checks.flatMap(({ parts }) => parts).find(({ part }) => part === "24a")?.verdict).toBe("failed");
    expect(asked).toBeGreaterThan(1);
  });
});
