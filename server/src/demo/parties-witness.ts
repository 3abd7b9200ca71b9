/** A witness of a demonstration: it watches both logs of the board from the first keys that the board names. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeVkey, encodeVkey, readOverview, type Surroundings } from "@hanpyo/bulletin-board";
import { createWitness, type Witness } from "@hanpyo/bulletin-board/node";

export interface PartiesWitnessOptions {
  readonly folder: string;
  /** Key name. */
  readonly name: string;
  readonly server: string;
  readonly around: Surroundings;
  readonly port: number;
  readonly onFatal: (error: unknown) => void;
}

export class PartiesWitness {
  readonly #server: Server;
  readonly #witness: Witness;
  readonly #options: PartiesWitnessOptions;
  #stopped = false;
  readonly #loop: Promise<void>;

  private constructor(options: PartiesWitnessOptions, server: Server, witness: Witness) {
    this.#options = options;
    this.#server = server;
    this.#witness = witness;
    this.#loop = this.#learn().catch((error: unknown) => {
      if (!this.#stopped) options.onFatal(error);
    });
  }

  static async start(options: PartiesWitnessOptions): Promise<PartiesWitness> {
    const { folder, name, around, port, onFatal } = options;
    const witness = await createWitness({ folder, name, clock: around.clock });
    const server = createServer((request, response) => {
      witness.handle(request, response).then(
        (known) => {
          if (!known) response.writeHead(404).end();
        },
        (error: unknown) => {
          // A request that breaks off is its sender's affair; a state that cannot be kept ends the process.
          if (request.destroyed && !response.headersSent) response.destroy();
          else onFatal(error);
        },
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    return new PartiesWitness(options, server, witness);
  }

  get vkey(): string {
    return encodeVkey(this.#witness.key);
  }

  /** Submission prefix, without a slash at its end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    await this.#loop;
  }

  /** Adds the logs once the board names them. Another key for a known origin is refused by the witness. */
  async #learn(): Promise<void> {
    const { around, server } = this.#options;
    while (!this.#stopped) {
      const overview = await readOverview(around, server);
      if (overview.ok) {
        const keys = [decodeVkey(overview.value.keys.record), decodeVkey(overview.value.keys.passes)];
        for (const key of keys) {
          if (!key.ok) throw new Error(`the board names no keys of its logs: ${key.error.detail}`);
          await this.#witness.addLog(key.value);
        }
        return;
      }
      await around.wait(200);
    }
  }
}
