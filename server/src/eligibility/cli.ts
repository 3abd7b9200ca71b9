/**
 * `tsx server/src/eligibility/cli.ts`: check LIST.csv · make LIST.csv DIR --authority NAME --key FILE · policy FILE.json
 * Exit code 0 if all is well, 1 if the list or policy has faults, 3 for wrong usage.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { encodePolicyDocument, nobleSigner, type PolicyDocument } from "@hanpyo/bulletin-board";
import { bytesToHex, hexToBytes, randomBytes } from "@hanpyo/crypto";
import { readTable, type Table } from "./csv.ts";
import { inspectList, makeRoll } from "./make-roll.ts";
import { writeRoll } from "./roll-folder.ts";

const usage = `usage:
  check LIST.csv                                   what is wrong with a list: count, duplicates, bad rows
  make LIST.csv DIR --authority NAME --key FILE    codes for everybody, the signed roll and codes.csv into DIR;
                                                   FILE holds the authority's Ed25519 secret as hex, made if missing
  policy FILE.json OUT.json                        a policy in its canonical form`;

function readList(file: string): Table | null {
  const table = readTable(new Uint8Array(readFileSync(file)));
  if (table.ok) return table.value;
  console.error(`line ${table.error.line}: ${table.error.what}`);
  return null;
}

/** Prints the dry run and says whether the list can become a roll. */
function report(list: Table): boolean {
  const { rows, faults } = inspectList(list);
  const duplicates = faults.filter(({ code }) => code === "duplicate").length;
  const badRows = new Set(faults.filter(({ line }) => line > 1).map(({ line }) => line)).size;
  console.log(`${rows} rows, ${duplicates} duplicates, ${badRows} bad rows`);
  for (const { line, code, detail } of faults.slice(0, 100)) console.log(`  line ${line}: ${code}: ${detail}`);
  if (faults.length > 100) console.log(`  … and ${faults.length - 100} more`);
  return faults.length === 0;
}

function authorityKey(file: string) {
  if (!existsSync(file)) {
    writeFileSync(file, `${bytesToHex(randomBytes(32))}\n`, { mode: 0o600, flag: "wx" });
    console.log(`made a new key of the authority in ${file}`);
  }
  const text = readFileSync(file, "utf8").trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`${file} is not 32 bytes as hex`);
  return nobleSigner(hexToBytes(text));
}

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { authority: { type: "string" }, key: { type: "string" } },
  });
  const [command, file, target] = positionals;
  if (command === "check" && file !== undefined) {
    const list = readList(file);
    return list !== null && report(list) ? 0 : 1;
  }
  if (command === "make" && file && target && values.authority && values.key) {
    const list = readList(file);
    if (list === null || !report(list)) return 1;
    const key = authorityKey(values.key);
    const made = await makeRoll(list, { authority: { name: values.authority, key } });
    writeRoll(target, made);
    console.log(
      `wrote ${target}: give roll.csv, roll.sig and roll.salt to the registrars, codes.csv to the printer only`,
    );
    console.log(`authority's key ${bytesToHex(key.publicKey)}, commitment ${bytesToHex(made.trust.root)}`);
    return 0;
  }
  if (command === "policy" && file && target) {
    writeFileSync(target, encodePolicyDocument(JSON.parse(readFileSync(file, "utf8")) as PolicyDocument));
    return 0;
  }
  console.error(usage);
  return 3;
}

if (process.argv[1] !== undefined && import.meta.url === new URL(process.argv[1], "file:").href)
  process.exitCode = await main(process.argv.slice(2));
