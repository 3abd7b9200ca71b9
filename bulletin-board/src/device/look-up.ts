/**
 * Finding ballots again without telling whose: the untrusted index answers a bucket of 4,096, and hits are read in whole
 * bundles under a witnessed checkpoint. A lying index can hide a ballot, which the chain of `previous` shows, not invent one.
 */
import { ballotHash, confirmationCode, equalBytes, ok, type Result } from "@hanpyo/crypto";
import { type OpenedCheckpoint, tileWidth } from "../log/index.ts";
import { type Ballot, decodeBallot } from "../record/ballot-entry.ts";
import { EntryType } from "../record/entry-types.ts";
import type { Board } from "./election.ts";
import type { ProvedEntry } from "./log-reader.ts";
import { getFile, type Surroundings, type Trouble, trouble } from "./transport.ts";

/** A ballot on the record, under a witnessed checkpoint. */
export interface FoundBallot {
  readonly index: number;
  readonly leaf: Uint8Array;
  /** h */
  readonly h: Uint8Array;
  readonly code: string;
  readonly ballot: Ballot;
}

export interface Found {
  /** The ballots of the pseudonym that the index named, oldest first: the last is the latest, unless the index lies. */
  readonly ballots: readonly FoundBallot[];
  /** Whether each replaces the one before and the first replaces none. An index may name the latest alone; then, after a re-vote, it is false. */
  readonly complete: boolean;
  readonly under: OpenedCheckpoint;
}

const rowBytes = 16;

/** The first 12 bits of a pseudonym. */
export const indexBucket = (pseudonym: Uint8Array): number => (pseudonym[0]! << 4) | (pseudonym[1]! >> 4);

/** A row of the index: the first 8 bytes of P, then the entry's index. */
export function encodeIndexRow(pseudonym: Uint8Array, index: number): Uint8Array {
  const row = new Uint8Array(rowBytes);
  row.set(pseudonym.subarray(0, 8));
  new DataView(row.buffer).setBigUint64(8, BigInt(index));
  return row;
}

/** Entries that a bucket names for a pseudonym, ascending; rows cut short are left out. */
export function entriesInBucket(bucket: Uint8Array, pseudonym: Uint8Array): number[] {
  const entries = new Set<number>();
  for (let at = 0; at + rowBytes <= bucket.length; at += rowBytes) {
    if (!equalBytes(bucket.subarray(at, at + 8), pseudonym.subarray(0, 8))) continue;
    const index = new DataView(bucket.buffer, bucket.byteOffset + at).getBigUint64(8);
    if (index <= BigInt(Number.MAX_SAFE_INTEGER)) entries.add(Number(index));
  }
  return [...entries].sort((a, b) => a - b);
}

function asBallot(board: Board, { entry, leaf }: ProvedEntry): FoundBallot | null {
  if (entry.type !== EntryType.ballot || board.election.voting === null) return null;
  const ballot = decodeBallot(entry.payload);
  if (!ballot.ok) return null;
  const h = ballotHash(board.election.voting.context, ballot.value.core);
  return { index: entry.index, leaf, h, code: confirmationCode(h), ballot: ballot.value };
}

/** All recorded ballots of a pseudonym. An index that names what is not there is passed over. */
export async function lookUp(
  around: Surroundings,
  board: Board,
  pseudonym: Uint8Array,
): Promise<Result<Found, Trouble>> {
  const under = await board.record.checkpoint();
  if (!under.ok) return under;
  const file = await getFile(around, `${board.url}/index/${indexBucket(pseudonym)}`);
  if (!file.ok) return file;
  const ballots: FoundBallot[] = [];
  for (const index of entriesInBucket(file.value ?? new Uint8Array(0), pseudonym)) {
    if (index >= under.value.checkpoint.size) continue;
    const proved = await board.record.entry(index, under.value);
    if (!proved.ok) return proved;
    const found = asBallot(board, proved.value);
    if (found !== null && equalBytes(found.ballot.core.pseudonym, pseudonym)) ballots.push(found);
  }
  const complete = ballots.every(({ ballot }, i) => {
    const before = i === 0 ? null : ballots[i - 1]!.h;
    const { previous } = ballot.core;
    return before === null || previous === null ? before === previous : equalBytes(before, previous);
  });
  return ok({ ballots, complete, under: under.value });
}

/** What a person has in hand: the code as printed, or all of h out of the QR code. */
export type Wanted = { readonly code: string } | { readonly h: Uint8Array };

const matches = (found: FoundBallot, wanted: Wanted): boolean =>
  "h" in wanted ? equalBytes(found.h, wanted.h) : found.code === wanted.code;

/** The ballot with a confirmation code (as `parseConfirmationCode` gives it) or h, of a known pseudonym. */
export async function lookUpCode(
  around: Surroundings,
  board: Board,
  pseudonym: Uint8Array,
  wanted: Wanted,
): Promise<Result<FoundBallot | null, Trouble>> {
  const found = await lookUp(around, board, pseudonym);
  return found.ok ? ok(found.value.ballots.find((each) => matches(each, wanted)) ?? null) : found;
}

/**
 * The same without a pseudonym: reads the record's bundles from the newest back, whole, so that nobody learns which. About
 * 2.5 kB per ballot; `progress` gets how many entries are left and stops the search by returning false.
 */
export async function searchRecord(
  board: Board,
  wanted: Wanted,
  progress: (left: number) => boolean = () => true,
): Promise<Result<FoundBallot | null, Trouble>> {
  const under = await board.record.checkpoint();
  if (!under.ok) return under;
  const { voting } = board.election;
  if (voting === null) return ok(null);
  const { size } = under.value.checkpoint;
  for (let bundle = Math.floor((size - 1) / tileWidth); bundle >= 0; bundle--) {
    const from = Math.max(bundle * tileWidth, voting.entry);
    const to = Math.min(size, (bundle + 1) * tileWidth);
    if (from >= to) break;
    if (!progress(to - voting.entry)) return ok(null);
    const entries = await board.record.range(from, to, under.value, null);
    if (!entries.ok) return entries;
    for (const entry of entries.value) {
      const found = asBallot(board, entry);
      if (found !== null && matches(found, wanted)) return ok(found);
    }
  }
  return ok(null);
}

/** Whether the entry's bit is set in a bitmap of counted ballots, least significant bit first. */
export function isCounted(bitmap: Uint8Array, index: number): Result<boolean, Trouble> {
  const byte = bitmap[index >> 3];
  return byte === undefined
    ? trouble("wrong-position", "the bitmap ends before this entry")
    : ok(((byte >> (index & 7)) & 1) === 1);
}
