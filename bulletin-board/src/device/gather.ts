/** Waiting for several parties, of whom one may hang or lie. */
import type { Result } from "@hanpyo/crypto";
import type { Surroundings, Trouble } from "./transport.ts";

export interface Gathered<T> {
  /** By party, those that answered well so far. */
  readonly answers: ReadonlyMap<number, T>;
  readonly troubles: readonly Trouble[];
  /** Resolves when every party has answered, well or not. */
  readonly settled: Promise<void>;
}

export interface Patience {
  /** Good answers without which waiting goes on. */
  readonly needed: number;
  /** Milliseconds to wait for the others: from the first request (`start`) or from the answer that made it enough. */
  readonly grace: number;
  readonly from: "start" | "enough";
}

/** Asks all parties at once and resolves when all have settled, or when enough answered well and the grace is over. */
export function gather<T>(
  around: Surroundings,
  parties: readonly number[],
  ask: (party: number) => Promise<Result<T, Trouble>>,
  { needed, grace, from }: Patience,
): Promise<Gathered<T>> {
  const answers = new Map<number, T>();
  const troubles: Trouble[] = [];
  return new Promise((resolve, reject) => {
    let graceOver = false;
    const finishIfEnough = () => {
      if (graceOver && answers.size >= needed) finish();
    };
    const startGrace = () => {
      around.wait(grace).then(() => {
        graceOver = true;
        finishIfEnough();
      }, reject);
    };
    const settled = Promise.all(
      parties.map(async (party) => {
        const answer = await ask(party);
        if (!answer.ok) {
          troubles.push({ party, ...answer.error });
          return;
        }
        answers.set(party, answer.value);
        if (from === "enough" && answers.size === needed) startGrace();
        finishIfEnough();
      }),
    ).then(() => undefined);
    const finish = () => resolve({ answers: new Map(answers), troubles: [...troubles], settled });
    if (from === "start") startGrace();
    settled.then(finish, reject);
  });
}

/** The refusal to show for many: the most frequent code, and "unavailable" only where nobody said anything else. */
export function prevailing(troubles: readonly Trouble[], otherwise: Trouble): Trouble {
  const said = troubles.filter(({ code }) => code !== "unavailable");
  const counts = new Map<string, number>();
  for (const { code } of said) counts.set(code, (counts.get(code) ?? 0) + 1);
  let best: Trouble | undefined;
  for (const each of said) if (best === undefined || counts.get(each.code)! > counts.get(best.code)!) best = each;
  return best ?? troubles[0] ?? otherwise;
}
