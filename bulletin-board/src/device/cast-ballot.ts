/**
 * Casting: the bytes are made once and stored by the caller before anything is sent; every retry sends the same bytes, and
 * the record holds them once. Nothing is called recorded without the witnesses' quorum.
 */
import {
  type BallotCore,
  ballotHash,
  bytesToHex,
  confirmationCode,
  equalBytes,
  type KeyPair,
  ok,
  type Result,
  signCast,
} from "@hanpyo/crypto";
import type { BallotPass } from "../record/ballot-entry.ts";
import { decodeBallot, encodeBallot, passesHash } from "../record/ballot-entry.ts";
import { isRefusalCode, type RefusalCode } from "../record/refusal-codes.ts";
import type { Board } from "./election.ts";
import {
  type Acknowledgement,
  ballotLeaf,
  type SignedRefusal,
  speaksOf,
  verifyAcknowledgement,
  verifyBallotReceipt,
  verifyRefusal,
} from "./receipt.ts";
import { anything, binary, integer, object, orNull, parseJson, readValue, shape, string } from "./shape.ts";
import { lines, type Surroundings, type Trouble, trouble } from "./transport.ts";

/** A ballot signed as cast: to be stored before it is sent. */
export interface SignedBallot {
  /** h */
  readonly h: Uint8Array;
  /** What a person compares: five groups of four. */
  readonly code: string;
  readonly payload: Uint8Array;
}

/** Signs a core as cast. `passes` are those of P, or none where P already has a ballot on the record. */
export function signBallot(board: Board, core: BallotCore, keys: KeyPair, passes: readonly BallotPass[]): SignedBallot {
  const { id, voting } = board.election;
  if (voting === null) throw new Error("there is no ballot before the opening");
  const h = ballotHash(voting.context, core);
  const carried = core.previous === null ? passes : [];
  const statement = { context: voting.context, ballot: h, passes: passesHash(id, carried) };
  const payload = encodeBallot({ core, passes: carried, signature: signCast(statement, keys) });
  return { h, code: confirmationCode(h), payload };
}

export type CastStep = "sending" | "received" | "acknowledged" | "recorded" | "waiting";
export interface CastProgress {
  readonly step: CastStep;
  /** Why it waits before it sends again. */
  readonly code?: RefusalCode;
}

export interface RecordedBallot {
  readonly outcome: "recorded";
  readonly acknowledgement: Acknowledgement;
  /** c2sp.org/tlog-proof text, verified under the quorum. */
  readonly receipt: string;
}
/** Committed by the operator, but no witnessed checkpoint covers it yet: not called recorded. */
export interface Promised {
  readonly outcome: "acknowledged";
  readonly acknowledgement: Acknowledgement;
}
/** Final: the operator refused and signed it. */
export interface Refused {
  readonly outcome: "refused";
  readonly refusal: SignedRefusal;
}
export type CastOutcome = RecordedBallot | Promised | Refused;

export interface CastOptions {
  readonly progress?: (progress: CastProgress) => void;
  /** How long to keep sending and waiting, milliseconds from now. */
  readonly patience?: number;
}

const acknowledged = shape({
  index: integer,
  prev: binary(32),
  leaf: binary(32),
  ballot: binary(32),
  signature: binary(64),
});
const refused = shape({
  code: string(40),
  ballot: orNull(binary(32)),
  head: integer,
  leaf: binary(32),
  reason: orNull(integer),
  signature: binary(64),
});
const unsigned = shape({ code: string(40) });
const line = shape({
  acknowledged: orNull(object(acknowledged)),
  receipt: orNull(string(200_000)),
  refusal: orNull(anything),
});

/** Refusals that pass by themselves: the same bytes are sent again. */
const passing: ReadonlySet<RefusalCode> = new Set([
  "overloaded",
  "too-soon",
  "unavailable",
  "paused",
  "not-open",
  "no-passes-left",
  "witnesses-missing",
]);

/**
 * Sends a signed ballot until it is recorded or refused for good. `quorum-missing` and the like are troubles of one attempt
 * and end in `acknowledged` when patience runs out; an error value means that nothing is known of the ballot.
 */
export async function castBallot(
  around: Surroundings,
  board: Board,
  ballot: SignedBallot,
  { progress = () => undefined, patience = 120_000 }: CastOptions = {},
): Promise<Result<CastOutcome, Trouble>> {
  const deadline = around.clock.now() + patience;
  let pause = 500;
  for (;;) {
    progress({ step: "sending" });
    const attempt = await sendOnce(around, board, ballot, deadline, progress);
    if (attempt.ok) return attempt;
    if (!passing.has(attempt.error.code) || around.clock.now() + pause > deadline) return attempt;
    progress({ step: "waiting", code: attempt.error.code });
    const [jitter] = around.random(1);
    await around.wait(pause + (pause * jitter!) / 512);
    pause = Math.min(pause * 2, 20_000);
  }
}

