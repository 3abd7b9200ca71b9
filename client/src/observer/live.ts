/** Wakes the page when there is something new: by socket where it connects, by asking every few seconds where it does not. */
import type { Socket } from "socket.io-client";

export type Connection = "connecting" | "live" | "polling";

const POLL = 5_000;
/** Several events in a moment wake once. */
const GATHER = 400;

export class Live {
  #socket: Socket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #wake: () => void;
  readonly #tell: (connection: Connection) => void;

  constructor(wake: () => void, tell: (connection: Connection) => void) {
    this.#wake = wake;
    this.#tell = tell;
    setInterval(() => {
      if (!this.#socket?.connected && document.visibilityState === "visible") this.#wake();
    }, POLL);
  }

  /** Events carry nothing that is believed: each only makes the worker read the record. */
  async connect(): Promise<void> {
    this.#tell("connecting");
    const { io } = await import("socket.io-client");
    const socket = io({ transports: ["websocket", "polling"], reconnectionDelayMax: 10_000 });
    socket.on("connect", () => {
      this.#tell("live");
      this.#soon();
    });
    socket.on("disconnect", () => this.#tell("polling"));
    socket.on("connect_error", () => this.#tell("polling"));
    for (const event of ["checkpoint", "turnout", "phase"]) socket.on(event, () => this.#soon());
    this.#socket = socket;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#wake();
    }, GATHER);
  }
}
