/** Finding ballots on the record again: one's own, or one whose code somebody has in hand. */
import {
  type Board,
  type FoundBallot,
  isCounted,
  lookUp,
  lookUpCode,
  readDocument,
  type Surroundings,
  searchRecord,
  type Trouble,
  type Wanted,
} from "@hanpyo/bulletin-board";
import { confirmationCode, ok, parseConfirmationCode, type Result } from "@hanpyo/crypto";
import { readCount } from "./count-entry.ts";
import { type KeptBallot, sameBytes } from "./kept.ts";
import type { Lookup } from "./messages.ts";
import { toBase64url, witnessedBy } from "./papers.ts";

/** Who looks, and where. */
export interface Seeker {
  readonly around: Surroundings;
  readonly board: Board;
  /** Of the device's own passes. */
  readonly pseudonyms: readonly Uint8Array[];
  /** The ballot the device cast last. */
  readonly last: KeptBallot | null;
  looking(done: number, size: number): void;
}

/** The latest ballot under each of the device's pseudonyms. */
export async function latestBallots({
  around,
  board,
  pseudonyms,
}: Seeker): Promise<Result<readonly (KeptBallot | null)[], Trouble>> {
  const latest: (KeptBallot | null)[] = [];
  for (const pseudonym of pseudonyms) {
    const found = await lookUp(around, board, pseudonym);
    if (!found.ok) return found;
    const last = found.value.ballots.at(-1);
    latest.push(last ? { h: last.h, code: last.code } : null);
  }
  return ok(latest);
}

/** What a page shows of the ballot with a typed code or scanned h; `null`: the device's last. */
export async function findBallot(seeker: Seeker, typed: string | null): Promise<Result<Lookup, Trouble>> {
  const { around, board } = seeker;
  const wanted = wantedOf(seeker, typed);
  if (wanted === null) return ok({ kind: "absent", code: typed ?? "", size: 0 });
  const code = "h" in wanted ? confirmationCode(wanted.h) : wanted.code;
  const found = await find(seeker, wanted);
  if (!found.ok) return found;
  if (found.value === null) return ok({ kind: "absent", code, size: board.record.last!.checkpoint.size });
  const { index, h, ballot } = found.value;
  const all = await lookUp(around, board, ballot.core.pseudonym);
  if (!all.ok) return all;
  const latest = all.value.ballots.at(-1);
  const counted = await countedOf(seeker, index);
  if (!counted.ok) return counted;
  const { size, witnessed } = witnessedBy.checkpoint(board.record.policy, board.record.last!);
  return ok({
    kind: "found",
    code,
    inBox: { index, size },
    witnessed,
    standing: !latest ? "unknown" : sameBytes(latest.h, h) ? "latest" : "replaced",
    counted: counted.value,
  });
}

function wantedOf({ last }: Seeker, typed: string | null): Wanted | null {
  if (typed === null) return last && { h: last.h };
  if (typed.length === 43) {
    const h = toBase64url.decode(typed);
    return h.ok && h.value.length === 32 ? { h: h.value } : null;
  }
  const code = parseConfirmationCode(typed);
  return code.ok ? { code: code.value } : null;
}

/** Among the device's own first, then through the whole record, so that nobody learns which is looked for. */
async function find(
  { around, board, pseudonyms, looking }: Seeker,
  wanted: Wanted,
): Promise<Result<FoundBallot | null, Trouble>> {
  for (const pseudonym of pseudonyms) {
    const own = await lookUpCode(around, board, pseudonym, wanted);
    if (!own.ok || own.value !== null) return own;
  }
  let size = 0;
  return searchRecord(board, wanted, (left) => {
    size = Math.max(size, left);
    looking(size - left, size);
    return true;
  });
}

/** Whether the entry was counted; null before there is a count. */
async function countedOf({ around, board }: Seeker, index: number): Promise<Result<boolean | null, Trouble>> {
  const count = await readCount(board.record, index);
  if (!count.ok) return count;
  if (count.value === null) return ok(null);
  const bitmap = await readDocument(around, board.url, count.value.bitmap);
  return bitmap.ok ? isCounted(bitmap.value, index) : bitmap;
}
