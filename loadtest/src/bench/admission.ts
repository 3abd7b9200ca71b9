/** Admission over HTTP: ballots that are encrypted before, posted at once, until the last one is acknowledged. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { signBallot } from "@hanpyo/bulletin-board";
import { bytesToHex, encryptBallot, randomBytes, Secret, unwrap } from "@hanpyo/crypto";
import { postBallot } from "../ballot-post.ts";
import { DrivenClock } from "../clock-file.ts";
import { openElection, openPatiently } from "../open-election.ts";
import { readCodes, startWorld } from "../parties.ts";
import { planElection, type Resident } from "../plan.ts";
import { passesOf } from "../voting.ts";
import { percentile } from "./figures.ts";

export interface AdmissionFigure {
  readonly ballots: number;
  /** Two contests with passes. */
  readonly bytesPerBallot: number;
  /** Over the whole run, proofs checked, mixed, committed and witnessed. */
  readonly ballotsPerSecond: number;
  /** Milliseconds from the post to the end of the answer. */
  readonly p50: number;
  readonly p99: number;
}

export async function benchAdmission(voters: number, say: (line: string) => void): Promise<AdmissionFigure> {
  const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-bench-"));
  chmodSync(folder, 0o711);
  const world = await startWorld(folder, new DrivenClock(path.join(folder, "clock")), say);
  try {
    const residents = planElection(voters);
    const input = { residents, trustees: 3, threshold: 2, open: 3600 };
    const { election, around } = await openElection(world, input, say);
    const codes = readCodes(world);
    const board = await openPatiently(around, world.server, election);
    const payloads: Uint8Array[] = [];
    const waiting = residents.filter(({ passes, weight }) => weight === 1 && passes[0]!.ballots.length > 0);
    const prepare = async (): Promise<void> => {
      const own = await openPatiently(around, world.server, election);
      for (let next = waiting.shift(); next; next = waiting.shift()) payloads.push(await ballotOf(own, next));
    };
    const ballotOf = async (own: typeof board, { id, passes: [plan] }: Resident): Promise<Uint8Array> => {
      const [pass] = await passesOf(around, own, new Secret(codes.get(id)!));
      const context = own.election.voting!.ballotContext(pass!.class);
      const rest = { pseudonym: pass!.pseudonym.encoded, previous: null, checker: null, seed: randomBytes(32) };
      const core = unwrap(encryptBallot(context, { ...rest, choices: plan!.ballots[0]! }));
      return signBallot(own, core, pass!.pseudonym, pass!.passes).payload;
    };
    await Promise.all(Array.from({ length: 12 }, prepare));
    say(`${payloads.length} ballots encrypted`);
    const context = bytesToHex(board.election.voting!.context);
    const times: number[] = [];
    const start = performance.now();
    await Promise.all(
      payloads.map(async (payload) => {
        const sent = performance.now();
        const answer = await postBallot(world.server, context, payload);
        if (answer.index === null) throw new Error(`a ballot of the bench was refused: ${answer.code}`);
        times.push(performance.now() - sent);
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    return {
      ballots: payloads.length,
      bytesPerBallot: Math.round(payloads.reduce((sum, { length }) => sum + length, 0) / payloads.length),
      ballotsPerSecond: payloads.length / seconds,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
    };
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
