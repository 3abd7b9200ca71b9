import { createDecipheriv, scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytesToHex } from "../bytes.ts";
import { unwrap } from "../result.ts";
import { Secret } from "../secret.ts";
import { decryptBackup, encryptBackup } from "./backup.ts";

const content = new Secret(Uint8Array.from({ length: 75 }, (_, i) => i));
const passphrase = new Secret("한표 열쇠 꾸러미");

describe("backup", async () => {
  const file = await encryptBackup(content, passphrase);

  it("opens with the passphrase, composed or decomposed, and with no other", async () => {
    expect(unwrap(await decryptBackup(file, passphrase)).reveal()).toEqual(content.reveal());
    const decomposed = new Secret(passphrase.reveal().normalize("NFD"));
    expect(decomposed.reveal()).not.toBe(passphrase.reveal());
    expect((await decryptBackup(file, decomposed)).ok).toBe(true);
    expect(await decryptBackup(file, new Secret("한표 열쇠 꾸러이"))).toEqual({ ok: false, error: "passphrase" });
  });

  it("is what it says: the platform's scrypt and ChaCha20-Poly1305 open it", () => {
    const key = scryptSync(passphrase.reveal(), file.subarray(14, 46), 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 });
    const decipher = createDecipheriv("chacha20-poly1305", key, new Uint8Array(12), { authTagLength: 16 });
    decipher.setAAD(file.subarray(0, 46), { plaintextLength: content.reveal().length });
    decipher.setAuthTag(file.subarray(-16));
    const plain = Buffer.concat([decipher.update(file.subarray(46, -16)), decipher.final()]);
    expect(plain.toString("hex")).toBe(bytesToHex(content.reveal()));
  });

  it("refuses damage, other versions, other formats, other sizes", async () => {
    const changed = (position: number) => file.map((byte, i) => (i === position ? byte ^ 1 : byte));
    expect(await decryptBackup(changed(0), passphrase)).toEqual({ ok: false, error: "format" });
    expect(await decryptBackup(changed(13), passphrase)).toEqual({ ok: false, error: "version" });
    expect(await decryptBackup(changed(20), passphrase)).toEqual({ ok: false, error: "passphrase" });
    expect(await decryptBackup(changed(file.length - 1), passphrase)).toEqual({ ok: false, error: "passphrase" });
    expect(await decryptBackup(file.slice(0, -1), passphrase)).toEqual({ ok: false, error: "passphrase" });
    expect(await decryptBackup(file.slice(0, 61), passphrase)).toEqual({ ok: false, error: "format" });
    expect(await decryptBackup(new Uint8Array(70_000), passphrase)).toEqual({ ok: false, error: "format" });
  });

  it("is fresh every time and refuses an empty passphrase", async () => {
    expect(await encryptBackup(content, passphrase)).not.toEqual(file);
    await expect(encryptBackup(content, new Secret(""))).rejects.toThrow(RangeError);
    await expect(encryptBackup(content, passphrase, new Uint8Array(8))).rejects.toThrow(RangeError);
  });
});
