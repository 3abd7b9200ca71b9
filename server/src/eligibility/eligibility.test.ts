import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { decodeTrustSnapshot, encodePolicyDocument, nobleSigner, type PolicyDocument } from "@hanpyo/bulletin-board";
import { activationKey, parseActivationCode, Secret, unwrap, utf8ToBytes } from "@hanpyo/crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { main } from "./cli.ts";
import { decodeTable, encodeTable, readTable } from "./csv.ts";
import { inspectList, makeRoll } from "./make-roll.ts";
import { Policy } from "./policy.ts";
import { Roll } from "./roll.ts";
import { readRoll } from "./roll-folder.ts";

const classes = [
  { group: 1, weight: 1, contests: [0], certified: 100 },
  { group: 2, weight: 1, contests: [0], certified: 100 },
  { group: 1, weight: 4, contests: [0], certified: 100 },
];
const document: PolicyDocument = {
  v: 1,
  snapshotAt: 1_700_000_000,
  source: "signed-roll",
  columns: [
    { name: "class", type: "int" },
    { name: "age", type: "int" },
    { name: "district", type: "string" },
    { name: "shares", type: "int" },
  ],
  eligible: 'age >= 18 && district in ["11440", "11680"]',
  class: "class",
  weight: "shares",
  tests: [
    { name: "Kim of Mapo", row: ["0", "30", "11440", "6"], eligible: true, class: 2 },
    { name: "too young", row: ["0", "17", "11440", "1"], eligible: false, class: null },
  ],
};
const row = (...cells: string[]) => new Map(document.columns.map(({ name }, i) => [name, cells[i]!]));

describe("a policy", () => {
  const policy = unwrap(Policy.compile(document, classes));

  it("grants passes greedily, highest denomination first, within the constituency", () => {
    expect(policy.judge(row("0", "44", "11440", "11"))).toEqual({
      eligible: true,
      grants: [
        { class: 2, weight: 4, copies: 2 },
        { class: 0, weight: 1, copies: 3 },
      ],
    });
    expect(policy.judge(row("1", "44", "11680", "2"))).toEqual({
      eligible: true,
      grants: [{ class: 1, weight: 1, copies: 2 }],
    });
  });

  it("takes every error for 'not eligible'", () => {
    const reason = (...cells: string[]) => {
      const verdict = policy.judge(row(...cells));
      return verdict.eligible ? null : verdict.reason;
    };
    expect(reason("0", "17", "11440", "1")).toBe("rule");
    expect(reason("0", "old", "11440", "1")).toBe("error");
    expect(reason("0", "018", "11440", "1")).toBe("error");
    expect(reason("3", "18", "11440", "1")).toBe("class");
    expect(reason("-1", "18", "11440", "1")).toBe("class");
    expect(reason("0", "18", "11440", "0")).toBe("weight");
    expect(reason("0", "18", "11440", "1000000")).toBe("weight");
    expect(policy.judge(new Map([["age", "30"]])).eligible).toBe(false);
    const dividing = unwrap(Policy.compile({ ...document, eligible: "100 / age > 1", tests: [] }, classes));
    expect(dividing.judge(row("0", "0", "11440", "1"))).toEqual({ eligible: false, reason: "error" });
  });

  const refused: [string, Partial<PolicyDocument>, string][] = [
    ["an undeclared column", { eligible: "income > 3" }, "eligible"],
    ["a rule that is no bool", { eligible: "age + 1" }, "eligible"],
    ["a type error", { eligible: 'age == "18"' }, "eligible"],
    ["a syntax error", { eligible: "age >=" }, "eligible"],
    ["a regular expression", { eligible: 'district.matches("^(a+)+$")' }, "eligible"],
    ["a class that is no int", { class: "district" }, "class"],
    ["a weight that is no int", { weight: "true" }, "weight"],
    ["too many nodes", { eligible: Array.from({ length: 150 }, () => "age > 1").join(" && ") }, "eligible"],
    ["too deep", { eligible: `${"(!".repeat(40)}true${")".repeat(40)}` }, "eligible"],
    ["a column twice", { columns: [...document.columns, { name: "age", type: "int" }] }, "columns"],
    ["a test that fails", { tests: [{ ...document.tests[1]!, eligible: true }] }, "tests"],
    ["a test of another class", { tests: [{ ...document.tests[0]!, class: 1 }] }, "tests"],
  ];
  it.each(refused)("refuses %s when it is saved", (_name, change, where) => {
    const compiled = Policy.compile({ ...document, ...change }, classes);
    expect(compiled.ok ? null : compiled.error.where).toBe(where);
  });

  it("has one canonical form", () => {
    const bytes = encodePolicyDocument(document);
    expect(unwrap(Policy.decode(bytes, classes)).document).toEqual(document);
    expect(Policy.decode(utf8ToBytes(JSON.stringify(document)), classes).ok).toBe(false);
    const more = Buffer.from(bytes).toString("utf8").replace('"v": 1,', '"v": 1,\n  "extra": true,');
    expect(Policy.decode(utf8ToBytes(more), classes).ok).toBe(false);
  });
});

