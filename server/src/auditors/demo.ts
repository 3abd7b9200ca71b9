/**
 * The auditors of a demonstration in one process: each with its own folder, each doing by itself what a person does with the
 * auditor command. They share the evidence key and nothing else; the values go from hand to hand once all may be revealed.
 */
import path from "node:path";
import { readOverview, type Surroundings } from "@hanpyo/bulletin-board";
import { type Result, unwrap } from "@hanpyo/crypto";
import { isPassing } from "../trustees/command-line.ts";
import { AuditorAgent, type AuditorTrouble, postReport } from "./agent.ts";
import { AuditorFolder, type AuditorPublic, publicPart } from "./keys.ts";

/** How far the auditors are; `refused` = the board does not take their report. */
export type AuditorsStand = "waiting" | "auditing" | "reported" | "refused" | "stopped";

export interface DemoAuditorsOptions {
  readonly around: Surroundings;
  /** Address of the board, without a slash at its end. */
  readonly server: string;
  /** Holds a folder per auditor, `auditor-1` and so on; keys are made if they are missing. */
  readonly folder: string;
  readonly count: number;
  /** Folder with roll.csv, roll.sig and roll.salt; needed once there is something to audit. */
  readonly roll: string;
  /** Addresses of registrars by index, with a slash at the end, where the board's are relays. */
  readonly registrars?: () => ReadonlyMap<number, string>;
  /** A line for the terminal; never about a person. */
  readonly say?: (line: string) => void;
  readonly onFatal: (error: unknown) => void;
}

/** What a definition says of them: empty and null without auditors, the stated mode "no audit". */
export interface AuditorsOfDefinition {
  readonly auditors: readonly Pick<AuditorPublic, "key" | "commitment">[];
  readonly evidenceKey: Uint8Array | null;
}

const pause = 1_000;
/** Audits that may fail for want of a registrar's answer before its silence becomes a finding. */
const patience = 5;

export class DemoAuditors {
  readonly definition: AuditorsOfDefinition;
  stand: AuditorsStand = "waiting";
  readonly #options: DemoAuditorsOptions;
  readonly #folders: readonly AuditorFolder[];
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: DemoAuditorsOptions) {
    this.#options = options;
    this.#folders = Array.from(
      { length: options.count },
      (_, i) => new AuditorFolder(path.join(options.folder, `auditor-${i + 1}`)),
    );
    const [first, ...others] = this.#folders;
    const keys = first === undefined ? [] : [unwrap(first.create())];
    for (const folder of others) keys.push(unwrap(folder.create(keys[0]!.evidence.secret)));
    const parts = keys.map(publicPart);
    this.definition = {
      auditors: parts.map(({ key, commitment }) => ({ key, commitment })),
      evidenceKey: parts[0]?.evidenceKey ?? null,
    };
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
    if (this.#folders.length === 0 || !(await this.#counted())) return;
    this.stand = "auditing";
    const agents: AuditorAgent[] = [];
    for (const folder of this.#folders) {
      const { around, server } = this.#options;
      const agent = await this.#patiently(() => AuditorAgent.open({ around, server, folder }));
      if (agent === null) return;
      agents.push(agent);
    }
    if (agents.some(({ reported }) => reported)) {
      this.stand = "reported";
      return;
    }
    await this.#report(agents);
  }

  async #report(agents: readonly AuditorAgent[]): Promise<void> {
    const { say = () => undefined, roll } = this.#options;
    const values: Uint8Array[] = [];
    for (const agent of agents) {
      const value = await this.#patiently(() => agent.reveal());
      if (value === null) return;
      values.push(value);
    }
    let unsigned: Uint8Array | null = null;
    const signatures: Uint8Array[] = [];
    for (const agent of agents) {
      let tries = 0;
      const done = await this.#patiently(() => {
        const registrars = this.#options.registrars?.();
        const final = ++tries > patience;
        return agent.audit({ values, roll, final, ...(registrars === undefined ? {} : { registrars }) });
      });
      if (done === null) return;
      if (unsigned === null) {
        say(`opened ${done.sample.length} passes: ${done.findings.length} findings`);
        for (const { entry, text } of done.findings) say(`pass ${entry}: ${text}`);
      }
      unsigned ??= done.unsigned;
      const report = unsigned;
      const signature = await this.#patiently(() => agent.sign(report));
      if (signature === null) return;
      signatures.push(signature);
    }
    const posted = await this.#patiently(() => postReport(agents[0]!.follower, unsigned!, signatures));
    if (posted === null) return;
    this.stand = "reported";
    say("the report is on the record");
  }

  /** Until the board says that votes are counted; the agents then read the record themselves. False if it never will. */
  async #counted(): Promise<boolean> {
    const { around, server } = this.#options;
    while (!this.#stopped) {
      const overview = await readOverview(around, server);
      if (overview.ok && ["counted", "tallied", "decided"].includes(overview.value.phase)) return true;
      if (overview.ok && overview.value.phase === "aborted") break;
      await around.wait(pause);
    }
    this.stand = "stopped";
    return false;
  }

  /** Repeats what fails for a reason that passes; null if it fails for another, which is said, or is stopped. */
  async #patiently<T>(work: () => Promise<Result<T, AuditorTrouble>>): Promise<T | null> {
    while (!this.#stopped) {
      const done = await work();
      if (done.ok) return done.value;
      const { code, detail } = done.error;
      if (!isPassing(done.error) && code !== "too-early" && code !== "registrars-silent") {
        this.stand = "refused";
        this.#options.say?.(`${code}: ${detail}`);
        return null;
      }
      await this.#options.around.wait(pause);
    }
    this.stand = "stopped";
    return null;
  }
}

/** The auditors of a demonstration; their keys are there at once, they work when `start` is called. */
export const makeDemoAuditors = (options: DemoAuditorsOptions): DemoAuditors => new DemoAuditors(options);
