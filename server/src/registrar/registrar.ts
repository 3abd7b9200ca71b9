/**
 * A registrar from its folder to its open port: takes part in the ceremony, publishes its keys, waits for the others', then
 * serves. Everything it needs to know of the election it reads from the record under its witnesses.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import {
  type Board,
  binary,
  call,
  type DefinitionBody,
  type Election,
  encodeBase64url,
  integer,
  openBoard,
  RecordFollower,
  readOverview,
  type Surroundings,
  shape,
  signRegistrarKeys,
  type Trouble,
} from "@hanpyo/bulletin-board";
import { bytesToHex, type KeyPair, verifyEndorsement } from "@hanpyo/crypto";
import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { Policy } from "../eligibility/policy.ts";
import { readRoll } from "../eligibility/roll-folder.ts";
import { CeremonyParticipant, sendEntry } from "../trustees/participant.ts";
import { registrarApp } from "./app.ts";
import { EvidenceSource, evidenceRoutes } from "./evidence-routes.ts";
import { PassLogCopy } from "./pass-log-copy.ts";
import { type RegistrarSecrets, registrarSecrets } from "./secrets.ts";
import type { ServerFolder } from "./server-folder.ts";
import { defaultLimits, type GivenEndorsement, type RegistrarLimits, RegistrarService } from "./service.ts";
import { RegistrarStore } from "./store.ts";

export interface RegistrarOptions {
  /** Address of the board, without a slash at its end. */
  readonly server: string;
  readonly folder: ServerFolder;
  /** Folder with roll.csv, roll.sig and roll.salt. */
  readonly roll: string;
  readonly pool: pg.Pool;
  readonly around: Surroundings;
  /** E, where the operator states it. */
  readonly election?: Uint8Array;
  readonly limits?: RegistrarLimits;
  readonly holdSign?: number;
  readonly log?: { write(line: string): void };
  readonly trustProxy?: readonly string[];
  /** Milliseconds between looks at the record before voting and at the pass log while somebody waits; default 400. */
  readonly interval?: number;
  /** Says in words what it is waiting for; never about a person. */
  readonly say?: (what: string) => void;
  /** A defect or a fault of this registrar's own database or folder: it cannot go on. */
  readonly onFatal: (error: unknown) => void;
}

/** Where the tables of a registrar of an election lie. */
export const registrarSchema = (election: Uint8Array, index: number): string =>
  `registrar_${index}_${createHash("sha256").update(election).digest("hex").slice(0, 16)}`;

const logged = shape({ index: integer });
const endorsementShape = shape({ nullifier: binary(32), evidence: binary(32), signature: binary(64) });
/** Looks for endorsements that nobody logged. */
const publishEvery = 5_000;
const publishTries = 6;
/** The phases before the pass log ends. */
const issuing: ReadonlySet<string> = new Set(["setup", "open", "paused"]);