describe("CSV", () => {
  it("round-trips every table in its canonical form", () => {
    const cell = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) =>
      text
        .normalize("NFC")
        // biome-ignore lint/suspicious/noControlCharactersInRegex: removed
        .replace(/[\u0000-\u001f\u007f]/g, "")
        .trim(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constant("x"), cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
        const table = { columns: ["id", "a", "b"], rows };
        expect(unwrap(decodeTable(utf8ToBytes(encodeTable(table))))).toEqual(table);
      }),
    );
  });

  it.each(["id,a\r\n1,2\r\n", "id,a\n1,2", 'id,a\n"1",2\n', "\ufeffid,a\n1,2\n", "id,a\n\n1,2\n", "id,a\n1, 2\n"])(
    "reads %j from an office but not as a roll",
    (text) => {
      expect(readTable(utf8ToBytes(text)).ok).toBe(true);
      expect(decodeTable(utf8ToBytes(text)).ok).toBe(false);
    },
  );

  it.each(["", "id,id\n1,2\n", "id,a\n1\n", "Id,a\n1,2\n", 'id,a\n1,"2\n'])("refuses %j with the line", (text) => {
    expect(readTable(utf8ToBytes(text)).ok).toBe(false);
  });
});

describe("a roll", async () => {
  const key = nobleSigner(new Uint8Array(32).fill(7));
  const list = unwrap(readTable(utf8ToBytes("id,class,age\n1001,0,30\n1002,1,17\n")));
  const made = await makeRoll(list, { authority: { name: "Mapo-gu", key } });

  it("opens with what the trust snapshot names, and finds people by the key of their code", () => {
    const trust = unwrap(decodeTrustSnapshot(made.trustBytes));
    const roll = unwrap(Roll.open(made.csv, made.signature, made.salt, trust));
    const code = unwrap(parseActivationCode(made.codes.get("1002")!.reveal()));
    expect(roll.find(activationKey(code, trust.codeSalt).publicKey)).toMatchObject({ id: "1002", index: 1 });
    expect(roll.find(key.publicKey)).toBeUndefined();
    expect(Buffer.from(made.csv).toString("utf8")).not.toContain(made.codes.get("1002")!.reveal());
  });

  it("refuses another roll, signature, salt and row count", () => {
    const other = Uint8Array.from(made.csv);
    other[20]! ^= 1;
    const code = (...input: Parameters<typeof Roll.open>) => {
      const opened = Roll.open(...input);
      return opened.ok ? null : opened.error.code;
    };
    expect(code(other, made.signature, made.salt, made.trust)).toBe("roll");
    expect(code(made.csv, new Uint8Array(64), made.salt, made.trust)).toBe("signature");
    expect(code(made.csv, made.signature, new Secret(new Uint8Array(32)), made.trust)).toBe("root");
    expect(code(made.csv, made.signature, made.salt, { ...made.trust, rows: 3 })).toBe("rows");
  });

  it("reports everything wrong with a list at once and makes none of it", async () => {
    const bad = unwrap(readTable(utf8ToBytes("id,class\n1,0\n1,1\n,2\n4, 3\n")));
    const report = inspectList(bad);
    expect(report.rows).toBe(4);
    expect(report.faults.map(({ line, code }) => [line, code])).toEqual([
      [3, "duplicate"],
      [4, "id"],
      [5, "form"],
    ]);
    await expect(makeRoll(bad, { authority: { name: "x", key } })).rejects.toThrow("3 faults");
  });

  it("is made, checked and opened from the command line", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-roll-"));
    const file = path.join(folder, "list.csv");
    writeFileSync(file, "id,class\r\n1,0\r\n2,0\r\n");
    expect(await main(["check", file])).toBe(0);
    const out = path.join(folder, "out");
    const keyFile = path.join(folder, "authority.key");
    expect(await main(["make", file, out, "--authority", "Office", "--key", keyFile])).toBe(0);
    const trust = unwrap(decodeTrustSnapshot(new Uint8Array(readFileSync(path.join(out, "trust.json")))));
    expect(unwrap(readRoll(out, trust)).size).toBe(2);
    expect(readFileSync(path.join(out, "codes.csv"), "utf8")).toMatch(/^id,class,code\n1,0,[0-9A-Z-]{19}\n/);
    writeFileSync(file, "id,class\n1,0\n1,0\n");
    expect(await main(["check", file])).toBe(1);
    expect(await main(["nonsense"])).toBe(3);
  });
});
