/** A whole board for tests: real Postgres, real signer and witnesses in this process, real routes without a port. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { encodeVkey, type VerifierKey } from "@hanpyo/bulletin-board";
import { LocalWitness, SignerHost, Witness } from "@hanpyo/bulletin-board/node";
import type { FastifyInstance } from "fastify";
import { type AppOptions, buildApp } from "../src/app.ts";
import { type BoardServer, type BoardServerOptions, openBoardServer } from "../src/board-server.ts";
import { type Database, openDatabase } from "../src/database/database.ts";
import { HandClock } from "./hand-clock.ts";

export const operatorToken = "test-operator-token-0123456789";

export interface TestBoard {
  readonly clock: HandClock;
  readonly origin: string;
  readonly folder: string;
  readonly witnessKeys: readonly string[];
  board: BoardServer;
  app: FastifyInstance;
  /** Everything the server logged. */
  readonly log: string[];
  readonly fatal: unknown[];
  readonly troubles: string[];
  /** Witnesses that did not answer. */
  readonly alarms: string[];
  /** Stops the server; another process may go on with its database and folder. */
  stop(): Promise<void>;
  /** Stops the server, unless it is, and starts it again on the same database and folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

let databases: Promise<Database> | null = null;
let boards = 0;
const databaseFolder = path.join(tmpdir(), `hanpyo-test-${process.pid}-${Math.random().toString(36).slice(2, 10)}`);

/** One database per test file. */
export function testDatabase(): Promise<Database> {
  databases ??= openDatabase({
    // Not below a private folder: as root, Postgres runs as `nobody` and must get there.
    folder: databaseFolder,
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" },
    allowLoss: true,
  });
  return databases;
}

export async function closeTestDatabase(): Promise<void> {
  await (await databases)?.close();
  databases = null;
  rmSync(databaseFolder, { recursive: true, force: true });
}

export interface TestBoardOptions extends Partial<Pick<BoardServerOptions, "proofs" | "capacity" | "anchorSeconds">> {
  readonly app?: Partial<AppOptions>;
  readonly witnessCount?: number;
  /** How many of the witnesses (the first ones) do not answer now. */
  readonly downWitnesses?: () => number;
}

export async function testBoard(options: TestBoardOptions = {}): Promise<TestBoard> {
  const { pool } = await testDatabase();
  const clock = new HandClock();
  const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-board-"));
  const origin = `test.example/rehearsal/${process.pid}-${++boards}`;
  // Opened anew at every start: another process may have gone on with the folders.
  const parties = async () => {
    const host = await SignerHost.open(path.join(folder, "signer"), clock);
    const witnesses: Witness[] = [];
    for (let i = 1; i <= (options.witnessCount ?? 1); i++)
      witnesses.push(
        await Witness.open({ folder: path.join(folder, `witness-${i}`), name: `witness.example/${i}`, clock }),
      );
    const signer = async (name: string) => {
      const client = await host.create(name);
      for (const witness of witnesses) await witness.addLog(client.key);
      return { client, key: client.key };
    };
    const witness = (key: VerifierKey) => {
      const found = witnesses.find((it) => encodeVkey(it.key) === encodeVkey(key));
      if (found === undefined) return undefined;
      const port = new LocalWitness(found);
      const answers = () => {
        if (witnesses.indexOf(found) < (options.downWitnesses?.() ?? 0)) throw new Error("down");
      };
      return {
        key,
        async addCheckpoint(request: Parameters<LocalWitness["addCheckpoint"]>[0]) {
          answers();
          return port.addCheckpoint(request);
        },
        async checkpoint(origin: string) {
          answers();
          return port.checkpoint(origin);
        },
      };
    };
    return { signer, witness, witnessKeys: witnesses.map((it) => encodeVkey(it.key)) };
  };
  const log: string[] = [];
  const fatal: unknown[] = [];
  const troubles: string[] = [];
  const alarms: string[] = [];
  const open = async () => {
    const { signer, witness, witnessKeys } = await parties();
    const board = await openBoardServer({
      pool,
      dataDir: path.join(folder, "data"),
      origin,
      clock,
      signer,
      witness,
      anchorSeconds: options.anchorSeconds ?? 30,
      verifiers: 1,
      interval: 50,
      onFatal: (error) => fatal.push(error),
      onAlarm: (_log, alarm) => alarms.push(alarm.kind),
      onTrouble: (step, detail) => troubles.push(`${step}: ${detail}`),
      ...(options.proofs ? { proofs: options.proofs } : {}),
      ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
    });
    const app = await buildApp({
      board,
      client: path.join(folder, "no-client"),
      registrarUrls: ["/relay/registrar/1"],
      operatorToken,
      live: false,
      logger: { level: "trace", stream: { write: (line: string) => void log.push(line) } },
      ...options.app,
    });
    return { board, app, witnessKeys };
  };
  const stopped = new WeakSet<BoardServer>();
  const first = await open();
  const test: TestBoard = {
    clock,
    origin,
    folder,
    ...first,
    log,
    fatal,
    troubles,
    alarms,
    async stop() {
      if (stopped.has(test.board)) return;
      stopped.add(test.board);
      await test.app.close();
      await test.board.stop();
    },
    async restart() {
      await test.stop();
      Object.assign(test, await open());
    },
    async close() {
      await test.stop();
      rmSync(folder, { recursive: true });
    },
  };
  return test;
}
