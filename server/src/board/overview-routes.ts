import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Clock } from "@hanpyo/crypto";
import { Type } from "typebox";
import type { Election } from "../elections/election.ts";
import type { PassCounts } from "../passes/pass-counts.ts";
import { hexHash, toHex } from "./json.ts";

export interface OverviewOptions {
  readonly election: Election;
  readonly passes: PassCounts;
  readonly clock: Clock;
  /** Verifier keys of this board, before and after a definition names them. */
  readonly keys: { readonly record: string; readonly passes: string; readonly acknowledgement: string };
  /** Where the registrars are reached, by index from 1. */
  readonly registrarUrls: readonly string[];
}

const nullableHash = Type.Union([hexHash, Type.Null()]);
const nullableInteger = Type.Union([Type.Integer(), Type.Null()]);
export const turnoutSchema = Type.Object({ total: Type.Integer(), classes: Type.Array(Type.Integer()) });
export const overviewSchema = Type.Object({
  origin: Type.String(),
  election: nullableHash,
  context: nullableHash,
  phase: Type.String(),
  opens: nullableInteger,
  end: nullableInteger,
  now: Type.Integer(),
  rehearsal: Type.Union([Type.Boolean(), Type.Null()]),
  size: Type.Integer(),
  passes: Type.Integer(),
  turnout: turnoutSchema,
  keys: Type.Object({
    record: Type.String(),
    passes: Type.String(),
    acknowledgement: Type.String(),
    witnesses: Type.Array(Type.String()),
    quorum: Type.Integer(),
  }),
  registrars: Type.Array(Type.Object({ index: Type.Integer(), name: Type.String(), url: Type.String() })),
});

/** The relay of a demonstration is reached wherever the page was. */
const absolute = (url: string, here: string): string => (url.startsWith("/") ? `${here}${url}` : url);

/** Voters, not ballots: pseudonyms that have a ballot, in all and per class. */
export function turnoutOf(election: Election): { total: number; classes: number[] } {
  const { definition, firstBallots } = election.state;
  const classes = (definition?.classes ?? []).map((_, item) => firstBallots[item] ?? 0);
  return { total: classes.reduce((sum, n) => sum + n, 0), classes };
}

export const overviewRoutes: FastifyPluginAsyncTypebox<OverviewOptions> = async (app, options) => {
  app.get("/api/election", { schema: { response: { 200: overviewSchema } } }, async (request) => {
    const { election, passes, clock, keys, registrarUrls } = options;
    const { state } = election;
    const { definition } = state;
    return {
      origin: election.origin,
      election: state.election && toHex(state.election),
      context: state.context && toHex(state.context),
      phase: state.phase,
      opens: definition?.schedule.opens ?? null,
      end: definition ? state.end : null,
      now: Math.floor(clock.now() / 1000),
      rehearsal: definition?.rehearsal ?? null,
      size: election.head.size,
      passes: passes.size,
      turnout: turnoutOf(election),
      keys: { ...keys, witnesses: [...(definition?.witnesses ?? [])], quorum: definition?.witnessQuorum ?? 0 },
      registrars: (definition?.registrars ?? []).map(({ name }, i) => ({
        index: i + 1,
        name,
        url: absolute(registrarUrls[i] ?? "", `${request.protocol}://${request.host}`),
      })),
    };
  });
};
