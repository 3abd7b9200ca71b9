/** The result as it must come out, computed from plain choices and nothing that was encrypted. */

import type { DefinitionBody } from "@hanpyo/bulletin-board";
import { partition, valueCount } from "@hanpyo/crypto";

/** A ballot that counts: its class and its plain values per contest of the class. */
export interface CountedBallot {
  readonly class: number;
  readonly values: readonly (readonly number[])[];
}

export interface ExpectedContest {
  /** Σ weight · value per option, over the sets that are opened. */
  readonly totals: readonly number[];
  /** Ballots in sets that stay closed. */
  readonly unopened: number;
}

export function expectedResult(
  definition: Pick<DefinitionBody, "groups" | "classes" | "contests" | "smallestGroup">,
  ballots: readonly CountedBallot[],
): ExpectedContest[] {
  const counted = definition.classes.map((_, item) => ballots.filter((ballot) => ballot.class === item).length);
  return definition.contests.map(({ rule }, contest) => {
    const { opened, unopened } = partition({ ...definition, counted }, contest);
    const totals = new Array<number>(valueCount(rule)).fill(0);
    for (const { weight, classes } of opened)
      for (const ballot of ballots.filter((it) => classes.includes(it.class))) {
        const values = ballot.values[definition.classes[ballot.class]!.contests.indexOf(contest)]!;
        for (const [option, value] of values.entries()) totals[option]! += weight * value;
      }
    return { totals, unopened: unopened.reduce((sum, set) => sum + set.ballots, 0) };
  });
}
