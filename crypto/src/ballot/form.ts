/**
 * The form of a ballot, checks 11a, 11b and 11d, and 16a inside one ballot: no point arithmetic, so that a server can refuse
 * malformed ballots before it spends anything on them.
 */
import { bytesToHex } from "../bytes.ts";
import { decodeScalar, SCALAR_BYTES } from "../group/scalar.ts";
import { SCHNORR_BYTES } from "../proof/schnorr.ts";
import { err, ok, type Result } from "../result.ts";
import type { BallotContext, BallotCore } from "./core.ts";

/** The numbered check and part that a ballot fails (docs/protocol.md, verification). */
export type BallotPart = "11a" | "11b" | "11c" | "11d" | "13a" | "14a" | "15a" | "15b" | "16a";

export interface BallotFault {
  readonly part: BallotPart;
  /** What is wrong there. */
  readonly what:
    | "class"
    | "contests"
    | "length"
    | "encoding"
    | "identity"
    | "range"
    | "commitment"
    | "response"
    | "equation"
    | "repeated";
  /** Where: a field of the core, or a byte string of a contest. */
  readonly where: "class" | "contests" | "pseudonym" | "previous" | "checker" | "signature" | keyof ContestFields;
  /** Position of the contest in the ballot, if it is in one. */
  readonly contest?: number;
  /** Which option's proof, or which point or scalar of the byte string. */
  readonly position?: number;
  readonly branch?: number;
}

interface ContestFields {
  ciphertexts: unknown;
  commitments: unknown;
  responses: unknown;
}

/** Per contest the scalars of `responses`, in their order. */
export type BallotScalars = readonly (readonly bigint[])[];

/** 11a and 11b: what has to be known before anything is read at its place. */
export function ballotShapeFault(ballot: BallotContext, core: BallotCore, signature: Uint8Array): BallotFault | null {
  if (core.class !== ballot.class) return { part: "11a", what: "class", where: "class" };
  if (core.contests.length !== ballot.contests.length) return { part: "11a", what: "contests", where: "contests" };
  return lengthFault(ballot, core, signature);
}

/** 11a, 11b, 11d */
export function checkBallotForm(
  ballot: BallotContext,
  core: BallotCore,
  signature: Uint8Array,
): Result<BallotScalars, BallotFault> {
  const shape = ballotShapeFault(ballot, core, signature);
  if (shape !== null) return err(shape);
  const scalars: bigint[][] = [];
  for (const [contest, { responses }] of core.contests.entries()) {
    const row: bigint[] = [];
    for (let at = 0; at < responses.length; at += SCALAR_BYTES) {
      const scalar = decodeScalar(responses.subarray(at, at + SCALAR_BYTES));
      if (!scalar.ok)
        return err({ part: "11d", what: "range", where: "responses", contest, position: at / SCALAR_BYTES });
      row.push(scalar.value);
    }
    scalars.push(row);
  }
  return ok(scalars);
}

function lengthFault(ballot: BallotContext, core: BallotCore, signature: Uint8Array): BallotFault | null {
  const wrong = (where: BallotFault["where"], contest?: number): BallotFault =>
    contest === undefined ? { part: "11b", what: "length", where } : { part: "11b", what: "length", where, contest };
  if (core.pseudonym.length !== 32) return wrong("pseudonym");
  if (core.previous !== null && core.previous.length !== 32) return wrong("previous");
  if (core.checker.length !== 32) return wrong("checker");
  if (signature.length !== SCHNORR_BYTES) return wrong("signature");
  for (const [contest, block] of core.contests.entries()) {
    const { layout } = ballot.contests[contest]!;
    if (block.ciphertexts.length !== layout.ciphertextBytes) return wrong("ciphertexts", contest);
    if (block.commitments.length !== layout.commitmentBytes) return wrong("commitments", contest);
    if (block.responses.length !== layout.responseBytes) return wrong("responses", contest);
  }
  return null;
}

/** 16a: every R of a ballot differs. Canonical encodings make comparing bytes enough. */
export function repeatedRandomness(core: BallotCore): BallotFault | null {
  const seen = new Set<string>();
  for (const [contest, { ciphertexts }] of core.contests.entries())
    for (let at = 0; at + 32 <= ciphertexts.length; at += 64) {
      const R = bytesToHex(ciphertexts.subarray(at, at + 32));
      if (seen.has(R)) return { part: "16a", what: "repeated", where: "ciphertexts", contest, position: at / 64 };
      seen.add(R);
    }
  return null;
}
