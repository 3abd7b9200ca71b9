import type { CeremonyRound } from "../state.ts";

export const newRound = (round: number, parties: readonly number[]): CeremonyRound => ({
  round,
  parties,
  reveals: new Map(),
  shares: new Map(),
  confirms: new Map(),
});
