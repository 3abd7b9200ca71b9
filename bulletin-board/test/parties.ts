import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Clock, unwrap } from "@hanpyo/crypto";
import { type Policy, policy } from "../src/log/index.ts";
import { CheckpointSigner } from "../src/signer/signer.ts";
import { LocalWitness } from "../src/witness/client.ts";
import { Witness } from "../src/witness/witness.ts";

/** A clock that a test moves. */
export class HandClock implements Clock {
  #now: number;

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

/** A temporary folder and the function that removes it. */
export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-test-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A signer and `m` witnesses of one origin in one folder, in this process. */
export async function parties(folder: string, origin: string, clock: Clock, m = 4, k = 3) {
  const signer = await CheckpointSigner.create(path.join(folder, "signer"), origin, clock);
  const witnesses: Witness[] = [];
  for (let i = 1; i <= m; i++) {
    const witness = await Witness.open({
      folder: path.join(folder, `witness-${i}`),
      name: `witness.example/w${i}`,
      clock,
    });
    await witness.addLog(signer.key);
    witnesses.push(witness);
  }
  const made: Policy = unwrap(
    policy(
      signer.key,
      witnesses.map(({ key }) => key),
      k,
    ),
  );
  return { signer, witnesses, ports: witnesses.map((it) => new LocalWitness(it)), policy: made };
}
