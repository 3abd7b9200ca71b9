/** What every `BallotView` must do, whatever stands behind it. Call it from a test file of the implementation. */
import { describe, expect, it } from "vitest";
import type { BallotDelta, BallotView } from "../../record/ballot-view.ts";
import { bytesOf } from "./keys.ts";

/** What a view will be asked: an implementation may fetch it beforehand. */
export interface Questions {
  readonly pseudonyms: readonly Uint8Array[];
  readonly ballots: readonly Uint8Array[];
  readonly randomness: readonly Uint8Array[];
}
export interface BallotViewUnderTest {
  apply(delta: BallotDelta): void | Promise<void>;
  view(questions: Questions): BallotView | Promise<BallotView>;
}

const delta = (entry: number, voter: number, turn: number, replaces: number | null, item = 0): BallotDelta => ({
  entry,
  pseudonym: bytesOf(`pseudonym ${voter}`),
  class: item,
  h: bytesOf(`h ${voter}/${turn}`),
  firstRandomness: bytesOf(`r ${voter}/${turn}`),
  replaces,
});

/** @param make an implementation that knows of no ballot yet */
export function ballotViewConformance(make: () => BallotViewUnderTest | Promise<BallotViewUnderTest>): void {
  const ask = (under: BallotViewUnderTest, ...deltas: readonly BallotDelta[]) =>
    under.view({
      pseudonyms: deltas.map((it) => it.pseudonym),
      ballots: deltas.map((it) => it.h),
      randomness: deltas.map((it) => it.firstRandomness),
    });

  describe("a view of the ballots", () => {
    it("knows nothing at first", async () => {
      const one = delta(7, 1, 0, null);
      const view = await ask(await make(), one);
      expect(view.pseudonym(one.pseudonym)).toBeUndefined();
      expect(view.ballot(one.h)).toBeUndefined();
      expect(view.firstRandomness(one.firstRandomness)).toBeUndefined();
    });

    it("tells a first ballot, and none of the others", async () => {
      const under = await make();
      const [one, other] = [delta(7, 1, 0, null, 3), delta(8, 2, 0, null)];
      await under.apply(one);
      const view = await ask(under, one, other);
      expect(view.pseudonym(one.pseudonym)).toEqual({ class: 3, ballots: 1, latest: one.h, latestEntry: 7 });
      expect(view.ballot(one.h)).toBe(7);
      expect(view.firstRandomness(one.firstRandomness)).toBe(7);
      expect(view.pseudonym(other.pseudonym)).toBeUndefined();
      expect(view.ballot(other.h)).toBeUndefined();
      expect(view.firstRandomness(other.firstRandomness)).toBeUndefined();
    });

    it("counts re-votes, tells the latest, and forgets no earlier h or randomness", async () => {
      const under = await make();
      const ballots = [delta(7, 1, 0, null), delta(9, 1, 1, 7), delta(300, 1, 2, 9)];
      for (const it of ballots) await under.apply(it);
      const view = await ask(under, ...ballots);
      expect(view.pseudonym(ballots[0]!.pseudonym)).toEqual({
        class: 0,
        ballots: 3,
        latest: ballots[2]!.h,
        latestEntry: 300,
      });
      expect(ballots.map((it) => view.ballot(it.h))).toEqual([7, 9, 300]);
      expect(ballots.map((it) => view.firstRandomness(it.firstRandomness))).toEqual([7, 9, 300]);
    });

    it("tells entry 0 and class 0 from nothing", async () => {
      const under = await make();
      const one = delta(0, 1, 0, null, 0);
      await under.apply(one);
      const view = await ask(under, one);
      expect(view.pseudonym(one.pseudonym)).toMatchObject({ class: 0, latestEntry: 0 });
      expect(view.ballot(one.h)).toBe(0);
      expect(view.firstRandomness(one.firstRandomness)).toBe(0);
    });

    it("keeps hundreds of pseudonyms apart", async () => {
      const under = await make();
      const ballots = Array.from({ length: 400 }, (_, i) => delta(10 + i, i, 0, null, i % 5));
      for (const it of ballots) await under.apply(it);
      const view = await ask(under, ...ballots);
      for (const it of ballots) {
        expect(view.pseudonym(it.pseudonym)).toEqual({
          class: it.class,
          ballots: 1,
          latest: it.h,
          latestEntry: it.entry,
        });
        expect(view.ballot(it.h)).toBe(it.entry);
      }
    });
  });
}
