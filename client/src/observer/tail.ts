/** Follows the end of the record: the newest entries, the turnout at each anchor, tally and result once they are there. */
import {
  anchor,
  type Board,
  decodeBallot,
  decodeRecord,
  EntryType,
  encryptedTally,
  type OpenedCheckpoint,
  openCheckpoint,
  type ProvedEntry,
  result,
  type Trouble,
  type TypeOf,
  tileWidth,
} from "@hanpyo/bulletin-board";
import { ok, type Result } from "@hanpyo/crypto";
import type { NewEntry, ObservedResult, TurnoutPoint } from "./messages.ts";

/** At most so much of a long record is read for the picture; the verification reads all of it. */
const DEPTH = 20 * tileWidth;
const NEWEST = 30;

export class Tail {
  readonly #board: Board;
  #next: number | null = null;
  #first = 0;
  #points: { readonly time: number; readonly first: number }[] = [];
  #newest: NewEntry[] = [];
  #tally: TypeOf<typeof encryptedTally> | null = null;
  #result: TypeOf<typeof result> | null = null;

  constructor(board: Board) {
    this.#board = board;
  }

  /** Reads what is new under this checkpoint, proved. */
  async read(under: OpenedCheckpoint): Promise<Result<null, Trouble>> {
    const { size } = under.checkpoint;
    const from = this.#next ?? Math.max(0, Math.floor((size - DEPTH) / tileWidth) * tileWidth);
    if (from >= size) return ok(null);
    const entries = await this.#board.record.range(from, size, under, null);
    if (!entries.ok) return entries;
    for (const entry of entries.value) this.#note(entry);
    this.#next = size;
    return ok(null);
  }

  get newest(): readonly NewEntry[] {
    return this.#newest;
  }

  /** Voters at each anchor; what came before the part that was read is the difference to the present total. */
  series(total: number, now: number): readonly TurnoutPoint[] {
    const before = Math.max(0, total - this.#first);
    const points = this.#points.map(({ time, first }) => ({ time, voters: before + first }));
    return [...points, { time: Math.max(now, points.at(-1)?.time ?? 0), voters: total }];
  }

  get result(): ObservedResult | null {
    if (!this.#result) return null;
    return {
      contests: this.#result.contests.map(({ totals, unopened, opened }, contest) => ({
        totals,
        unopened,
        sets: (this.#tally?.contests[contest]?.opened ?? []).map(({ classes, weight, ballots }, set) => ({
          classes,
          weight,
          ballots,
          counts: opened[set]?.counts ?? [],
        })),
      })),
    };
  }

  #note({ entry: { index, type, payload } }: ProvedEntry): void {
    let ballot: NewEntry["ballot"] = null;
    if (type === EntryType.ballot) {
      const decoded = decodeBallot(payload);
      if (decoded.ok) {
        ballot = { class: decoded.value.core.class, again: decoded.value.core.previous !== null };
        if (!ballot.again) this.#first += 1;
      }
    } else if (type === EntryType.anchor) {
      const time = this.#timeOf(payload);
      if (time !== null) this.#points.push({ time, first: this.#first });
    } else if (type === EntryType.encryptedTally) {
      const decoded = decodeRecord(encryptedTally, payload);
      if (decoded.ok) this.#tally = decoded.value;
    } else if (type === EntryType.result) {
      const decoded = decodeRecord(result, payload);
      if (decoded.ok) this.#result = decoded.value;
    }
    this.#newest = [{ index, type, ballot }, ...this.#newest].slice(0, NEWEST);
  }

  #timeOf(payload: Uint8Array): number | null {
    const decoded = decodeRecord(anchor, payload);
    if (!decoded.ok) return null;
    const { policy } = this.#board.record;
    const opened = openCheckpoint(decoded.value.board, policy);
    if (!opened.ok) return null;
    const times = opened.value.cosignatures.map((it) => it.time).sort((a, b) => a - b);
    return times[Math.ceil(policy.k / 2) - 1] ?? null;
  }
}
