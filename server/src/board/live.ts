import type { Server as HttpServer } from "node:http";
import { complaint, confirm, decodeRecord, drill, EntryType, reveal, shares } from "@hanpyo/bulletin-board";
import type { Published } from "@hanpyo/bulletin-board/node";
import type { Clock } from "@hanpyo/crypto";
import { Server } from "socket.io";
import type { Logs } from "../elections/anchors.ts";
import type { Election } from "../elections/election.ts";
import { turnoutOf } from "./overview-routes.ts";

/** Turnout is told at most this often, milliseconds. */
const turnoutEvery = 1000;

/**
 * Tells who watches that there is something new. Events carry nothing that must be believed and nobody depends on their
 * delivery: the record itself is read as files.
 */
export class Live {
  readonly #io: Server;
  readonly #election: Election;
  readonly #logs: Logs;
  readonly #clock: Clock;
  #turnoutTimer: NodeJS.Timeout | null = null;
  #phase = "";

  constructor(http: HttpServer, election: Election, logs: Logs, clock: Clock) {
    this.#io = new Server(http, { serveClient: false, transports: ["websocket", "polling"], perMessageDeflate: false });
    this.#election = election;
    this.#logs = logs;
    this.#clock = clock;
    this.#phase = this.#phaseKey();
    const onPublished = (): void => void this.#io.emit("checkpoint", this.#checkpoints());
    logs.record.on("published", onPublished);
    logs.passes.on("published", onPublished);
    election.on("appended", (entry) => this.#appended(entry));
    this.#io.on("connection", (socket) => {
      socket.emit("checkpoint", this.#checkpoints());
      socket.emit("turnout", this.#turnout());
      socket.emit("phase", this.#phaseEvent());
    });
  }

  async close(): Promise<void> {
    if (this.#turnoutTimer !== null) clearTimeout(this.#turnoutTimer);
    await this.#io.close();
  }

  #appended(entry: { readonly type: number; readonly payload: Uint8Array; readonly index: number }): void {
    if (entry.type === EntryType.ballot) {
      this.#turnoutTimer ??= setTimeout(() => {
        this.#turnoutTimer = null;
        this.#io.emit("turnout", this.#turnout());
      }, turnoutEvery);
      return;
    }
    const ceremony = ceremonyEvent(entry);
    if (ceremony !== null) this.#io.emit("ceremony", ceremony);
    if (this.#phaseKey() !== this.#phase) {
      this.#phase = this.#phaseKey();
      this.#io.emit("phase", this.#phaseEvent());
    }
  }

  #phaseKey(): string {
    const { phase, end } = this.#election.state;
    return `${phase} ${end}`;
  }

  #phaseEvent() {
    const { phase, end, definition } = this.#election.state;
    return { phase, end: definition ? end : null };
  }

  #turnout() {
    return { ...turnoutOf(this.#election), at: Math.floor(this.#clock.now() / 1000) };
  }

  #checkpoints() {
    const of = (published: Published | null) => published && { size: published.checkpoint.size, note: published.note };
    return { record: of(this.#logs.record.latest), passes: of(this.#logs.passes.latest) };
  }
}

const messages = {
  [EntryType.reveal]: ["reveal", reveal.signed],
  [EntryType.shares]: ["shares", shares.signed],
  [EntryType.confirm]: ["confirm", confirm.signed],
  [EntryType.complaint]: ["complaint", complaint.signed],
} as const;

/** A step of a ceremony that is on the record now; drills are the last one, of the trustees alone. */
export function ceremonyEvent(entry: { readonly type: number; readonly payload: Uint8Array }) {
  if (entry.type === EntryType.drill) {
    const decoded = decodeRecord(drill.signed, entry.payload);
    return decoded.ok ? { group: 0, round: null, step: "drill", index: decoded.value.index } : null;
  }
  const known = messages[entry.type as keyof typeof messages];
  if (known === undefined) return null;
  const decoded = decodeRecord<{ group: number; round: number; index: number }>(known[1] as never, entry.payload);
  return decoded.ok
    ? { group: decoded.value.group, round: decoded.value.round, step: known[0], index: decoded.value.index }
    : null;
}