export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #interval: number;
  readonly app: FastifyInstance;
  #service: RegistrarService | null = null;
  #copy: PassLogCopy | null = null;
  #parts: { nullifierKey: KeyPair | null } | null = null;
  #store: RegistrarStore | null = null;
  #evidence: EvidenceSource | null = null;
  #election: Election | null = null;
  #index = 0;
  #phase = "setup";
  #trouble: { readonly line: string; readonly since: number; said: boolean } | null = null;
  #stopped = false;
  #look: Promise<void> | null = null;
  readonly #tries = new Map<string, number>();
  readonly #loops: Promise<void>[] = [];
  #markReady: () => void = () => undefined;
  /** Resolves when requests are served. */
  readonly ready: Promise<void>;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#interval = options.interval ?? 400;
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve;
    });
    const { clock } = options.around;
    this.app = registrarApp({
      service: () => this.#service,
      nextLook: () => this.#nextLook(),
      now: () => clock.now(),
      ...(options.holdSign === undefined ? {} : { holdSign: options.holdSign }),
      ...(options.log === undefined ? {} : { log: options.log }),
      ...(options.trustProxy === undefined ? {} : { trustProxy: options.trustProxy }),
    });
    evidenceRoutes(this.app, { source: () => this.#evidence, clock });
  }

  /** Listens at once (answering "not ready") and starts working towards being ready. Gives the port. */
  async start(port = 0, host = "127.0.0.1"): Promise<number> {
    await this.app.listen({ port, host });
    this.#loops.push(this.#run());
    const address = this.app.server.address();
    if (address === null || typeof address === "string") throw new Error("a registrar listens on a port");
    return address.port;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.app.close();
    await Promise.all(this.#loops);
  }

  get index(): number {
    return this.#index;
  }

  /** After the contest period: no share of a nullifier can be made again, by anybody who gets this folder either. */
  destroyNullifierKey(): void {
    this.#options.folder.destroyShare();
    if (this.#parts !== null) this.#parts.nullifierKey = null;
  }

  async #run(): Promise<void> {
    try {
      const board = await this.#prepare();
      if (board === null) return;
      this.#markReady();
      this.#loops.push(this.#watch(board));
    } catch (error) {
      if (!this.#stopped) this.#options.onFatal(error);
    }
  }

  /** Runs until the registrar can serve, and gives the board; null if it was stopped before. */
  async #prepare(): Promise<Board | null> {
    const { around } = this.#options;
    let follower: RecordFollower | null = null;
    let published = false;
    while (!this.#stopped) {
      // The whole record is followed during the ceremony only; later its head is enough, however many ballots there are.
      const state = follower?.state;
      const complete = state === undefined || (state.ceremonies[1].completed !== undefined && this.#allKeys(follower!));
      const opened = complete ? await this.#openAndServe() : null;
      if (opened !== null && opened !== "not-ready") return opened;
      follower ??= await this.#follow();
      if (follower !== null) published = await this.#takePart(follower, published);
      await around.wait(this.#interval);
    }
    return null;
  }

  #allKeys({ state, definition }: RecordFollower): boolean {
    return state.registrarKeys.size === definition.registrars.length;
  }

  async #openAndServe(): Promise<Board | "not-ready"> {
    const board = await openBoard(this.#options.around, this.#options.server, this.#options.election ?? null);
    if (!board.ok) this.#say(board.error);
    if (!board.ok || board.value.election.registrars.length === 0) return "not-ready";
    this.#findIndex(board.value.election.definition);
    await this.#serve(board.value);
    return board.value;
  }

  async #follow(): Promise<RecordFollower | null> {
    const { around, server, election } = this.#options;
    const opened = await RecordFollower.open({ around, server, ...(election === undefined ? {} : { election }) });
    if (!opened.ok) {
      this.#say(opened.error);
      return null;
    }
    this.#findIndex(opened.value.definition);
    return opened.value;
  }

  #findIndex(definition: DefinitionBody): void {
    const own = bytesToHex(this.#options.folder.createKey().publicKey);
    this.#index = definition.registrars.findIndex((party) => bytesToHex(party.key) === own) + 1;
    if (this.#index === 0) throw new Error("the definition does not name this folder's key as a registrar's");
  }

  /** One step of the ceremony, and the keys once; true when they are out. */
  async #takePart(follower: RecordFollower, published: boolean): Promise<boolean> {
    const { folder } = this.#options;
    const index = this.#index;
    const key = folder.createKey();
    const step = await new CeremonyParticipant({ follower, folder, group: 1, index, key }).step();
    if (!step.ok) this.#say(step.error);
    if (published || follower.state.registrarKeys.has(index)) return true;
    const secrets = await registrarSecrets(folder.path, follower.definition.classes.length);
    const entry = signRegistrarKeys(
      {
        election: follower.election,
        index,
        moduli: secrets.moduli,
        endorsement: secrets.endorsement.encoded,
        policy: follower.definition.policy,
        trust: follower.definition.trust,
      },
      key,
    );
    const sent = await sendEntry(follower, entry);
    if (!sent.ok) this.#say(sent.error);
    return sent.ok;
  }

  async #serve(board: Board): Promise<void> {
    const { around, folder, pool } = this.#options;
    const { election } = board;
    const secrets = await registrarSecrets(folder.path, election.definition.classes.length);
    this.#checkOwnKeys(election, secrets);
    const policy = Policy.compile(election.policy, election.definition.classes);
    if (!policy.ok) throw new Error(`policy: ${policy.error.where}: ${policy.error.detail}`);
    const roll = readRoll(this.#options.roll, election.trust);
    if (!roll.ok) throw new Error(`roll: ${roll.error.detail}`);
    const store = await RegistrarStore.open(pool, registrarSchema(election.id, this.#index));
    const url = `${board.url}/passes`;
    const copy = await PassLogCopy.open({ around, url, policy: board.passes.policy, election, store });
    if (!copy.ok) throw new Error(`pass log: ${copy.error.code}: ${copy.error.detail}`);
    const parts = {
      index: this.#index,
      election,
      policy: policy.value,
      roll: roll.value,
      secrets,
      nullifierKey: await this.#nullifierKey(election),
      store,
      copy: copy.value,
      clock: around.clock,
      limits: this.#options.limits ?? defaultLimits,
      ended: () => !issuing.has(this.#phase),
    };
    this.#phase = board.overview.phase;
    this.#election = election;
    this.#store = store;
    this.#copy = copy.value;
    this.#evidence = new EvidenceSource(pool, registrarSchema(election.id, this.#index), board, around);
    this.#parts = parts;
    // A database restored from an older state first catches up with the log.
    await copy.value.advance();
    this.#service = new RegistrarService(parts);
  }

  #checkOwnKeys(election: Election, secrets: RegistrarSecrets): void {
    const view = election.registrars[this.#index - 1]!;
    const same =
      view.moduli.every((modulus, i) => bytesToHex(modulus) === bytesToHex(secrets.moduli[i]!)) &&
      view.endorsement.equals(secrets.endorsement.publicKey);
    if (!same) throw new Error("the record holds other keys of this registrar than its folder");
  }

  async #nullifierKey(election: Election): Promise<KeyPair | null> {
    const { folder } = this.#options;
    if (folder.shareDestroyed) return null;
    const share = await folder.backup();
    if (!share.ok) throw new Error(share.error.detail);
    const expected = election.registrars[this.#index - 1]!.nullifierKey;
    if (!expected.equals(share.value.keys.publicKey))
      throw new Error("the folder holds another share than the record says");
    return share.value.keys;
  }

  /** Follows the pass log and the phase, and publishes what was endorsed and not logged. */
  async #watch(board: Board): Promise<void> {
    const { around } = this.#options;
    let publishAt = 0;
    while (!this.#stopped) {
      try {
        await this.#nextLook();
        const now = around.clock.now();
        // Also after a clock went back.
        if (now >= publishAt || now < publishAt - publishEvery) {
          publishAt = now + publishEvery;
          const overview = await readOverview(around, board.url);
          if (overview.ok) this.#phase = overview.value.phase;
          if (issuing.has(this.#phase)) await this.#publishOverdue(board);
        }
        await around.wait(2 * this.#interval);
      } catch (error) {
        if (this.#stopped) return;
        // The database is away: requests fail until it is back, and nothing is promised meanwhile.
        this.#options.say?.(`waiting for the database: ${error instanceof Error ? error.name : "error"}`);
        await around.wait(1_000);
      }
    }
  }

  /** One look at the pass log, after a short wait, shared by all who wait for it. */
  #nextLook(): Promise<void> {
    this.#look ??= (async () => {
      await this.#options.around.wait(this.#interval);
      const copy = this.#copy;
      if (copy === null || this.#stopped) return;
      const done = await copy.advance();
      if (!done.ok) this.#say(done.error);
    })().finally(() => {
      this.#look = null;
    });
    return this.#look;
  }

  async #publishOverdue(board: Board): Promise<void> {
    const { around } = this.#options;
    const store = this.#store!;
    const now = around.clock.now();
    for (const own of await store.overdue(now)) {
      if ((await store.pass(own.nullifier)) !== null) {
        await store.postpone(own, null);
        continue;
      }
      const name = bytesToHex(own.nullifier) + bytesToHex(own.request);
      const tries = (this.#tries.get(name) ?? 0) + 1;
      this.#tries.set(name, tries);
      const payload = this.#service!.completed(
        own,
        await this.#othersEndorsements(own.nullifier, own.request, own.class),
      );
      if (payload !== null) await call(around, `${board.url}/api/passes`, payload, logged);
      // Fewer than q endorsed: its person may still come back; after some tries it is left to them.
      const over = tries >= publishTries;
      if (over) this.#tries.delete(name);
      await store.postpone(own, over ? null : now + 30_000 * 2 ** tries);
    }
  }

  async #othersEndorsements(
    nullifier: Uint8Array,
    request: Uint8Array,
    classIndex: number,
  ): Promise<ReadonlyMap<number, GivenEndorsement>> {
    const { around } = this.#options;
    const election = this.#election!;
    const body = { nullifier: encodeBase64url(nullifier), request: encodeBase64url(request) };
    const found = new Map<number, GivenEndorsement>();
    await Promise.all(
      election.registrars.map(async (view) => {
        if (view.index === this.#index) return;
        const answer = await call(around, `${view.url}endorsement`, body, endorsementShape, { timeout: 5_000 });
        if (!answer.ok) return;
        const { evidence, signature } = answer.value;
        const { policy } = election.definition;
        const statement = {
          election: election.id,
          nullifier,
          class: classIndex,
          request,
          policy,
          registrar: view.index,
          evidence,
        };
        if (verifyEndorsement(view.endorsement, statement, signature).ok) found.set(view.index, answer.value);
      }),
    );
    return found;
  }

  /** Says what it waits for, once, and only where it lasts: a board that is being made or restarted is no news. */
  #say(error: Pick<Trouble, "detail"> & { readonly code: string }): void {
    const line = `${error.code}: ${error.detail}`;
    const now = this.#options.around.clock.now();
    if (this.#trouble?.line !== line) this.#trouble = { line, since: now, said: false };
    if (this.#trouble.said || now - this.#trouble.since < patience) return;
    this.#trouble.said = true;
    this.#options.say?.(line);
  }
}

/** How long the same trouble lasts before it is worth a line, milliseconds. */
const patience = 30_000;

/** The registrar's own folder by its index, where one machine hosts several. */
export const registrarFolder = (base: string, index: number): string => path.join(base, `registrar-${index}`);
