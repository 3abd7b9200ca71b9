/** A board as a process of its own, to be killed: `board-process.ts OPTIONS.json` prints its port when it listens. */
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { encodeVkey, type VerifierKey } from "@hanpyo/bulletin-board";
import { LocalWitness, openPool, SignerHost, Witness } from "@hanpyo/bulletin-board/node";
import { systemClock } from "@hanpyo/crypto";
import type { PoolConfig } from "pg";
import { buildApp } from "../src/app.ts";
import { openBoardServer } from "../src/board-server.ts";

export interface BoardProcessOptions {
  readonly connection: PoolConfig;
  readonly folder: string;
  readonly origin: string;
}

const { connection, folder, origin } = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as BoardProcessOptions;
const host = await SignerHost.open(path.join(folder, "signer"), systemClock);
const witness = await Witness.open({
  folder: path.join(folder, "witness-1"),
  name: "witness.example/1",
  clock: systemClock,
});
const fatal = (error: unknown): never => {
  console.error(error);
  process.exit(2);
};
const board = await openBoardServer({
  pool: openPool(connection),
  dataDir: path.join(folder, "data"),
  origin,
  clock: systemClock,
  signer: async (name) => {
    const client = await host.create(name);
    await witness.addLog(client.key);
    return { client, key: client.key };
  },
  witness: (key: VerifierKey) => (encodeVkey(key) === encodeVkey(witness.key) ? new LocalWitness(witness) : undefined),
  anchorSeconds: 1,
  verifiers: 1,
  interval: 100,
  onFatal: fatal,
});
const app = await buildApp({ board, client: folder, registrarUrls: [] });
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`listens on ${(app.server.address() as AddressInfo).port}`);
