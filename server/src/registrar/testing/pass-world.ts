/**
 * An election before its opening, for tests of passes: a board over real HTTP with a pass log in memory, registrars with
 * real folders and real Postgres schemas, and proxies that make a registrar lie or vanish.
 */
import { mkdtempSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type Board,
  cosign,
  type DefinitionBody,
  EntryType,
  ed25519Official,
  encodeBundle,
  encodeCheckpoint,
  encodeDefinitionBody,
  encodeEntry,
  encodeNote,
  encodePolicyDocument,
  firstPrev,
  Judge,
  judgePass,
  keyType,
  leafHash,
  MemoryTree,
  nobleSigner,
  openBoard,
  type PassEntry,
  type PolicyDocument,
  parseTilePath,
  type Surroundings,
  signDefinition,
  signNote,
  verifierKey,
} from "@hanpyo/bulletin-board";
import { type Embedded, openPool, startEmbedded } from "@hanpyo/bulletin-board/node";
import { bytesToHex, type KeyPair, randomKeyPair, type Secret, unwrap } from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import type pg from "pg";
import { MemoryBoard } from "../../../../bulletin-board/src/testing/memory-board.ts";
import { smallDefinition } from "../../../../bulletin-board/src/testing/small-definition.ts";
import { makeRoll } from "../../eligibility/make-roll.ts";
import { writeRoll } from "../../eligibility/roll-folder.ts";
import { nodeSurroundings } from "../../trustees/command-line.ts";
import { Registrar, type RegistrarOptions } from "../registrar.ts";
import { ServerFolder } from "../server-folder.ts";

const seed = (name: string) => nobleSigner(sha256(Buffer.from(name)));

/** What a proxy does with one request: null = pass it on; `drop` = send it on and lose the answer. */
export type Meddle = (route: string, body: string) => "drop" | "down" | { answer: (text: string) => string } | null;

