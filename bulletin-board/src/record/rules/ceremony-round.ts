import type { CeremonyRound, ElectionState } from "../state.ts";

export const newRound = (round: number, parties: readonly number[]): CeremonyRound => ({
  round,
  parties,
  reveals: new Map(),
  shares: new Map(),
  confirms: new Map(),
});

/** Starts a round, where its parties can make a key at all: else the ceremony is at its end without one. */
export function startRound(state: ElectionState, group: 0 | 1, round: number, parties: readonly number[]): void {
  const { threshold, quorum } = state.definition!;
  if (parties.length >= (group === 0 ? threshold : quorum))
    state.ceremonies[group].rounds.push(newRound(round, parties));
}
