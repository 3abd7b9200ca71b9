import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { keyPairFrom } from "@hanpyo/crypto";
import { describe, expect, it } from "vitest";
import { main } from "./cli.ts";
import { ServerFolder } from "./server-folder.ts";

const folder = () => path.join(mkdtempSync(path.join(tmpdir(), "hanpyo-registrar-")), "own");

describe("a registrar's command line", () => {
  it("makes one key and keeps it", async () => {
    const dir = folder();
    expect(await main(["keygen", "--dir", dir])).toBe(0);
    const { publicKey } = new ServerFolder(dir).createKey();
    expect(await main(["keygen", "--dir", dir])).toBe(0);
    expect(new ServerFolder(dir).createKey().publicKey).toEqual(publicKey);
  });

  it("destroys the share of the nullifier key only when told twice, and for good", async () => {
    const dir = folder();
    const own = new ServerFolder(dir);
    own.createKey();
    const share = { election: new Uint8Array(32), group: 1 as const, round: 1, index: 2, keys: keyPairFrom(5n) };
    expect((await own.saveBackup(share)).ok).toBe(true);
    expect((await own.backup()).ok).toBe(true);
    expect(await main(["destroy", "--dir", dir])).toBe(1);
    expect((await own.backup()).ok).toBe(true);
    expect(await main(["destroy", "--dir", dir, "--yes"])).toBe(0);
    expect(await own.backup()).toMatchObject({ ok: false, error: { code: "no-backup" } });
    expect(own.shareDestroyed).toBe(true);
    expect(existsSync(path.join(dir, "share.secret"))).toBe(false);
    expect(await main(["destroy", "--dir", dir])).toBe(0);
  });

  it("says what is wrong with how it is called", async () => {
    for (const args of [
      [],
      ["nonsense"],
      ["keygen"],
      ["keygen", "--more"],
      ["serve", "--dir", "/x"],
      ["destroy", "stray"],
    ])
      expect(await main(args)).toBe(3);
  });

  it("says that a folder is damaged instead of going on without its share", async () => {
    const dir = folder();
    const own = new ServerFolder(dir);
    own.createKey();
    writeFileSync(path.join(dir, "share.secret"), "damaged");
    expect(await own.backup()).toMatchObject({ ok: false, error: { code: "damaged" } });
  });
});
