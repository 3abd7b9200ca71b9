/** What follows from the ballots after close: the counted bitmap and the sums of each class (docs/protocol.md section 8). */
import { createHash } from "node:crypto";
import { type ClassSums, type Count, type DefinitionBody, decodeBallot, decodeEntry } from "@hanpyo/bulletin-board";
import { CiphertextSum, unwrap, valueCount } from "@hanpyo/crypto";
import type { Election } from "./election.ts";

export interface Counted {
  readonly count: Count;
  /** The bitmap document: bit i, least significant first, says whether entry i counts. */
  readonly bitmap: Uint8Array;
}

/** Of each pseudonym the last ballot counts. */
export async function countBallots(election: Election): Promise<Counted> {
  const { lastBallot: last, definition } = election.state;
  const bitmap = new Uint8Array(last === null ? 0 : Math.ceil((last + 1) / 8));
  const counted = new Array<number>(definition!.classes.length).fill(0);
  for await (const page of election.tables.counted())
    for (const { entry, class: item } of page) {
      bitmap[entry >> 3]! |= 1 << (entry & 7);
      counted[item]! += 1;
    }
  const hash = new Uint8Array(createHash("sha256").update(bitmap).digest());
  return { count: { last, counted, bitmap: hash }, bitmap };
}

/** Ballots summed between two turns of the event loop. */
const slice = 20;

/** Streams the counted ballots once; memory holds the sums and the bitmap alone. */
export async function sumBallots(election: Election, bitmap: Uint8Array): Promise<ClassSums> {
  const definition = election.state.definition!;
  const sums = new ClassAccumulator(definition);
  const { openEntry, lastBallot } = election.state;
  if (openEntry === null || lastBallot === null) return sums.bytes();
  let since = 0;
  for await (const { index, body } of election.record.rows(openEntry + 1, lastBallot + 1)) {
    if (((bitmap[index >> 3]! >> (index & 7)) & 1) === 0) continue;
    sums.add(unwrap(decodeBallot(unwrap(decodeEntry(body)).payload)).core);
    if (++since % slice === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return sums.bytes();
}

class ClassAccumulator {
  readonly #definition: DefinitionBody;
  readonly #sums: (CiphertextSum | null)[][];

  constructor(definition: DefinitionBody) {
    this.#definition = definition;
    this.#sums = definition.contests.map(() => definition.classes.map(() => null));
  }

  add(core: { readonly class: number; readonly contests: readonly { readonly ciphertexts: Uint8Array }[] }): void {
    const seen = this.#definition.classes[core.class]!.contests;
    for (const [position, contest] of seen.entries()) {
      const row = this.#sums[contest]!;
      const sum = row[core.class] ?? new CiphertextSum(valueCount(this.#definition.contests[contest]!.rule));
      row[core.class] = sum;
      unwrap(sum.add(core.contests[position]!.ciphertexts));
    }
  }

  bytes(): ClassSums {
    return this.#sums.map((row) => row.map((sum) => sum?.bytes() ?? null));
  }
}
