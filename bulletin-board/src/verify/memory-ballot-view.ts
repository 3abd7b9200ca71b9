/** The verifier's memory of ballots: about 60 bytes a ballot and 90 a pseudonym. */
import type { BallotDelta, BallotView, PseudonymRow } from "../record/ballot-view.ts";
import { FingerprintTable } from "./fingerprint-table.ts";

/** Words of a pseudonym's row: class, ballots, latest entry, then eight words of its h. */
const rowWords = 3 + 8;

export class MemoryBallotView implements BallotView {
  readonly #pseudonyms = new FingerprintTable(rowWords);
  readonly #ballots = new FingerprintTable(1);
  readonly #randomness = new FingerprintTable(1);

  pseudonym(pseudonym: Uint8Array): PseudonymRow | undefined {
    const row = this.#pseudonyms.get(pseudonym);
    if (!row) return undefined;
    const latest = new Uint8Array(row.slice(3).buffer);
    return { class: row[0]!, ballots: row[1]!, latestEntry: row[2]!, latest };
  }

  ballot(h: Uint8Array): number | undefined {
    return this.#ballots.get(h)?.[0];
  }

  firstRandomness(r: Uint8Array): number | undefined {
    return this.#randomness.get(r)?.[0];
  }

  apply(delta: BallotDelta): void {
    if (delta.entry >= 2 ** 32) throw new RangeError("this verifier counts entries below 2^32");
    const row = this.#pseudonyms.add(delta.pseudonym);
    row[0] = delta.class;
    row[1] = row[1]! + 1;
    row[2] = delta.entry;
    row.set(new Uint32Array(delta.h.slice().buffer), 3);
    this.#ballots.add(delta.h)[0] = delta.entry;
    this.#randomness.add(delta.firstRandomness)[0] = delta.entry;
  }

  get pseudonyms(): number {
    return this.#pseudonyms.size;
  }

  get bytes(): number {
    return this.#pseudonyms.bytes + this.#ballots.bytes + this.#randomness.bytes;
  }
}
