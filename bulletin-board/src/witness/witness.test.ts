import { readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { unwrap } from "@hanpyo/crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HandClock, temporaryFolder } from "../../test/parties.ts";
import {
  decodeNote,
  decodeSignatureLines,
  encodeCheckpoint,
  encodeNote,
  keyType,
  leafHash,
  MemoryTree,
  openCheckpoint,
  signNote,
  verifierKey,
  verifyNote,
} from "../log/index.ts";
import { originHash } from "../signer/signer.ts";
import { nodeSigner } from "../store/node-crypto.ts";
import { encodeAddCheckpoint, HttpWitness } from "./client.ts";
import { createWitness, type Witness } from "./witness.ts";

const origin = "board.example.org/e1";
const logSigner = nodeSigner(new Uint8Array(32).fill(7));
const logKey = verifierKey(origin, keyType.note, logSigner.publicKey);
const treeOf = (count: number, salt = 0): MemoryTree => {
  const tree = new MemoryTree();
  for (let i = 0; i < count; i++) tree.append(leafHash(Uint8Array.of(salt, i >> 8, i)));
  return tree;
};
const tree = treeOf(600);
const fork = treeOf(600, 1);
const noteOf = (size: number, from = tree): string => {
  const text = encodeCheckpoint({ origin, size, root: from.root(size) });
  return encodeNote({ text, signatures: [signNote(text, logKey, logSigner)] });
};
const bodyOf = (oldSize: number, size: number, from = tree): string =>
  encodeAddCheckpoint({
    oldSize,
    proof: oldSize <= size ? from.consistencyProof(oldSize, size) : [],
    note: noteOf(size, from),
  });

let folder: string;
let remove: () => void;
let clock: HandClock;
let witness: Witness;
beforeEach(async () => {
  ({ folder, remove } = temporaryFolder());
  clock = new HandClock();
  witness = await createWitness({ folder, name: "witness.example/w1", clock });
  await witness.addLog(logKey);
});
afterEach(() => remove());

describe("add-checkpoint", () => {
  it("cosigns growing trees at every boundary, and the same size again with a newer time", async () => {
    let old = 0;
    for (const size of [0, 1, 255, 256, 257, 600, 600]) {
      clock.advance(1_000);
      const answer = await witness.addCheckpoint(bodyOf(old, size));
      expect(answer.status, answer.body).toBe(200);
      const lines = unwrap(decodeSignatureLines(answer.body));
      const { text } = unwrap(decodeNote(noteOf(size)));
      expect(unwrap(verifyNote({ text, signatures: lines }, [witness.key]))).toEqual([
        { key: witness.key, time: clock.now() / 1_000 },
      ]);
      expect(lines[0]!.signature.length).toBe(72);
      old = size;
    }
    const shown = witness.checkpointOf(originHash(origin));
    const opened = unwrap(openCheckpoint(shown.body, { log: logKey, witnesses: [witness.key], k: 1 }));
    expect(opened.checkpoint.size).toBe(600);
  });

  it("answers with the specification's status codes, and nothing changes", async () => {
    expect((await witness.addCheckpoint(bodyOf(0, 300))).status).toBe(200);
    const stranger = nodeSigner(new Uint8Array(32).fill(8));
    const { text } = unwrap(decodeNote(noteOf(400)));
    const forged = encodeNote({ text, signatures: [{ ...signNote(text, logKey, stranger) }] });
    const unsigned = encodeNote({
      text,
      signatures: [signNote(text, verifierKey("other", keyType.note, stranger.publicKey), stranger)],
    });
    const unknown = noteOf(400).replaceAll(origin, "unknown.example/1");
    const cases: [string, number][] = [
      [encodeAddCheckpoint({ oldSize: 0, proof: [], note: unknown }), 404],
      [encodeAddCheckpoint({ oldSize: 300, proof: tree.consistencyProof(300, 400), note: forged }), 403],
      [encodeAddCheckpoint({ oldSize: 300, proof: tree.consistencyProof(300, 400), note: unsigned }), 403],
      [bodyOf(400, 350), 400],
      [bodyOf(0, 300), 409],
      [bodyOf(200, 400), 409],
      [bodyOf(299, 299), 409],
      [bodyOf(300, 400, fork), 422],
      [bodyOf(300, 300, fork), 422],
      [encodeAddCheckpoint({ oldSize: 300, proof: [], note: noteOf(400) }), 422],
      [encodeAddCheckpoint({ oldSize: 300, proof: [tree.root(5)], note: noteOf(300) }), 422],
    ];
    for (const [body, status] of cases) expect((await witness.addCheckpoint(body)).status).toBe(status);
    expect(await witness.addCheckpoint(bodyOf(10, 400))).toEqual({
      status: 409,
      contentType: "text/x.tlog.size",
      body: "300\n",
    });
    expect((await witness.addCheckpoint(bodyOf(300, 400))).status).toBe(200);
  });

  it("answers 400 to malformed bodies and never throws at random ones", async () => {
    const good = bodyOf(0, 300);
    for (const body of [
      "",
      "old 0\n",
      good.replace("old 0", "old 00"),
      good.replace("old 0", "old -1"),
      good.replace("old 0", "Old 0"),
      good.replace("\n\n", "\nAAAA\n\n"),
      `old 0\n${"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(64)}\n${noteOf(300)}`,
      good.slice(0, -2),
    ]) {
      expect((await witness.addCheckpoint(body)).status, body).toBe(400);
    }
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.constantFrom("", "\n", "A", "=", " ", "0", "—"),
        fc.nat(2),
        async (at, put, cut) => {
          const place = at % good.length;
          const answer = await witness.addCheckpoint(good.slice(0, place) + put + good.slice(place + cut));
          expect([200, 400, 403, 404, 409, 422]).toContain(answer.status);
        },
      ),
    );
    // Only the untouched body could be cosigned, whatever was tried.
    const shown = witness.checkpointOf(originHash(origin));
    expect(shown.status === 404 || shown.body.includes("\n300\n")).toBe(true);
  });

  it("cosigns one of two contradicting requests that arrive at once", async () => {
    const answers = await Promise.all([
      witness.addCheckpoint(bodyOf(0, 300)),
      witness.addCheckpoint(bodyOf(0, 300, fork)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
  });

  it("refuses to go back in time, across a restart too", async () => {
    await witness.addCheckpoint(bodyOf(0, 1));
    clock.advance(-2_000);
    expect((await witness.addCheckpoint(bodyOf(1, 2))).status).toBe(503);
    const again = await createWitness({ folder, name: "witness.example/w1", clock });
    expect((await again.addCheckpoint(bodyOf(1, 2))).status).toBe(503);
    clock.advance(2_000);
    expect((await again.addCheckpoint(bodyOf(1, 2))).status).toBe(200);
  });
});

describe("a witness's memory", () => {
  it("survives a restart with key, logs and newest checkpoint", async () => {
    await witness.addCheckpoint(bodyOf(0, 300));
    const again = await createWitness({ folder, name: "witness.example/w1", clock });
    expect(again.key).toEqual(witness.key);
    expect((await again.addCheckpoint(bodyOf(300, 400, fork))).status).toBe(422);
    expect((await again.addCheckpoint(bodyOf(300, 400))).status).toBe(200);
    await again.addLog(logKey);
    const other = verifierKey(origin, keyType.note, nodeSigner(new Uint8Array(32).fill(9)).publicKey);
    await expect(again.addLog(other)).rejects.toThrow("another key");
  });

  it("is not guessed when it is lost", async () => {
    const own = path.join(folder, originHash(origin));
    for (const file of readdirSync(own)) if (file.startsWith("newest.")) rmSync(path.join(own, file));
    await expect(createWitness({ folder, name: "witness.example/w1", clock })).rejects.toThrow("damaged");
  });
});

describe("over HTTP", () => {
  let server: Server;
  let url: string;
  beforeEach(async () => {
    const mounted = await createWitness({ folder, name: "witness.example/w1", clock, prefix: "/w1" });
    server = createServer((request, response) => {
      mounted.handle(request, response).then(
        (handled) => handled || response.writeHead(404).end("elsewhere"),
        () => response.destroy(),
      );
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/w1`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  it("serves add-checkpoint and the newest checkpoint to the client", async () => {
    const client = new HttpWitness(witness.key, url);
    const signal = AbortSignal.timeout(5_000);
    expect(await client.checkpoint(origin, signal)).toBeNull();
    const answer = await client.addCheckpoint({ oldSize: 0, proof: [], note: noteOf(300) }, signal);
    expect(answer.kind).toBe("cosigned");
    expect(await client.addCheckpoint({ oldSize: 0, proof: [], note: noteOf(400) }, signal)).toEqual({
      kind: "conflict",
      size: 300,
    });
    const proof = fork.consistencyProof(300, 400);
    expect(await client.addCheckpoint({ oldSize: 300, proof, note: noteOf(400, fork) }, signal)).toEqual({
      kind: "inconsistent",
    });
    expect(await client.checkpoint(origin, signal)).toContain("\n300\n");
  });

  it("answers wrong methods, paths, encodings and lengths without harm", async () => {
    const status = async (target: string, init?: RequestInit): Promise<number> => (await fetch(target, init)).status;
    expect(await status(`${url}/add-checkpoint`)).toBe(405);
    expect(await status(`${url}/${originHash(origin)}/checkpoint`, { method: "POST" })).toBe(405);
    expect(await status(`${url}/nothing`)).toBe(404);
    expect(await status(`${url}/add-checkpoint`, { method: "POST", body: Uint8Array.of(255, 254) })).toBe(400);
    expect(await status(`${url}/add-checkpoint`, { method: "POST", body: "x".repeat(300_000) })).toBe(413);
  });
});
