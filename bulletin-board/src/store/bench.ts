import { randomBytes } from "node:crypto";
import type pg from "pg";
import { EntryStore } from "./entry-store.ts";
import { migrate } from "./migrate.ts";
import { Sequencer } from "./sequencer.ts";

export interface AppendFigures {
  readonly entries: number;
  readonly seconds: number;
  readonly appendsPerSecond: number;
  /** Milliseconds from submit to acknowledgement. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Acknowledged appends per second through the sequencer, without proofs: a closed loop of `appenders` that each wait
 * for their answer. Payloads are random and as long as a ballot's. Leaves its rows in the schema `bench`.
 */
export async function benchAppends(
  pool: pg.Pool,
  { entries = 50_000, appenders = 500, payloadLength = 2_497 } = {},
): Promise<AppendFigures> {
  await migrate(pool, "bench");
  const store = await EntryStore.open(pool, `bench.example/${randomBytes(8).toString("hex")}`, { schema: "bench" });
  const sequencer = new Sequencer((batch: readonly Parameters<EntryStore["append"]>[0][number][]) =>
    store.append(batch),
  );
  const payloads = Array.from({ length: 64 }, () => new Uint8Array(randomBytes(payloadLength)));
  const latencies: number[] = [];
  let started = 0;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: appenders }, async () => {
      while (started < entries) {
        const payload = payloads[started++ % payloads.length]!;
        const sent = performance.now();
        await sequencer.submit({ type: 0, payload, submission: new Uint8Array(randomBytes(32)) });
        latencies.push(performance.now() - sent);
      }
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return {
    entries: latencies.length,
    seconds,
    appendsPerSecond: latencies.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
  };
}
