/**
 * Whether the record shows that voting was counted. Read from the record's end, under its witnesses, so that a registrar need
 * not follow millions of ballots: nothing but the entries named here may stand after `close` (docs/protocol.md 6.3).
 */
import {
  anchor,
  count,
  decodeRecord,
  EntryType,
  type LogReader,
  type OpenedCheckpoint,
  openCheckpoint,
  type ProvedEntry,
  quorumTime,
  type Trouble,
  tileWidth,
} from "@hanpyo/bulletin-board";
import { type Clock, ok, type Result } from "@hanpyo/crypto";

const afterClose: ReadonlySet<number> = new Set([
  EntryType.anchor,
  EntryType.witnessChange,
  EntryType.notice,
  EntryType.proposal,
  EntryType.withdraw,
  EntryType.auditReport,
  EntryType.count,
  EntryType.encryptedTally,
  EntryType.share,
  EntryType.result,
]);
/** Milliseconds for which "not yet" is not asked again. */
const believedFor = 1_000;

export class CountSeen {
  readonly #record: LogReader;
  readonly #closes: number;
  readonly #clock: Clock;
  #seen = false;
  /** Entries below this one were read and hold no count. */
  #read = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<Result<boolean, Trouble>> | null = null;

  /** `closes` is the definition's, in seconds: no witness's time lets voting be counted before it. */
  constructor(record: LogReader, closes: number, clock: Clock) {
    this.#record = record;
    this.#closes = closes;
    this.#clock = clock;
  }

  /** True for ever once a witnessed checkpoint covers `count`. */
  async seen(): Promise<Result<boolean, Trouble>> {
    if (this.#seen) return ok(true);
    if (this.#asking === null && this.#clock.now() - this.#askedAt < believedFor) return ok(false);
    this.#asking ??= this.#look().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #look(): Promise<Result<boolean, Trouble>> {
    const under = await this.#record.checkpoint();
    if (!under.ok) return under;
    const { size } = under.value.checkpoint;
    for (let to = size; to > this.#read; ) {
      const from = Math.floor((to - 1) / tileWidth) * tileWidth;
      const entries = await this.#record.range(from, to, under.value, null);
      if (!entries.ok) return entries;
      for (const each of [...entries.value].reverse()) {
        const { type, index } = each.entry;
        if (!afterClose.has(type) || index < this.#read) return this.#notYet(size);
        if (type !== EntryType.count) continue;
        const holds = await this.#holds(each, under.value);
        if (!holds.ok) return holds;
        this.#seen = holds.value;
        return holds.value ? holds : this.#notYet(size);
      }
      to = from;
    }
    return this.#notYet(size);
  }

  #notYet(size: number): Result<boolean, Trouble> {
    this.#read = size;
    this.#askedAt = this.#clock.now();
    return ok(false);
  }

  /** A count that decodes, right after an anchor whose witnesses say that the time of closing has come. */
  async #holds({ entry }: ProvedEntry, under: OpenedCheckpoint): Promise<Result<boolean, Trouble>> {
    if (entry.index === 0 || !decodeRecord(count, entry.payload).ok) return ok(false);
    const before = await this.#record.entry(entry.index - 1, under);
    if (!before.ok) return before;
    const decoded =
      before.value.entry.type === EntryType.anchor ? decodeRecord(anchor, before.value.entry.payload) : null;
    const board = decoded?.ok ? openCheckpoint(decoded.value.board, this.#record.policy) : null;
    if (!board?.ok) return ok(false);
    return ok(quorumTime(board.value.cosignatures.map(({ time }) => time)) >= this.#closes);
  }
}
