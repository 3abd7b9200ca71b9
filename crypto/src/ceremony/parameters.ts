/**
 * One round of a key generation after Pedersen (1991) with Feldman's commitments, complaints and public judgement
 * (docs/protocol.md, "Ceremony"). Every function here is pure: messages are fields, and signing them is the record's.
 */
import type { Point } from "../group/ristretto.ts";
import { Transcript, type TranscriptUse } from "../transcript.ts";

/** Group 0 generates the election key K, group 1 the key of the nullifier function. */
export const TRUSTEES = 0;
export const REGISTRARS = 1;

export interface Ceremony {
  /** E, 32 bytes. */
  readonly election: Uint8Array;
  readonly group: typeof TRUSTEES | typeof REGISTRARS;
  /** From 1. */
  readonly round: number;
  /** Indices of the parties of this round, from 1, ascending. */
  readonly parties: readonly number[];
  /** How many shares make the key: 1 ≤ threshold ≤ parties. */
  readonly threshold: number;
}

/** A reveal whose points are decoded and whose proofs hold. */
export interface VerifiedReveal {
  readonly index: number;
  /** A_0 … A_{threshold−1}. */
  readonly coefficients: readonly Point[];
  readonly channel: Point;
}

/** Throws for a ceremony that no record can hold: those are broken invariants, not refusals. */
export function assertCeremony(ceremony: Ceremony): void {
  const { election, round, parties, threshold } = ceremony;
  if (election.length !== 32) throw new RangeError("E has 32 bytes");
  if (!Number.isSafeInteger(round) || round < 1) throw new RangeError("rounds count from 1");
  for (const [i, index] of parties.entries()) {
    if (!Number.isSafeInteger(index) || index <= (parties[i - 1] ?? 0)) throw new RangeError("parties ascend from 1");
  }
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > parties.length) {
    throw new RangeError("1 ≤ threshold ≤ parties");
  }
}

/** A transcript that starts with what every message of the round is bound to. */
export function ceremonyTranscript(use: TranscriptUse, ceremony: Ceremony): Transcript {
  return new Transcript(use)
    .append("election", ceremony.election)
    .number("group", ceremony.group)
    .number("round", ceremony.round);
}

/** The reveals by party; throws unless there is exactly one of every party of the round. */
export function revealsByParty(
  ceremony: Ceremony,
  reveals: readonly VerifiedReveal[],
): ReadonlyMap<number, VerifiedReveal> {
  const byParty = new Map(reveals.map((reveal) => [reveal.index, reveal]));
  const complete = ceremony.parties.every((index) => byParty.has(index));
  if (!complete || reveals.length !== ceremony.parties.length) throw new Error("one reveal of every party is needed");
  return byParty;
}