async function listen(
  handler: (req: IncomingMessage, res: ServerResponse) => Promise<void>,
): Promise<{ server: Server; url: string }> {
  const server = createServer((req, res) => {
    handler(req, res).catch((error: unknown) => {
      res.destroy(error as Error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });

async function body(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of req as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

/** The pass log: appended by the same rulebook that registrars ask, published under as many witnesses as are up. */
export class TestPassLog {
  readonly entries: Uint8Array[] = [];
  readonly passes: PassEntry[] = [];
  /** Witnesses that answer. */
  witnesses = 4;
  /** While set, entries are admitted but no new checkpoint is published. */
  frozen = false;
  readonly #tree = new MemoryTree();
  readonly #origin: string;
  #published = "";
  #publishedWitnesses = -1;
  #publishedSize = 0;

  constructor(origin: string) {
    this.#origin = `${origin}/passes`;
  }

  append(rules: Parameters<typeof judgePass>[0], payload: Uint8Array): { status: number; answer: object } {
    const judge = new Judge();
    const view = {
      nullifier: (nullifier: Uint8Array) => {
        const at = this.passes.findIndex((pass) => bytesToHex(pass.nullifier) === bytesToHex(nullifier));
        return at < 0 ? undefined : at;
      },
      passes: (classIndex: number) => this.passes.filter((pass) => pass.class === classIndex).length,
    };
    const judged = judgePass(rules, view, EntryType.pass, payload, judge);
    const [refusal] = judge.refusals;
    if (judged === null || refusal !== undefined)
      return { status: 409, answer: { code: refusal!.code, part: refusal!.part, index: refusal!.reason } };
    const index = this.entries.length;
    const last = this.entries.at(-1);
    const prev = last === undefined ? firstPrev(this.#origin) : leafHash(last);
    const entry = encodeEntry({ type: EntryType.pass, index, prev, payload });
    this.entries.push(entry);
    this.passes.push(judged.pass);
    this.#tree.append(leafHash(entry));
    return { status: 201, answer: { index } };
  }

  checkpoint(): string {
    if (this.frozen || (this.#publishedSize === this.entries.length && this.#publishedWitnesses === this.witnesses))
      return this.#published;
    const text = encodeCheckpoint({ origin: this.#origin, size: this.entries.length, root: this.#tree.root() });
    const log = seed("board/passes");
    const signatures = [signNote(text, verifierKey(this.#origin, keyType.note, log.publicKey), log)];
    for (let i = 1; i <= this.witnesses; i++) {
      const witness = seed(`board/witness ${i}`);
      signatures.push(
        cosign(
          text,
          1_800_000_000,
          verifierKey(`witness${i}.example`, keyType.cosignature, witness.publicKey),
          witness,
        ),
      );
    }
    this.#published = encodeNote({ text, signatures });
    this.#publishedSize = this.entries.length;
    this.#publishedWitnesses = this.witnesses;
    return this.#published;
  }

  file(name: string): Uint8Array | null {
    if (name === "checkpoint") return Buffer.from(this.checkpoint());
    const tile = parseTilePath(name);
    if (!tile.ok) return null;
    const { level, index, width } = tile.value;
    if (level !== "entries" && level > 0) return null;
    if (index * 256 + width > this.entries.length) return null;
    const range = Array.from({ length: width }, (_, i) => index * 256 + i);
    if (level === "entries") return encodeBundle(range.map((i) => this.entries[i]!));
    return Buffer.concat(range.map((i) => this.#tree.hashOf({ level: 0, index: i })));
  }
}

export interface PassWorldOptions {
  /** Rows of the roll: id, class, age, shares. */
  readonly voters?: readonly (readonly [string, string, string, string])[];
  readonly limits?: RegistrarOptions["limits"];
  readonly holdSign?: number;
  readonly change?: (body: DefinitionBody) => Partial<DefinitionBody>;
}

export class PassWorld {
  readonly memory = new MemoryBoard({ origin: "test.example/rehearsal/passes" });
  readonly log = new TestPassLog("test.example/rehearsal/passes");
  readonly around: Surroundings = nodeSurroundings();
  readonly auditors: KeyPair = randomKeyPair();
  readonly registrars: Registrar[] = [];
  readonly folders: ServerFolder[] = [];
  readonly logLines: string[] = [];
  /** Per registrar, from index 1. */
  readonly meddle = new Map<number, Meddle>();
  /** Bodies that reached each registrar's proxy: route and body. */
  readonly seen: { readonly registrar: number; readonly route: string; readonly body: string }[] = [];
  codes: ReadonlyMap<string, Secret<string>> = new Map();
  url = "";
  /** Shifts the registrars' clocks, milliseconds. */
  shift = 0;
  phase = "setup";
  /** How often the overview was asked for: registrars do after every look for what they endorsed and nobody logged. */
  overviews = 0;
  /** The board answers postings of passes with 503 while set. */
  refusePasses = false;
  pool!: pg.Pool;
  rollFolder = "";
  #embedded!: Embedded;
  #options: PassWorldOptions = {};
  readonly #servers: Server[] = [];
  readonly #targets: string[] = [];
  readonly #proxies: string[] = [];
  readonly fatal: unknown[] = [];

  static async start(options: PassWorldOptions = {}): Promise<PassWorld> {
    const world = new PassWorld();
    world.#options = options;
    const folder = mkdtempSync("/tmp/hanpyo-passes-");
    world.#embedded = await startEmbedded(path.join(tmpdir(), `${path.basename(folder)}-db`), {
      settings: { fsync: "off" },
    });
    world.pool = openPool({ ...world.#embedded.pool, max: 20 });
    const keys = Array.from({ length: 4 }, (_, i) => {
      const own = new ServerFolder(path.join(folder, `registrar-${i + 1}`));
      world.folders.push(own);
      return own.createKey();
    });
    await world.#define(folder, keys);
    const { server, url } = await listen((req, res) => world.#board(req, res));
    world.#servers.push(server);
    world.url = url;
    for (let i = 0; i < 4; i++) {
      const proxy = await listen((req, res) => world.#proxy(i + 1, req, res));
      world.#servers.push(proxy.server);
      world.#proxies.push(`${proxy.url}/`);
    }
    for (let i = 0; i < 4; i++) await world.startRegistrar(i + 1);
    await Promise.all(world.registrars.map((registrar) => registrar.ready));
    return world;
  }

  async #define(folder: string, keys: readonly ReturnType<typeof seed>[]): Promise<void> {
    const voters = this.#options.voters ?? [
      ["1001", "0", "30", "1"],
      ["1002", "1", "41", "1"],
      ["1003", "0", "17", "1"],
    ];
    const table = { columns: ["id", "class", "age", "shares"], rows: voters };
    const made = await makeRoll(table, { authority: { name: "Office", key: seed("authority") } });
    this.codes = made.codes;
    this.rollFolder = path.join(folder, "roll");
    writeRoll(this.rollFolder, made);
    const policy: PolicyDocument = {
      v: 1,
      snapshotAt: 1_800_000_000,
      source: "signed-roll",
      columns: [
        { name: "class", type: "int" },
        { name: "age", type: "int" },
        { name: "shares", type: "int" },
      ],
      eligible: "age >= 18",
      class: "class",
      weight: "shares",
      tests: [{ name: "a child", row: ["0", "12", "1"], eligible: false, class: null }],
    };
    const parties = {
      officials: [seed("official 0"), seed("official 1")],
      trustees: [seed("trustee 1"), seed("trustee 2"), seed("trustee 3")],
      registrars: keys,
    };
    const both = (en: string) => ({ ko: en, en });
    const plain = smallDefinition(this.memory, parties, {
      groups: [
        { title: both("All"), parent: null },
        { title: both("North"), parent: 0 },
        { title: both("South"), parent: 0 },
      ],
      classes: [
        { group: 1, weight: 1, contests: [0], certified: 20 },
        { group: 2, weight: 1, contests: [0], certified: 20 },
        { group: 1, weight: 2, contests: [0], certified: 20 },
      ],
      policy: this.memory.addDocument(encodePolicyDocument(policy)),
      trust: this.memory.addDocument(made.trustBytes),
      auditors: [{ name: "auditor", key: seed("auditor").publicKey, commitment: sha256(Buffer.from("value")) }],
      evidenceKey: this.auditors.encoded,
      auditSample: 5,
    });
    const definition = { ...plain, ...this.#options.change?.(plain) };
    const entry = await signDefinition(encodeDefinitionBody(definition), definition.origin, [
      ed25519Official(0, parties.officials[0]!),
      ed25519Official(1, parties.officials[1]!),
    ]);
    unwrap(this.memory.append(entry.type, entry.payload));
  }

  /** Starts (again) the registrar of this index, from its folder and its schema. */
  async startRegistrar(index: number, change: Partial<RegistrarOptions> = {}): Promise<Registrar> {
    const clock = { now: () => Date.now() + this.shift };
    const registrar = new Registrar({
      server: this.url,
      folder: this.folders[index - 1]!,
      roll: this.rollFolder,
      pool: this.pool,
      around: { ...nodeSurroundings(clock) },
      interval: 60,
      log: { write: (line) => void this.logLines.push(line) },
      onFatal: (error) => void this.fatal.push(error),
      ...(this.#options.limits === undefined ? {} : { limits: this.#options.limits }),
      ...(this.#options.holdSign === undefined ? {} : { holdSign: this.#options.holdSign }),
      ...change,
    });
    const port = await registrar.start();
    this.registrars[index - 1] = registrar;
    this.#targets[index - 1] = `http://127.0.0.1:${port}/`;
    return registrar;
  }

  /** A fresh device's view. */
  async board(around: Surroundings = this.around): Promise<Board> {
    return unwrap(await openBoard(around, this.url));
  }

  async stop(): Promise<void> {
    await Promise.all(this.registrars.map((registrar) => registrar.stop()));
    await Promise.all(this.#servers.map(close));
    await this.pool.end();
    await this.#embedded.stop();
  }

  async #board(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const target = req.url ?? "";
    const send = (status: number, content: Uint8Array | object) => {
      const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
      res.writeHead(status).end(bytes);
    };
    if (target === "/api/election") {
      this.overviews++;
      return send(200, this.#overview());
    }
    if (target === "/api/passes") {
      if (this.refusePasses) return send(503, { code: "overloaded" });
      const { status, answer } = this.log.append(this.#rules(), new Uint8Array(await body(req)));
      return send(status, answer);
    }
    if (target.startsWith("/passes/")) {
      const file = this.log.file(target.slice("/passes/".length));
      return file === null ? send(404, {}) : send(200, file);
    }
    const answer = await this.memory.surroundings().fetch(`http://board${target}`, {
      method: req.method!,
      headers: {},
      body: new Uint8Array(await body(req)),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      cache: "no-store",
    });
    const chunks: Uint8Array[] = [];
    const reader = answer.body?.getReader();
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (value !== undefined) chunks.push(value);
      if (done) break;
    }
    send(answer.status, Buffer.concat(chunks));
  }

  #rules(): Parameters<typeof judgePass>[0] {
    const { state } = this.memory.rulebook;
    return {
      election: state.election!,
      definition: state.definition!,
      endorsementKey: (index) => state.registrarKeys.get(index)?.message.endorsement,
    };
  }

  #overview(): object {
    const { state } = this.memory.rulebook;
    const { keys, witnesses, witnessQuorum } = this.memory.keys;
    return {
      origin: this.memory.origin,
      election: state.election === null ? null : bytesToHex(state.election),
      context: null,
      phase: this.phase,
      opens: 1,
      end: 2,
      now: 1,
      rehearsal: true,
      size: this.memory.size,
      passes: this.log.entries.length,
      turnout: { total: 0, classes: [] },
      keys: { ...keys, witnesses, quorum: witnessQuorum },
      registrars: this.#proxies.map((url, i) => ({ index: i + 1, name: `registrar ${i + 1}`, url })),
    };
  }

  async #proxy(index: number, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const route = (req.url ?? "").slice(1);
    const text = (await body(req)).toString("utf8");
    this.seen.push({ registrar: index, route, body: text });
    const does = this.meddle.get(index)?.(route, text) ?? null;
    if (does === "down") return void res.destroy();
    const answer = await fetch(`${this.#targets[index - 1]}${route}`, {
      method: req.method!,
      headers: { "content-type": req.headers["content-type"] ?? "application/json" },
      ...(req.method === "POST" ? { body: text } : {}),
    });
    const said = await answer.text();
    if (does === "drop") return void res.destroy();
    res.writeHead(answer.status, { "content-type": "application/json" });
    res.end(does === null || !answer.ok ? said : does.answer(said));
  }
}
