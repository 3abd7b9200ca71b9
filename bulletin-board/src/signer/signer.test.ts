import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { equalBytes, systemClock, unwrap } from "@hanpyo/crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HandClock, temporaryFolder } from "../../test/parties.ts";
import { leafHash, MemoryTree, openCheckpoint } from "../log/index.ts";
import { DurableCell, Superseded } from "../store/durable.ts";
import { nodeSigner, nodeVerify } from "../store/node-crypto.ts";
import { SignerClient, signerServer } from "./http.ts";
import { generateKeyFile, readKeyFile } from "./key-file.ts";
import { CheckpointSigner, checkpointOfNote, originHash, SignerHost } from "./signer.ts";

const origin = "board.example.org/e1";
const treeOf = (count: number, salt = 0): MemoryTree => {
  const tree = new MemoryTree();
  for (let i = 0; i < count; i++) tree.append(leafHash(Uint8Array.of(salt, i >> 8, i)));
  return tree;
};
const tree = treeOf(300);
const request = (oldSize: number, size: number, from = tree) => ({
  size,
  oldSize,
  root: from.root(size),
  proof: from.consistencyProof(oldSize, size),
});

let folder: string;
let remove: () => void;
let clock: HandClock;
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
  clock = new HandClock();
});
afterEach(() => remove());

describe("CheckpointSigner", () => {
  it("signs a growing tree, repeats the same note for the same size, and remembers across restarts", async () => {
    const signer = await CheckpointSigner.create(folder, origin, clock);
    expect(await signer.last()).toBeNull();
    const policy = { log: signer.key, witnesses: [], k: 0 };
    let old = 0;
    for (const size of [1, 2, 255, 256, 257]) {
      const note = unwrap(await signer.sign(request(old, size)));
      expect(unwrap(openCheckpoint(note, policy, nodeVerify)).checkpoint).toEqual({
        origin,
        size,
        root: tree.root(size),
      });
      expect(unwrap(await signer.sign(request(old, size)))).toBe(note);
      old = size;
    }
    const again = await CheckpointSigner.open(folder, origin, clock);
    expect(checkpointOfNote((await again.last())!).size).toBe(257);
    expect((await again.sign(request(257, 300))).ok).toBe(true);
  });

  it("refuses everything that contradicts what it signed, and nothing changes", async () => {
    const signer = await CheckpointSigner.create(folder, origin, clock);
    const last = unwrap(await signer.sign(request(0, 200)));
    const fork = treeOf(300, 1);
    const refused = async (it: ReturnType<typeof request>, code: string): Promise<void> => {
      expect(await signer.sign(it)).toEqual({ ok: false, error: { code, last } });
    };
    await refused(request(100, 150), "smaller");
    await refused(request(0, 200, fork), "other-root");
    await refused(request(100, 250), "old-size");
    await refused(request(0, 250), "old-size");
    await refused(request(200, 250, fork), "proof");
    await refused({ ...request(200, 250), proof: [] }, "proof");
    await refused({ ...request(200, 250), root: fork.root(250) }, "proof");
    clock.advance(-1);
    await refused(request(200, 250), "clock");
    clock.advance(1);
    expect((await signer.sign(request(200, 250))).ok).toBe(true);
  });

  it("does not start with a clock behind its last signature, a lost lock or another origin", async () => {
    const signer = await CheckpointSigner.create(folder, origin, clock);
    unwrap(await signer.sign(request(0, 1)));
    await expect(CheckpointSigner.open(folder, origin, new HandClock(clock.now() - 1))).rejects.toThrow("clock");
    const own = path.join(folder, originHash(origin));
    writeFileSync(path.join(own, "origin"), "other\n");
    await expect(CheckpointSigner.open(folder, origin, clock)).rejects.toThrow("another origin");
    writeFileSync(path.join(own, "origin"), `${origin}\n`);
    for (const file of readdirSync(own)) if (file.startsWith("lock.")) rmSync(path.join(own, file));
    await expect(CheckpointSigner.create(folder, origin, clock)).rejects.toThrow("lost its lock");
  });

  it("lets only one of two processes on one folder go on", async () => {
    const first = await CheckpointSigner.create(folder, origin, clock);
    const second = await CheckpointSigner.open(folder, origin, clock);
    unwrap(await first.sign(request(0, 100)));
    // The second still believes that nothing was signed and would sign a fork.
    await expect(second.sign(request(0, 100, treeOf(300, 1)))).rejects.toBeInstanceOf(Superseded);
    await expect(second.sign(request(0, 120))).rejects.toBeInstanceOf(Superseded);
    unwrap(await first.sign(request(100, 130)));
    unwrap(await first.sign(request(130, 140)));
    const third = await CheckpointSigner.open(folder, origin, clock);
    expect(checkpointOfNote((await third.last())!).size).toBe(140);
  });
});

describe("a signer whose disk fails", () => {
  it("gives no note and signs nothing more until it is opened anew", async () => {
    const signer = await CheckpointSigner.create(folder, origin, clock);
    const first = unwrap(await signer.sign(request(0, 100)));
    const own = path.join(folder, originHash(origin));
    renameSync(own, `${own}.away`);
    await expect(signer.sign(request(100, 200))).rejects.toThrow("ENOENT");
    renameSync(`${own}.away`, own);
    await expect(signer.sign(request(100, 200))).rejects.toThrow("ENOENT");
    await expect(signer.sign(request(100, 200, treeOf(300, 1)))).resolves.toMatchObject({ error: { code: "proof" } });
    const again = await CheckpointSigner.open(folder, origin, clock);
    expect(await again.last()).toBe(first);
    expect((await again.sign(request(100, 200))).ok).toBe(true);
  });
});

