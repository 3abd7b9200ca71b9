/** A roll as files: `roll.csv`, `roll.sig`, `roll.salt`, `trust.json`, and apart from them `codes.csv` for the printer. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { TrustSnapshot } from "@hanpyo/bulletin-board";
import { bytesToHex, hexToBytes, type Result, Secret } from "@hanpyo/crypto";
import type { MadeRoll } from "./make-roll.ts";
import { Roll, type RollFault } from "./roll.ts";

const owner = { mode: 0o600, flag: "wx" } as const;

/** Writes a new roll; throws if one is there already. Codes go to `codes.csv`, which registrars must never get. */
export function writeRoll(folder: string, made: MadeRoll): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, "roll.csv"), made.csv, owner);
  writeFileSync(path.join(folder, "roll.sig"), `${bytesToHex(made.signature)}\n`, owner);
  writeFileSync(path.join(folder, "roll.salt"), `${bytesToHex(made.salt.reveal())}\n`, owner);
  writeFileSync(path.join(folder, "trust.json"), made.trustBytes, { ...owner, mode: 0o644 });
  writeFileSync(path.join(folder, "codes.csv"), made.mailMerge.reveal(), owner);
}

function hexFile(file: string, length: number): Uint8Array {
  const text = readFileSync(file, "utf8").trim();
  if (!/^[0-9a-f]*$/.test(text) || text.length !== 2 * length) throw new Error(`${file} is not ${length} bytes as hex`);
  return hexToBytes(text);
}

/** Opens the folder's roll against the trust snapshot of the record. */
export function readRoll(folder: string, trust: TrustSnapshot): Result<Roll, RollFault> {
  const csv = new Uint8Array(readFileSync(path.join(folder, "roll.csv")));
  const signature = hexFile(path.join(folder, "roll.sig"), 64);
  const salt = new Secret(hexFile(path.join(folder, "roll.salt"), 32));
  return Roll.open(csv, signature, salt, trust);
}
