/** A trustee of a demonstration: does by itself what a person does with the trustee command. */
import { readOverview, type Surroundings } from "@hanpyo/bulletin-board";
import type { ServerFolder } from "../registrar/server-folder.ts";
import { TrusteeAgent } from "../trustees/agent.ts";
import { isPassing } from "../trustees/command-line.ts";
import { verifyForShare } from "../trustees/verify-for-share.ts";

/** How far a trustee is. */
export type TrusteeStand = "waiting" | "ceremony" | "drilled" | "shared" | "absent" | "excluded";

export interface PartiesTrusteeOptions {
  readonly folder: ServerFolder;
  readonly server: string;
  readonly around: Surroundings;
  /** Sends no share: an election must do without it. */
  readonly absent: boolean;
  readonly say: (line: string) => void;
  readonly onFatal: (error: unknown) => void;
}

const pause = 300;

export class PartiesTrustee {
  readonly #options: PartiesTrusteeOptions;
  readonly publicKey: Uint8Array;
  stand: TrusteeStand = "waiting";
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: PartiesTrusteeOptions) {
    this.#options = options;
    this.publicKey = options.folder.createKey().publicKey;
  }

  start(): void {
    this.#loop = this.#run().catch((error: unknown) => {
      if (!this.#stopped) this.#options.onFatal(error);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    const agent = await this.#open();
    if (agent === null || !(await this.#ceremony(agent))) return;
    if (!(await this.#repeat(() => agent.drill()))) return;
    this.stand = "drilled";
    if (this.#options.absent) {
      this.stand = "absent";
      return;
    }
    if (!(await this.#tallied())) return;
    if (!(await this.#repeat(() => agent.share(verifyForShare)))) return;
    this.stand = "shared";
    this.#options.say("share sent");
  }

  async #open(): Promise<TrusteeAgent | null> {
    const { around, server, folder } = this.#options;
    while (!this.#stopped) {
      const opened = await TrusteeAgent.open({ around, server, folder });
      if (opened.ok) return opened.value;
      if (!isPassing(opened.error)) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
      await around.wait(pause);
    }
    return null;
  }

  /** True when the ceremony is complete; false if it was stopped or goes on without this trustee. */
  async #ceremony(agent: TrusteeAgent): Promise<boolean> {
    this.stand = "ceremony";
    while (!this.#stopped) {
      const step = await agent.step();
      if (step.ok && step.value.kind === "completed") return true;
      if (step.ok && step.value.kind === "excluded") {
        this.stand = "excluded";
        return false;
      }
      if (!step.ok && !isPassing(step.error)) this.#options.say(`${step.error.code}: ${step.error.detail}`);
      await this.#options.around.wait(pause);
    }
    return false;
  }

  /** Until the board says that there is a tally; the agent then reads the record itself. */
  async #tallied(): Promise<boolean> {
    const { around, server } = this.#options;
    while (!this.#stopped) {
      const overview = await readOverview(around, server);
      if (overview.ok && ["tallied", "decided"].includes(overview.value.phase)) return true;
      if (overview.ok && overview.value.phase === "aborted") return false;
      await around.wait(1_000);
    }
    return false;
  }

  async #repeat(
    work: () => Promise<{ readonly ok: boolean; readonly error?: { readonly code: string; readonly detail: string } }>,
  ): Promise<boolean> {
    let said = "";
    while (!this.#stopped) {
      const done = await work();
      if (done.ok) return true;
      const reason = `${done.error!.code}: ${done.error!.detail}`;
      if (reason !== said && !isPassing(done.error!)) this.#options.say(reason);
      said = reason;
      await this.#options.around.wait(1_000);
    }
    return false;
  }
}
