import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { bytesToHex } from "@hanpyo/crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  encodeBundle,
  encodeCheckpoint,
  encodeEntry,
  encodeNote,
  firstPrev,
  keyType,
  leafHash,
  nobleSigner,
  signNote,
  verifierKey,
} from "../log/index.ts";
import { EntryType } from "../record/entry-types.ts";
import { encodeRecord } from "../record/schema/cbor.ts";
import { close } from "../record/tally-entries.ts";

const origin = "board.example/rehearsal/1";
const run = (file: string, ...args: string[]) => {
  const done = spawnSync(process.execPath, ["--import", "tsx", path.join(import.meta.dirname, file), ...args], {
    encoding: "utf8",
  });
  return { code: done.status, out: done.stdout, error: done.stderr };
};

/** A folder like an exported bundle, with one entry that is no definition. */
function writeBundle(folder: string): Uint8Array {
  const entry = encodeEntry({
    type: EntryType.close,
    index: 0,
    prev: firstPrev(origin),
    payload: encodeRecord(close, {}),
  });
  const signer = nobleSigner(new Uint8Array(32).fill(1));
  for (const log of ["record", "passes"]) {
    const text = encodeCheckpoint({ origin, size: 1, root: leafHash(entry) });
    const note = encodeNote({
      text,
      signatures: [signNote(text, verifierKey(origin, keyType.note, signer.publicKey), signer)],
    });
    mkdirSync(path.join(folder, log, "tile/entries/000.p"), { recursive: true });
    writeFileSync(path.join(folder, log, "checkpoint"), note);
    writeFileSync(path.join(folder, log, "tile/entries/000.p/1"), encodeBundle([entry]));
  }
  return entry;
}

describe("commands that read a bundle", () => {
  let folder: string;
  let entry: Uint8Array;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "hanpyo-reading-"));
    entry = writeBundle(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("show an entry as JSON, its bytes in hex", () => {
    const { code, out } = run("board.ts", "show", "0", folder);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      index: 0,
      type: EntryType.close,
      name: "close",
      bytes: entry.length,
      leafHash: bytesToHex(leafHash(entry)),
      prev: bytesToHex(firstPrev(origin)),
      payload: {},
    });
  });

  it.each([
    ["show without an index", ["board.ts", "show"], "usage"],
    ["show of what is no number", ["board.ts", "show", "-1", "FOLDER"], "usage"],
    ["show beyond the checkpoint", ["board.ts", "show", "1", "FOLDER"], "there is no entry 1"],
    ["show of no bundle", ["board.ts", "show", "0", "/nowhere"], "holds no record/"],
    ["verify without a place", ["verify.ts"], "usage"],
    ["verify with an unknown option", ["verify.ts", "FOLDER", "--fast"], "--fast"],
    ["verify of two places", ["verify.ts", "FOLDER", "FOLDER"], "usage"],
    ["verify of no bundle", ["verify.ts", "/nowhere"], "holds no record/"],
    ["verify of a record without a definition", ["verify.ts", "FOLDER"], "entry 0 is no definition"],
    ["verify of a server that is not there", ["verify.ts", "http://127.0.0.1:9"], "unreadable"],
    ["verify with a receipt that is not there", ["verify.ts", "FOLDER", "--receipt", "/nowhere"], "/nowhere"],
  ])("end with 3 and a sentence: %s", (_, [file, ...args], words) => {
    const { code, error } = run(file!, ...args.map((arg) => (arg === "FOLDER" ? folder : arg)));
    expect(error).toContain(words);
    expect(error).not.toContain("    at ");
    expect(code).toBe(3);
  });
});
