/**
 * The specification of a valid ballot, in plain formulas on noble: checks 11, 13, 14, 15 and, inside one ballot, 16. Batch
 * verification must agree with it, and asks it for the last word and the evidence.
 */
import { type Ciphertext, combine } from "../elgamal.ts";
import { decodeNonIdentity, decodePoint, type Point } from "../group/ristretto.ts";
import { modOrder } from "../group/scalar.ts";
import { type BranchCommitment, type DisjunctionResponse, disjunctionFault } from "../proof/disjunction.ts";
import { type SchnorrFault, schnorrVerify } from "../proof/schnorr.ts";
import { err, ok, type Result } from "../result.ts";
import { castTranscript } from "./cast.ts";
import { type BallotContext, type BallotCore, ballotChallenge, ballotHash } from "./core.ts";
import { type BallotFault, type BallotScalars, checkBallotForm, repeatedRandomness } from "./form.ts";
import type { ProofLayout } from "./layout.ts";

/** How a ballot was cast: the signature and the 32-byte hash of the passes that came with it. */
export interface Casting {
  readonly signature: Uint8Array;
  readonly passesHash: Uint8Array;
}

interface DecodedContest {
  readonly ciphertexts: readonly Ciphertext[];
  readonly commitments: readonly BranchCommitment[];
}

interface DecodedBallot {
  readonly pseudonym: Point;
  readonly contests: readonly DecodedContest[];
}

/** The value is h. */
export function verifyBallot(
  ballot: BallotContext,
  core: BallotCore,
  { signature, passesHash }: Casting,
): Result<Uint8Array, BallotFault> {
  const form = checkBallotForm(ballot, core, signature);
  if (!form.ok) return form;
  const decoded = decodePoints(core);
  if (!decoded.ok) return decoded;
  const h = ballotHash(ballot.context, core);
  const statement = { context: ballot.context, ballot: h, passes: passesHash };
  const signed = schnorrVerify(castTranscript(statement), decoded.value.pseudonym, signature);
  if (!signed.ok) return err({ part: "13a", what: signatureFault(signed.error), where: "signature" });
  const fault = proofFault(ballot, core, form.value, decoded.value) ?? repeatedRandomness(core);
  return fault === null ? ok(h) : err(fault);
}

function signatureFault(fault: SchnorrFault): "length" | "identity" | "commitment" | "response" | "equation" {
  return fault === "key" ? "identity" : fault;
}

/** 11c. The identity is refused as a key, as R and as a commitment; S may be anything. */
function decodePoints(core: BallotCore): Result<DecodedBallot, BallotFault> {
  const pseudonym = decodeNonIdentity(core.pseudonym);
  if (!pseudonym.ok) return err({ part: "11c", what: pseudonym.error, where: "pseudonym" });
  const checker = decodeNonIdentity(core.checker);
  if (!checker.ok) return err({ part: "11c", what: checker.error, where: "checker" });
  const contests: DecodedContest[] = [];
  for (const [contest, block] of core.contests.entries()) {
    const points = { ciphertexts: [] as Point[], commitments: [] as Point[] };
    for (const where of ["ciphertexts", "commitments"] as const)
      for (let position = 0; 32 * position < block[where].length; position++) {
        const mayBeIdentity = where === "ciphertexts" && position % 2 === 1;
        const bytes = block[where].subarray(32 * position, 32 * position + 32);
        const point = mayBeIdentity ? decodePoint(bytes) : decodeNonIdentity(bytes);
        if (!point.ok) return err({ part: "11c", what: point.error, where, contest, position });
        points[where].push(point.value);
      }
    contests.push({
      ciphertexts: pairs(points.ciphertexts, (R, S) => ({ R, S })),
      commitments: pairs(points.commitments, (a, b) => ({ a, b })),
    });
  }
  return ok({ pseudonym: pseudonym.value, contests });
}

function pairs<T>(points: readonly Point[], make: (first: Point, second: Point) => T): T[] {
  return Array.from({ length: points.length / 2 }, (_, i) => make(points[2 * i]!, points[2 * i + 1]!));
}

/** 14a, 15a, 15b: options first, then the sum, contest by contest. A contest that allows a blank has its sum under 15b. */
function proofFault(
  ballot: BallotContext,
  core: BallotCore,
  scalars: BallotScalars,
  decoded: DecodedBallot,
): BallotFault | null {
  const challenge = ballotChallenge(ballot, core);
  for (const [contest, { layout }] of ballot.contests.entries()) {
    const { ciphertexts, commitments } = decoded.contests[contest]!;
    for (const proof of layout.proofs) {
      const { R, S } = proof.option === null ? combine(ciphertexts, layout.factors) : ciphertexts[proof.option]!;
      const from = proof.commitments / 64;
      const fault = disjunctionFault(
        { key: ballot.key, R, S, first: proof.first },
        commitments.slice(from, from + proof.branches),
        proofResponse(proof, scalars[contest]!, challenge),
      );
      if (fault === null) continue;
      const part = proof.option !== null ? "14a" : layout.rule.blank ? "15b" : "15a";
      const position = proof.option ?? layout.values;
      return { part, what: "equation", where: "responses", contest, position, branch: fault.branch };
    }
  }
  return null;
}

/** Challenges and responses of one proof; the challenge that is not sent is c less the others. */
export function proofResponse(proof: ProofLayout, scalars: readonly bigint[], challenge: bigint): DisjunctionResponse {
  const from = proof.challenges / 32;
  const challenges = scalars.slice(from, from + proof.branches - 1);
  challenges.push(modOrder(challenges.reduce((rest, each) => rest - each, challenge)));
  return { challenges, responses: scalars.slice(from + proof.branches - 1, from + 2 * proof.branches - 1) };
}
