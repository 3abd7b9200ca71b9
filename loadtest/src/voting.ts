/** Residents of a test election at their devices: the very code that runs in the page, many at a time. */
import {
  type Acknowledgement,
  type Board,
  castBallot,
  encodeBase64url,
  obtainPasses,
  type Pass,
  type Surroundings,
  signBallot,
} from "@hanpyo/bulletin-board";
import { encryptBallot, randomBytes, Secret, unwrap } from "@hanpyo/crypto";
import type { CountedBallot } from "./expected.ts";
import { openPatiently } from "./open-election.ts";
import type { Resident } from "./plan.ts";

/** What one pass has cast; the last ballot counts. */
export interface Vote {
  readonly resident: Resident;
  readonly pass: Pass;
  readonly counted: CountedBallot | null;
  /** h of the last ballot, null before the first. */
  readonly latest: Uint8Array | null;
  /** Its bytes. */
  readonly payload: Uint8Array | null;
}

export interface Papers {
  readonly receipts: Map<string, string>;
  readonly acknowledgements: Map<string, unknown>;
  readonly refusals: Map<string, unknown>;
}

export interface VotingHooks {
  /** After every recorded ballot, with the milliseconds its casting took. */
  readonly onBallot?: (milliseconds: number) => void;
}

export const acknowledgementPaper = (it: Acknowledgement) => ({
  index: it.index,
  prev: encodeBase64url(it.prev),
  leaf: encodeBase64url(it.leaf),
  ballot: encodeBase64url(it.ballot),
  signature: encodeBase64url(it.signature),
});

/** What passes by itself: a device asks again with the same seed, and every request is the same bytes. */
const passing: ReadonlySet<string> = new Set([
  "unavailable",
  "overloaded",
  "nonce-expired",
  "not-logged",
  "quorum-missing",
  "witnesses-missing",
]);
const tries = 10;

/** Gets the passes of a resident. Throws what the registrars refuse for good. */
export async function passesOf(around: Surroundings, board: Board, code: Secret<string>): Promise<readonly Pass[]> {
  const input = { code: code.reveal(), seed: new Secret(randomBytes(32)), apart: 0 };
  for (let left = tries; ; left--) {
    const obtained = await obtainPasses(around, board, input);
    if (obtained.ok) return obtained.value.passes;
    const { code: why, detail } = obtained.error;
    if (left === 1 || !passing.has(why)) throw new Error(`passes: ${why}: ${detail}`);
    await around.wait(500);
  }
}

/** Casts one ballot and keeps its papers. Throws where it is refused: these are honest ballots. */
export async function cast(
  around: Surroundings,
  board: Board,
  vote: Vote,
  values: readonly (readonly number[])[],
  papers: Papers,
): Promise<Vote> {
  const { pass } = vote;
  const context = board.election.voting!.ballotContext(pass.class);
  const core = unwrap(
    encryptBallot(context, {
      pseudonym: pass.pseudonym.encoded,
      previous: vote.latest,
      checker: null,
      choices: values,
      seed: randomBytes(32),
    }),
  );
  const signed = signBallot(board, core, pass.pseudonym, pass.passes);
  const outcome = await castBallot(around, board, signed);
  if (!outcome.ok) throw new Error(`ballot: ${outcome.error.code}: ${outcome.error.detail}`);
  const it = outcome.value;
  if (it.outcome === "refused") throw new Error(`an honest ballot was refused: ${it.refusal.code}`);
  papers.acknowledgements.set(signed.code, acknowledgementPaper(it.acknowledgement));
  if (it.outcome === "recorded") papers.receipts.set(signed.code, it.receipt);
  return { ...vote, counted: { class: pass.class, values }, latest: signed.h, payload: signed.payload };
}

export interface ElectorateInput {
  readonly around: Surroundings;
  readonly server: string;
  readonly election: Uint8Array;
  readonly residents: readonly Resident[];
  readonly codes: ReadonlyMap<string, Secret<string>>;
  readonly papers: Papers;
  /** Devices at once. */
  readonly devices: number;
}

/** All residents who vote, each with all their ballots. Order is left to chance and the network. */
export async function voteAll(input: ElectorateInput, hooks: VotingHooks = {}): Promise<Vote[]> {
  const { around, server, election, papers } = input;
  const waiting = [...input.residents];
  const votes: Vote[] = [];
  const device = async (): Promise<void> => {
    const board = await openPatiently(around, server, election);
    for (let resident = waiting.shift(); resident; resident = waiting.shift()) {
      const passes = await passesOf(around, board, input.codes.get(resident.id)!);
      for (const plan of resident.passes) {
        const pass = passes.find((it) => it.class === plan.class);
        if (!pass) throw new Error(`${resident.id} got no pass of class ${plan.class}`);
        let vote: Vote = { resident, pass, counted: null, latest: null, payload: null };
        for (const values of plan.ballots) {
          const start = performance.now();
          vote = await cast(around, board, vote, values, papers);
          hooks.onBallot?.(performance.now() - start);
        }
        votes.push(vote);
      }
    }
  };
  await Promise.all(Array.from({ length: input.devices }, device));
  return votes;
}
