/**
 * What the rulebook must remember of ballots. Two implementations stand behind this one port, under one conformance
 * suite: tables in memory (verifier) and Postgres tables changed in the append transaction (server, which prefetches).
 */
export interface PseudonymRow {
  readonly class: number;
  /** Ballots recorded under this pseudonym. */
  readonly ballots: number;
  /** h of the latest of them. */
  readonly latest: Uint8Array;
  /** Its entry. */
  readonly latestEntry: number;
}

export interface BallotView {
  pseudonym(pseudonym: Uint8Array): PseudonymRow | undefined;
  /** Entry of the ballot with this h. */
  ballot(h: Uint8Array): number | undefined;
  /** Entry of the ballot whose first ciphertext has this R. */
  firstRandomness(r: Uint8Array): number | undefined;
}

/** What one admitted ballot changes in a `BallotView`. */
export interface BallotDelta {
  readonly entry: number;
  readonly pseudonym: Uint8Array;
  readonly class: number;
  readonly h: Uint8Array;
  readonly firstRandomness: Uint8Array;
  /** The entry this one replaces. */
  readonly replaces: number | null;
}
