/** The board operator's parts, opened in their order: store → pass log → election → logs → intake → clockwork. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import {
  acknowledgementKeyName,
  type DefinitionBody,
  decodeVkey,
  type Ed25519Signer,
  type ElectionState,
  EntryType,
  encodeVkey,
  keyType,
  policy,
  type VerifierKey,
  verifierKey,
} from "@hanpyo/bulletin-board";
import {
  type Alarm,
  EntryStore,
  FolderObjectStore,
  keyFile,
  type SignerPort,
  type WitnessPort,
} from "@hanpyo/bulletin-board/node";
import { type Clock, unwrap } from "@hanpyo/crypto";
import type pg from "pg";
import { Intake, type ProofPort } from "./ballots/intake.ts";
import type { ProofSetting } from "./ballots/proof-check.ts";
import { ProofPool } from "./ballots/proof-pool.ts";
import { DocumentStore } from "./board/documents.ts";
import { WitnessedLog } from "./board/witnessed-log.ts";
import { migrateElection } from "./database/database.ts";
import { BallotTables } from "./elections/ballot-tables.ts";
import { Clockwork, type Step } from "./elections/clockwork.ts";
import { Election } from "./elections/election.ts";
import { PassLog } from "./passes/pass-log.ts";

export interface BoardServerOptions {
  readonly pool: pg.Pool;
  /** Tiles, documents and the acknowledgement key lie here. */
  readonly dataDir: string;
  readonly origin: string;
  readonly clock: Clock;
  /** The signer's client for an origin and the key it signs with. */
  readonly signer: (origin: string) => Promise<{ readonly client: SignerPort; readonly key: VerifierKey }>;
  /** Where a witness is reached; undefined for one nobody told us of. */
  readonly witness: (key: VerifierKey) => WitnessPort | undefined;
  readonly anchorSeconds: number;
  readonly verifiers: number;
  /** Milliseconds between checkpoints; default 1,000. */
  readonly interval?: number;
  readonly capacity?: number;
  readonly proofs?: (setting: ProofSetting) => ProofPort;
  readonly onTrouble?: (step: Step, detail: string) => void;
  readonly onAlarm?: (log: string, alarm: Alarm) => void;
  /** Nothing may go on: the process must end and be started again, or somebody must look. */
  readonly onFatal: (error: unknown) => void;
}

export interface BoardServer {
  readonly clock: Clock;
  readonly election: Election;
  readonly passLog: PassLog;
  readonly logs: { readonly record: WitnessedLog; readonly passes: WitnessedLog };
  readonly recordObjects: FolderObjectStore;
  readonly passesObjects: FolderObjectStore;
  readonly documents: DocumentStore;
  readonly acknowledgementKey: Ed25519Signer;
  readonly keyNames: { readonly record: string; readonly passes: string; readonly acknowledgement: string };
  readonly intake: Intake;
  /** Ends in order: no new ballots, those under way are answered, nothing is written any more. */
  stop(): Promise<void>;
}

export const passesOrigin = (origin: string): string => `${origin}/passes`;

export async function openBoardServer(options: BoardServerOptions): Promise<BoardServer> {
  const { pool, origin, clock, dataDir, onFatal } = options;
  mkdirSync(dataDir, { recursive: true });
  const schema = await migrateElection(pool, origin);
  const documents = new DocumentStore(path.join(dataDir, "documents"));
  const acknowledgementKey = await keyFile(path.join(dataDir, "keys", "acknowledgement"));
  const ackName = acknowledgementKeyName(origin);
  const record = await EntryStore.open(pool, origin, { exclusive: true });
  const passes = await EntryStore.open(pool, passesOrigin(origin), { exclusive: true });
  const signers = { record: await options.signer(origin), passes: await options.signer(passesOrigin(origin)) };

  const passLog = await PassLog.open({ pool, store: passes, schema });
  const tables = new BallotTables(pool, schema);
  const election = await Election.open({ record, tables, documents, passes: passLog.counts });
  election.on("fatal", onFatal);

  const recordObjects = new FolderObjectStore(path.join(dataDir, "record"));
  const passesObjects = new FolderObjectStore(path.join(dataDir, "passes"));
  const logOf = (which: "record" | "passes", store: EntryStore, objects: FolderObjectStore): WitnessedLog =>
    new WitnessedLog({
      store,
      objects,
      signer: signers[which].client,
      clock,
      onFatal,
      ...(options.interval === undefined ? {} : { interval: options.interval }),
      onAlarm: (alarm) => options.onAlarm?.(which, alarm),
    });
  const logs = { record: logOf("record", record, recordObjects), passes: logOf("passes", passes, passesObjects) };

  const keyNames = {
    record: encodeVkey(signers.record.key),
    passes: encodeVkey(signers.passes.key),
    acknowledgement: encodeVkey(verifierKey(ackName, keyType.note, acknowledgementKey.publicKey)),
  };
  const begin = witnessing(options, logs, keyNames);
  await begin(election.state);
  const intake = new Intake({
    election,
    record: logs.record,
    acknowledgementKey,
    clock,
    proofs: options.proofs ?? ((setting) => new ProofPool(setting, options.verifiers)),
    ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
  });
  intake.prepare();
  election.on("appended", ({ type }) => {
    if (type === EntryType.open) intake.prepare();
    if (type === EntryType.definition || type === EntryType.anchor) begin(election.state).catch(onFatal);
  });
  const clockwork = new Clockwork({
    election,
    logs,
    clock,
    anchorSeconds: options.anchorSeconds,
    intake,
    onTrouble: options.onTrouble ?? (() => undefined),
  });
  clockwork.start();

  return {
    clock,
    election,
    passLog,
    logs,
    recordObjects,
    passesObjects,
    documents,
    acknowledgementKey,
    keyNames,
    intake,
    async stop() {
      await intake.close();
      await clockwork.stop();
      await election.queue.idle();
      await Promise.all([logs.record.stop(), logs.passes.stop()]);
    },
  };
}

/** Starts both logs under the definition's witnesses, and follows a change of witnesses when it comes into force. */
function witnessing(
  options: BoardServerOptions,
  logs: BoardServer["logs"],
  keyNames: BoardServer["keyNames"],
): (state: ElectionState) => Promise<void> {
  let inForce: ElectionState["witnesses"] = null;
  return async (state) => {
    if (state.witnesses === null || state.witnesses === inForce) return;
    inForce = state.witnesses;
    if (state.definition !== null) requireOwnKeys(state.definition, keyNames);
    const { witnesses, quorum } = state.witnesses;
    const ports = witnesses.flatMap((key) => options.witness(key) ?? []);
    for (const which of ["record", "passes"] as const) {
      const key = unwrap(decodeVkey(keyNames[which]));
      await logs[which].begin(unwrap(policy(key, witnesses, quorum)), ports);
    }
  };
}

/** A definition that names other keys than ours could never get a checkpoint. */
function requireOwnKeys(definition: DefinitionBody, keyNames: BoardServer["keyNames"]): void {
  for (const which of ["record", "passes", "acknowledgement"] as const)
    if (definition.keys[which] !== keyNames[which])
      throw new Error(`the definition names another ${which} key than this board's`);
}
