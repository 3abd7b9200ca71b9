/**
 * A board's server for the kill tests: appends under load, integrates, and tells its parent every acknowledgement and
 * every note it got from the signer. It is meant to be killed; nothing here cleans up.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { bytesToHex, systemClock, unwrap } from "@hanpyo/crypto";
import type pg from "pg";
import { policy } from "../src/log/index.ts";
import { SignerClient } from "../src/signer/http.ts";
import type { SignerPort } from "../src/signer/signer.ts";
import { type Appended, EntryStore, type Submission } from "../src/store/entry-store.ts";
import { Integrator } from "../src/store/integrator.ts";
import { FolderObjectStore } from "../src/store/object-store.ts";
import { openPool } from "../src/store/pool.ts";
import { Sequencer } from "../src/store/sequencer.ts";
import { LocalWitness } from "../src/witness/client.ts";
import { Witness } from "../src/witness/witness.ts";

export interface WriterSettings {
  readonly pool: pg.PoolConfig;
  readonly origin: string;
  readonly folder: string;
  readonly socketPath: string;
  readonly appenders: number;
}

export type WriterMessage =
  | { readonly kind: "acks"; readonly acks: readonly { index: number; leaf: string; submission: string }[] }
  | { readonly kind: "note"; readonly note: string }
  | { readonly kind: "published"; readonly size: number }
  | { readonly kind: "failed"; readonly error: string };

const tell = (message: WriterMessage): void => void process.send?.(message);

async function main(settings: WriterSettings): Promise<void> {
  const { pool: config, origin, folder, socketPath, appenders } = settings;
  const store = await EntryStore.open(openPool({ ...config, max: 4 }), origin);
  const { client, key } = await SignerClient.create({ socketPath }, origin);
  const witnesses = await Promise.all(
    [1, 2, 3].map((i) =>
      Witness.open({ folder: `${folder}/witness-${i}`, name: `witness.example/w${i}`, clock: systemClock }),
    ),
  );
  for (const witness of witnesses) await witness.addLog(key);
  const signer: SignerPort = {
    last: () => client.last(),
    async sign(request) {
      const answer = await client.sign(request);
      if (answer.ok) tell({ kind: "note", note: answer.value });
      return answer;
    },
  };
  const integrator = await Integrator.open({
    store,
    objects: new FolderObjectStore(`${folder}/log`),
    signer,
    policy: unwrap(policy(key, witnesses.map((it) => it.key), 2)), // biome-ignore format: one line
    witnesses: witnesses.map((it) => new LocalWitness(it)),
    clock: systemClock,
    onPublished: ({ checkpoint }) => tell({ kind: "published", size: checkpoint.size }),
  });
  integrator.start(
    20,
    (error) => tell({ kind: "failed", error: String(error) }),
    () => {}, // the signer or the database was killed: the next step tries again
  );
  const sequencer = new Sequencer<Submission, Appended>((batch) => store.append(batch));
  await Promise.all(
    Array.from({ length: appenders }, async () => {
      for (;;) {
        const submission: Submission = {
          type: 18,
          payload: new Uint8Array(randomBytes(600)),
          submission: new Uint8Array(randomBytes(32)),
        };
        const { index, leafHash } = await untilAcknowledged(sequencer, submission);
        tell({
          kind: "acks",
          acks: [{ index, leaf: bytesToHex(leafHash), submission: bytesToHex(submission.submission) }],
        });
      }
    }),
  );
}

/** A client that repeats the same bytes until it has its answer. */
async function untilAcknowledged(
  sequencer: Sequencer<Submission, Appended>,
  submission: Submission,
): Promise<Appended> {
  for (;;) {
    try {
      return await sequencer.submit(submission);
    } catch {
      await wait(20); // the database is away: a client tries again
    }
  }
}

process.on("message", (settings: WriterSettings) => {
  main(settings).catch((error: unknown) => tell({ kind: "failed", error: String(error) }));
});
process.on("disconnect", () => process.exit(0));
