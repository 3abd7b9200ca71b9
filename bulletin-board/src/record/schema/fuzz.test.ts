/** Hostile bytes against every schema of the record: never a throw, and what decodes encodes to the same bytes. */
import { encode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { honestElection } from "../../testing/kit/honest.ts";
import { actBodies, confirmation, proposal, withdrawal } from "../acts.ts";
import { ballot } from "../ballot-entry.ts";
import * as ceremony from "../ceremony-entries.ts";
import { definition, definitionBody } from "../definition.ts";
import { ActTypes, EntryType, isActType } from "../entry-types.ts";
import { passEntry } from "../pass-entry.ts";
import * as tally from "../tally-entries.ts";
import { decodeRecord, encodeRecord } from "./cbor.ts";
import { maxDepth } from "./profile.ts";
import type { Schema } from "./schema.ts";

const payloads: Readonly<Record<number, Schema<unknown>>> = {
  [EntryType.definition]: definition,
  [EntryType.registrarKeys]: ceremony.registrarKeys.signed,
  [EntryType.reveal]: ceremony.reveal.signed,
  [EntryType.shares]: ceremony.shares.signed,
  [EntryType.confirm]: ceremony.confirm.signed,
  [EntryType.complaint]: ceremony.complaint.signed,
  [EntryType.drill]: ceremony.drill.signed,
  [EntryType.proposal]: proposal,
  [EntryType.withdraw]: withdrawal,
  [EntryType.anchor]: tally.anchor,
  [EntryType.ballot]: ballot as Schema<unknown>,
  [EntryType.auditReport]: tally.auditReport,
  [EntryType.close]: tally.close,
  [EntryType.count]: tally.count,
  [EntryType.encryptedTally]: tally.encryptedTally,
  [EntryType.share]: tally.share,
  [EntryType.result]: tally.result,
  [EntryType.pass]: passEntry,
};
const schemaOf = (type: number): Schema<unknown> =>
  isActType(type) ? (confirmation as Schema<unknown>) : payloads[type]!;

/** A valid example per schema, out of the kit's honest election. */
const examples = new Map<string, { readonly schema: Schema<unknown>; readonly bytes: Uint8Array }>();
beforeAll(async () => {
  const { run } = await honestElection();
  const keep = (schema: Schema<unknown>, bytes: Uint8Array) => examples.set(schema.name!, { schema, bytes });
  for (const entry of [...run.record.entries, ...run.passes.entries]) keep(schemaOf(entry[1]!), entry.slice(42));
  keep(definitionBody as Schema<unknown>, encodeRecord(definitionBody, run.state.definition!));
  for (const entry of run.record.entries.filter((each) => each[1] === EntryType.proposal)) {
    const read = decodeRecord(proposal, entry.slice(42));
    if (read.ok && isActType(read.value.act)) keep(actBodies[read.value.act] as Schema<unknown>, read.value.body);
  }
});

const all: readonly Schema<unknown>[] = [
  ...Object.values(payloads),
  confirmation as Schema<unknown>,
  definitionBody as Schema<unknown>,
  ...ActTypes.map((type) => actBodies[type] as Schema<unknown>),
];

/** Decodes; whatever comes out must encode to the same bytes. */
function decodes(schema: Schema<unknown>, bytes: Uint8Array): boolean {
  const read = decodeRecord(schema, bytes);
  if (read.ok) expect(encodeRecord(schema, read.value)).toEqual(bytes);
  else expect(typeof read.error).toBe("string");
  return read.ok;
}

describe("every schema of the record", () => {
  it("nests less than the decoder allows", () => {
    const depth = (schema: Schema<unknown>): number => 1 + Math.max(0, ...schema.parts.map(depth));
    const depths = all.map(depth);
    expect(Math.min(...depths)).toBeGreaterThan(0);
    expect(Math.max(...depths)).toBeLessThan(maxDepth);
  });

  it("has an honest example, but for abort", () => {
    expect(all.map(({ name }) => name).filter((name) => !examples.has(name!))).toEqual(["abort"]);
  });

  it.each(all.map((schema) => [schema.name!, schema] as const))(
    "%s: decodes what is honest, and no random bytes",
    (name, schema) => {
      const example = examples.get(name);
      if (example) expect(decodes(schema, example.bytes)).toBe(true);
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodes(schema, bytes)),
        { numRuns: 40 },
      );
      const cbor = fc.anything({
        withNullPrototype: false,
        maxDepth: 4,
        values: [fc.nat(), fc.string(), fc.uint8Array(), fc.boolean(), fc.constant(null)],
      });
      fc.assert(
        fc.property(cbor, (value) => void decodes(schema, encode(value, rfc8949EncodeOptions))),
        { numRuns: 40 },
      );
    },
  );

  it.each(all.map((schema) => [schema.name!, schema] as const))(
    "%s: mutated bytes give the same bytes or an error",
    (name, schema) => {
      const example = examples.get(name)?.bytes;
      if (!example) return expect(name).toBe("abort");
      fc.assert(
        fc.property(
          fc.nat(),
          fc.integer({ min: 1, max: 255 }),
          fc.constantFrom("flip", "cut", "double", "insert"),
          (place, value, how) => {
            // Half of the changes fall into the first bytes, where heads are.
            const at = place % (place % 2 === 0 ? Math.min(64, example.length) : example.length);
            const head = example.slice(0, at);
            const tail = example.slice(at);
            const mutated = {
              flip: () => Uint8Array.of(...head, tail[0]! ^ value, ...tail.slice(1)),
              cut: () => Uint8Array.of(...head, ...tail.slice(1)),
              double: () => Uint8Array.of(...example, ...tail),
              insert: () => Uint8Array.of(...head, value, ...tail),
            }[how]();
            decodes(schema, mutated);
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});

describe("decoding refuses other encodings of a record", () => {
  const schema = tally.count as Schema<unknown>;
  const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
  const hash = "5820".concat("07".repeat(32));
  const [bitmap, last, counted] = ["66 6269746d6170", "64 6c617374", "67 636f756e746564"];
  it.each([
    ["as it is", `a3 ${last} 05 ${bitmap} ${hash} ${counted} 81 03`, true],
    ["keys in another order", `a3 ${bitmap} ${hash} ${last} 05 ${counted} 81 03`, false],
    ["a longer integer", `a3 ${last} 1805 ${bitmap} ${hash} ${counted} 81 03`, false],
    ["a longer length", `a3 ${last} 05 ${bitmap} ${hash} ${counted} 9801 03`, false],
    ["an indefinite list", `a3 ${last} 05 ${bitmap} ${hash} ${counted} 9f03ff`, false],
    ["an indefinite map", `bf ${last} 05 ${bitmap} ${hash} ${counted} 81 03 ff`, false],
    ["a float for an integer", `a3 ${last} f94500 ${bitmap} ${hash} ${counted} 81 03`, false],
    ["a tag", `a3 ${last} c105 ${bitmap} ${hash} ${counted} 81 03`, false],
    ["undefined for null", `a3 ${last} f7 ${bitmap} ${hash} ${counted} 81 03`, false],
    ["a key twice", `a4 ${last} 05 ${last} 05 ${bitmap} ${hash} ${counted} 81 03`, false],
    ["an unknown key", `a4 61 61 00 ${last} 05 ${bitmap} ${hash} ${counted} 81 03`, false],
    ["a key missing", `a2 ${last} 05 ${bitmap} ${hash}`, false],
    ["bytes behind it", `a3 ${last} 05 ${bitmap} ${hash} ${counted} 81 03 00`, false],
    ["a negative integer", `a3 ${last} 20 ${bitmap} ${hash} ${counted} 81 03`, false],
    ["an integer above 2^53", `a3 ${last} 1b0020000000000001 ${bitmap} ${hash} ${counted} 81 03`, false],
    ["text for bytes", `a3 ${last} 05 ${bitmap} 7820${"61".repeat(32)} ${counted} 81 03`, false],
    ["__proto__ as a key", `a4 ${last} 05 ${bitmap} ${hash} ${counted} 81 03 69 5f5f70726f746f5f5f a0`, false],
  ])("%s", (_, text, fits) => {
    expect(decodes(schema, hex(text))).toBe(fits);
  });
});