async function sendOnce(
  around: Surroundings,
  board: Board,
  ballot: SignedBallot,
  deadline: number,
  progress: (progress: CastProgress) => void,
): Promise<Result<CastOutcome, Trouble>> {
  const context = bytesToHex(board.election.voting!.context);
  let promise: Acknowledgement | null = null;
  for await (const part of lines(around, `${board.url}/api/ballots/${context}`, ballot.payload)) {
    if (!part.ok) {
      if (promise !== null) break; // the promise outlives the connection
      return part;
    }
    const said = parseJson(part.value.line, line);
    // A proxy's page with an error's status is no answer of the server's: it passes.
    if (!said.ok) return trouble(part.value.status < 500 ? "form-invalid" : "unavailable", said.error);
    if (said.value.refusal !== null) return readRefusal(board, ballot, said.value.refusal);
    if (said.value.acknowledged !== null) {
      const checked = await checkPromise(board, ballot, said.value.acknowledged);
      if (!checked.ok) return checked;
      promise = said.value.acknowledged;
      progress({ step: "acknowledged" });
    } else if (said.value.receipt !== null) {
      if (promise === null) return trouble("paper-invalid", "a receipt without an acknowledgement");
      const receipt = said.value.receipt;
      const checked = verifyBallotReceipt(board.record.policy, receipt, promise);
      if (!checked.ok) return checked;
      const whole = await confirmFirst(board, ballot, promise, receipt);
      if (!whole.ok) return whole;
      progress({ step: "recorded" });
      return ok({ outcome: "recorded", acknowledgement: promise, receipt });
    } else progress({ step: "received" });
  }
  if (promise === null) return trouble("unavailable", "the connection ended before an answer");
  return awaitReceipt(around, board, ballot, promise, deadline, progress);
}

/** Checks signature and subject; whether the bytes are ours is known at once unless an earlier signature on h stands there. */
async function checkPromise(board: Board, ballot: SignedBallot, it: Acknowledgement): Promise<Result<null, Trouble>> {
  if (!verifyAcknowledgement(board.election, it)) return trouble("paper-invalid", "the acknowledgement is not signed");
  return speaksOf(it, ballot.h) ? ok(null) : trouble("paper-invalid", "the acknowledgement is for another ballot");
}

/** A leaf that is not of our bytes must still be the same ballot, with another of our signatures. */
async function confirmFirst(
  board: Board,
  ballot: SignedBallot,
  promise: Acknowledgement,
  receipt: string,
): Promise<Result<null, Trouble>> {
  if (equalBytes(ballotLeaf(promise, ballot.payload), promise.leaf)) return ok(null);
  const note = receipt.slice(receipt.indexOf("\n\n") + 2);
  const under = await board.record.accept(note);
  if (!under.ok) return under;
  const proved = await board.record.entry(promise.index, under.value);
  if (!proved.ok) return proved;
  const decoded = decodeBallot(proved.value.entry.payload);
  const same = decoded.ok && equalBytes(ballotHash(board.election.voting!.context, decoded.value.core), ballot.h);
  return same
    ? ok(null)
    : trouble("promise-broken", "the acknowledged entry is not this ballot", { index: promise.index });
}

/** Makes the receipt from public tiles where the stream did not bring it. */
async function awaitReceipt(
  around: Surroundings,
  board: Board,
  ballot: SignedBallot,
  promise: Acknowledgement,
  deadline: number,
  progress: (progress: CastProgress) => void,
): Promise<Result<CastOutcome, Trouble>> {
  for (;;) {
    const under = await board.record.checkpoint();
    if (under.ok && under.value.checkpoint.size > promise.index) {
      const receipt = await board.record.receipt(promise.index, promise.leaf, under.value);
      if (receipt.ok) {
        const whole = await confirmFirst(board, ballot, promise, receipt.value);
        if (!whole.ok) return whole;
        progress({ step: "recorded" });
        return ok({ outcome: "recorded", acknowledgement: promise, receipt: receipt.value });
      }
      if (receipt.error.code === "root-differs")
        return trouble("promise-broken", "the record does not hold what was acknowledged", { index: promise.index });
    } else if (!under.ok && under.error.code === "promise-broken") return under;
    if (around.clock.now() >= deadline) return ok({ outcome: "acknowledged", acknowledgement: promise });
    await around.wait(1000);
  }
}

function readRefusal(board: Board, ballot: SignedBallot, value: unknown): Result<CastOutcome, Trouble> {
  const plain = readValue(value, unsigned);
  const signed = readValue(value, refused);
  const code = plain.ok && isRefusalCode(plain.value.code) ? plain.value.code : "unavailable";
  // What passes by itself need not be proved to anybody; everything final must be signed.
  if (passing.has(code)) return trouble(code, "refused for now");
  if (!signed.ok) return trouble("paper-invalid", `a refusal without its papers (${code})`);
  const refusal: SignedRefusal = { ...signed.value, code };
  if (!verifyRefusal(board.election, refusal))
    return trouble("paper-invalid", `a refusal not validly signed (${code})`);
  // Ours has an h; a refusal that names none could be shown to anybody for anything, and refuted by nobody.
  if (refusal.ballot === null || !equalBytes(refusal.ballot, ballot.h))
    return trouble("paper-invalid", "a refusal of no ballot or of another one");
  return ok({ outcome: "refused", refusal });
}
