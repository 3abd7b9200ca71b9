/**
 * Checks 11 and 13–16 of the reference ballot (choose one of five) by the WebAssembly engine, by the TypeScript engine and by
 * noble's own `pippenger`, one thread, in turn: `tsx crypto/src/testing/engine-wasm/bench.ts [--ballots N] [--rounds N] [--json]`.
 * CPU time of this process, the best round: what a neighbour on the machine takes away does not count, only slower memory.
 */
import { parseArgs } from "node:util";
import { type BallotItem, verifyBallots } from "../../ballot/batch.ts";
import { wasmEngine } from "../../engine-wasm/index.ts";
import type { Engine } from "../../group/engine.ts";
import { nobleEngine } from "../../group/noble-engine.ts";
import { makeBallots } from "../bench-ballots.ts";
import { stockEngine } from "../stock-engine.ts";

const { values } = parseArgs({
  options: { ballots: { type: "string" }, rounds: { type: "string" }, json: { type: "boolean" } },
});
const count = Number(values.ballots ?? 2048);
const rounds = Number(values.rounds ?? 5);

interface Figure {
  readonly name: string;
  readonly batch: number;
  /** Microseconds of CPU per ballot, the best round. */
  microseconds: number;
}

interface Run extends Figure {
  readonly engine: Engine;
  readonly items: readonly BallotItem[];
  readonly rounds: number;
}

function time({ engine, items, batch }: Run): number {
  const start = process.cpuUsage();
  const { failures, overruled } = verifyBallots(engine, items, { chunk: batch });
  const { user, system } = process.cpuUsage(start);
  if (failures.length + overruled.length > 0) throw new Error(`${engine.name} refuses valid ballots`);
  return (user + system) / items.length;
}

const wasm = wasmEngine();
// The same ballots over again: an engine keeps nothing from one to the next.
const distinct = makeBallots(Math.min(count, 512));
const items = Array.from({ length: count }, (_, i) => distinct[i % distinct.length]!);
const hints: Uint8Array[] = [];
verifyBallots(wasm, distinct, { held: (index, _, each) => hints.splice(index, 1, each!) });
const hinted = items.map((item, i) => ({ ...item, hints: hints[i % distinct.length]! }));
const few = Math.min(count, 64);
const runs: Run[] = [];
const add = (name: string, engine: Engine, some: readonly BallotItem[], batch: number, times = rounds) =>
  runs.push({ name, engine, items: some, batch, rounds: times, microseconds: Number.POSITIVE_INFINITY });
add("noble, stock pippenger", stockEngine(), items.slice(0, 256), 256, Math.min(rounds, 2));
add("noble points, own pippenger", nobleEngine(), items.slice(0, 256), 256, Math.min(rounds, 2));
for (const batch of [1, 4, 16, 64, 256, 1024, 2048].filter((each) => each <= count)) {
  const size = batch <= 64 ? few : count;
  add("wasm", wasm, items.slice(0, size), batch);
  add("wasm, hints", wasm, hinted.slice(0, size), batch);
}
for (let round = 0; round < rounds; round++)
  for (const run of runs) if (round < run.rounds) run.microseconds = Math.min(run.microseconds, time(run));
const figures: Figure[] = runs.map(({ name, batch, microseconds }) => ({ name, batch, microseconds }));
if (values.json === true) console.log(JSON.stringify(figures));
else
  for (const { name, batch, microseconds } of figures) {
    const ratio = figures[0]!.microseconds / microseconds;
    const numbers = [`${microseconds.toFixed(0)} us`, `${(1e6 / microseconds).toFixed(0)}/s`, `${ratio.toFixed(1)} x`];
    console.log(`${name.padEnd(28)} ${String(batch).padStart(5)}   ${numbers.join("   ")}`);
  }