describe("DurableCell", () => {
  it("notices that it fell far behind although the name it wants is free again", async () => {
    const stale = await DurableCell.create(folder, "cell", "0");
    const live = (await DurableCell.open(folder, "cell"))!;
    for (let i = 1; i <= 5; i++) await live.replace(String(i));
    await expect(stale.replace("fork")).rejects.toBeInstanceOf(Superseded);
    await expect(stale.replace("fork")).rejects.toBeInstanceOf(Superseded);
    expect((await DurableCell.open(folder, "cell"))!.value).toBe("5");
    expect(readdirSync(folder)).toEqual(["cell.5"]);
    await expect(DurableCell.create(folder, "cell", "x")).rejects.toThrow("exists");
  });

  it("takes the newest file after a crash between two steps", async () => {
    const cell = await DurableCell.create(folder, "cell", "a");
    await cell.replace("b");
    writeFileSync(path.join(folder, "cell.0"), "left behind");
    writeFileSync(path.join(folder, ".cell.2.x.tmp"), "half");
    expect((await DurableCell.open(folder, "cell"))!.value).toBe("b");
  });
});

describe("key files", () => {
  it("are 0600, never replaced, and refused when others may read them", async () => {
    const file = path.join(folder, "keys", "board");
    const made = await generateKeyFile(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(equalBytes((await readKeyFile(file)).publicKey, made.publicKey)).toBe(true);
    await expect(generateKeyFile(file)).rejects.toThrow("EEXIST");
    const secret = readFileSync(file, "utf8");
    chmodSync(file, 0o640);
    await expect(readKeyFile(file)).rejects.toThrow("chmod");
    chmodSync(file, 0o600);
    writeFileSync(file, secret.slice(1));
    await expect(readKeyFile(file)).rejects.toThrow("not an Ed25519 key");
  });

  it("sign what the portable implementation accepts (RFC 8032, test 2)", () => {
    const signer = nodeSigner(Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex"));
    expect(Buffer.from(signer.publicKey).toString("hex")).toBe(
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    );
    expect(Buffer.from(signer.sign(Uint8Array.of(0x72))).toString("hex")).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
  });
});

describe("signer over HTTP", () => {
  const listen = async (token: string | null) => {
    const host = await SignerHost.open(folder, systemClock);
    const failures: unknown[] = [];
    const server = signerServer(host, token, (error) => failures.push(error));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return { server, failures, port: (server.address() as AddressInfo).port };
  };

  it("serves several origins, each with its own key and lock, and keeps them over a restart", async () => {
    const token = "a token of enough length";
    const one = await listen(token);
    const address = { port: one.port, token };
    const a = await SignerClient.create(address, "a.example/1");
    const b = await SignerClient.create(address, "b.example/1");
    expect(equalBytes(a.key.publicKey, b.key.publicKey)).toBe(false);
    const note = unwrap(await a.client.sign(request(0, 200)));
    expect(checkpointOfNote(note)).toEqual({ origin: "a.example/1", size: 200, root: tree.root(200) });
    expect(await b.client.last()).toBeNull();
    expect(await a.client.sign(request(0, 200, treeOf(300, 1)))).toMatchObject({
      ok: false,
      error: { code: "other-root" },
    });
    expect(await new SignerClient(address, "c.example/1").sign(request(0, 1))).toMatchObject({
      ok: false,
      error: { code: "origin" },
    });
    await expect(SignerClient.create({ port: one.port, token: "wrong" }, "a.example/1")).rejects.toThrow("401");
    one.server.close();
    one.server.closeAllConnections();

    const two = await listen(null);
    const again = await SignerClient.create({ port: two.port, token: "" }, "a.example/1");
    expect(again.key).toEqual(a.key);
    expect(await again.client.last()).toBe(note);
    expect([...one.failures, ...two.failures]).toEqual([]);
    two.server.close();
    two.server.closeAllConnections();
  });

  it("answers 4xx to malformed requests", async () => {
    const { server, port } = await listen(null);
    const at = `http://127.0.0.1:${port}`;
    const post = async (url: string, body: string): Promise<number> =>
      (await fetch(at + url, { method: "POST", body })).status;
    const hash = originHash("a.example/1");
    expect(await post("/origins", JSON.stringify({ origin: "a.example/1" }))).toBe(200);
    for (const body of ["", "[]", "{}", '{"origin":"a b"}', '{"origin":1}'])
      expect(await post("/origins", body)).toBe(400);
    for (const body of ["{}", '{"size":1}', '{"size":1,"oldSize":0,"root":"AAAA","proof":[]}', "x".repeat(70_000)]) {
      expect(await post(`/${hash}/sign`, body)).toBe(400);
    }
    expect(await post(`/${"0".repeat(64)}/sign`, "{}")).toBe(404);
    expect(await post(`/${hash}`, "{}")).toBe(405);
    expect((await fetch(`${at}/../key`)).status).toBe(404);
    server.close();
    server.closeAllConnections();
  });
});
