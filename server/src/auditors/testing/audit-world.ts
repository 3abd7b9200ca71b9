/**
 * An election from its definition to its count for tests of auditors: the board, registrars and pass log of `PassWorld`, real
 * trustees for the ceremony, anchors that carry the pass log, and in front of each registrar a proxy that can lie.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import {
  anchor,
  close,
  confirmAct,
  count,
  decodeRecord,
  EntryType,
  ed25519Official,
  encodeRecord,
  nobleSigner,
  obtainPasses,
  proposal,
  proposeAct,
} from "@hanpyo/bulletin-board";
import { nodeSurroundings } from "@hanpyo/bulletin-board/node";
import { bytesToHex, randomBytes, Secret, unwrap } from "@hanpyo/crypto";
import { sha256 } from "@noble/hashes/sha2.js";
import { ServerFolder } from "../../registrar/server-folder.ts";
import { PassWorld } from "../../registrar/testing/pass-world.ts";
import { TrusteeAgent } from "../../trustees/agent.ts";
import { writeDurably } from "../../trustees/files.ts";
import { AuditorAgent } from "../agent.ts";
import { AuditorFolder, publicPart } from "../keys.ts";

const seed = (name: string) => sha256(Buffer.from(name));

/** What a registrar's proxy does with a request for evidence; null = passes it on. */
export type Lie = (hash: string, answer: ServerResponse) => boolean;

export interface AuditWorldOptions {
  readonly voters: number;
  readonly sample: number;
  readonly auditors?: number;
}

export class AuditWorld {
  readonly folder = mkdtempSync("/tmp/hanpyo-audit-");
  readonly auditorFolders: AuditorFolder[] = [];
  /** By registrar, from 1: addresses through the proxies. */
  readonly registrars = new Map<number, string>();
  readonly lies = new Map<number, Lie>();
  passes!: PassWorld;
  readonly #servers: Server[] = [];

  static async start({ voters, sample, auditors = 2 }: AuditWorldOptions): Promise<AuditWorld> {
    const world = new AuditWorld();
    const keys = Array.from({ length: auditors }, (_, i) => {
      const folder = new AuditorFolder(path.join(world.folder, `auditor-${i + 1}`));
      world.auditorFolders.push(folder);
      const first = i === 0 ? undefined : unwrap(world.auditorFolders[0]!.keys()).evidence.secret;
      return publicPart(unwrap(folder.create(first)));
    });
    world.passes = await PassWorld.start({
      voters: Array.from({ length: voters }, (_, i) => [`v${i}`, String(i % 2), "30", "1"]),
      change: ({ schedule }) => ({
        schedule: { opens: schedule.opens, closes: schedule.opens + 110 },
        auditors: keys.map(({ key, commitment }, i) => ({ name: `auditor ${i + 1}`, key, commitment })),
        evidenceKey: keys[0]!.evidenceKey,
        auditSample: sample,
      }),
    });
    const { memory, log } = world.passes;
    log.witnesses = 3;
    memory.anchor = () => {
      const payload = encodeRecord(anchor, { board: memory.checkpoint(3), passes: log.checkpoint() });
      unwrap(memory.append(EntryType.anchor, payload));
    };
    for (const [i] of world.passes.registrars.entries()) await world.#proxy(i + 1);
    return world;
  }

  /** A person gets a pass. */
  async pass(id: string): Promise<void> {
    const board = await this.passes.board();
    const code = this.passes.codes.get(id)!.reveal();
    unwrap(await obtainPasses(this.passes.around, board, { code, seed: new Secret(randomBytes(32)), apart: 0 }));
  }

  /** Ceremony of the trustees, drills, opening. */
  async open(): Promise<void> {
    const { memory, url, around } = this.passes;
    const agents = [];
    for (const i of [1, 2, 3]) {
      const folder = new ServerFolder(path.join(this.folder, `trustee-${i}`));
      writeDurably(path.join(folder.path, "signing.key"), `${bytesToHex(seed(`trustee ${i}`))}\n`);
      agents.push(unwrap(await TrusteeAgent.open({ around, server: url, folder })));
    }
    for (let turn = 0; turn < 8; turn++) for (const agent of agents) unwrap(await agent.step());
    for (const agent of agents) unwrap(await agent.drill());
    const { state } = memory.rulebook;
    const place = { origin: memory.origin, election: state.election!, last: state.lastAct! };
    const official = (i: number) => ed25519Official(i, nobleSigner(seed(`official ${i}`)));
    memory.anchor();
    const proposed = await proposeAct(place, { type: EntryType.open, body: { at: memory.now } }, official(0));
    const { leaf } = unwrap(memory.append(proposed.type, proposed.payload));
    const read = unwrap(decodeRecord(proposal, proposed.payload));
    const confirmed = await confirmAct(place, { leafHash: leaf, proposal: read }, official(1));
    unwrap(memory.append(confirmed.type, confirmed.payload));
    this.passes.phase = "open";
  }

  close(): void {
    const { memory } = this.passes;
    memory.now += 110;
    unwrap(memory.append(EntryType.close, encodeRecord(close, {})));
    this.passes.phase = "closed";
  }

  count(): void {
    const { memory } = this.passes;
    const bitmap = memory.addDocument(new Uint8Array(0));
    unwrap(memory.append(EntryType.count, encodeRecord(count, { last: null, counted: [0, 0, 0], bitmap })));
    this.passes.phase = "counted";
  }

  async auditor(index: number): Promise<AuditorAgent> {
    const around = nodeSurroundings();
    const folder = this.auditorFolders[index - 1]!;
    return unwrap(await AuditorAgent.open({ around, server: this.passes.url, folder }));
  }

  value(index: number): Uint8Array {
    return unwrap(this.auditorFolders[index - 1]!.keys()).value.reveal();
  }

  /** Hash that registrar `index` endorsed for an entry, as hex. */
  evidenceOf(entry: number, index: number): string {
    return bytesToHex(
      this.passes.log.passes[entry]!.endorsements.find(({ registrar }) => registrar === index)!.evidence,
    );
  }

  async #proxy(index: number): Promise<void> {
    const server = createServer((req, res) => {
      const hash = /^\/evidence\/([0-9a-f]{64})$/.exec(req.url ?? "")?.[1] ?? "";
      if (this.lies.get(index)?.(hash, res)) return;
      const { port } = this.passes.registrars[index - 1]!.app.server.address() as AddressInfo;
      fetch(`http://127.0.0.1:${port}${req.url}`).then(
        async (answer) => res.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())),
        () => res.destroy(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#servers.push(server);
    this.registrars.set(index, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    await this.passes.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
