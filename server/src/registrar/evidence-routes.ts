/**
 * Hands sealed evidence to auditors (docs/protocol.md 7.4): by the hash that was endorsed, after the record shows `count` and
 * never before. Nobody without the auditors' key can read it; that it is asked for says nothing about a person either.
 */

import {
  type Board,
  LogReader,
  type RefusalCode,
  refusals,
  type Surroundings,
  type Trouble,
} from "@hanpyo/bulletin-board";
import { quoteSchema } from "@hanpyo/bulletin-board/node";
import { type Clock, hexToBytes, ok, type Result } from "@hanpyo/crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import type pg from "pg";
import { Type } from "typebox";
import { CountSeen } from "./count-seen.ts";
import { type Allowance, Limiter } from "./limits.ts";

/** What an auditor with the largest sample needs in a quarter of an hour. */
export const evidenceAllowance: Allowance = { times: 600, within: 60_000 };

export class EvidenceSource {
  readonly #pool: pg.Pool;
  readonly #schema: string;
  readonly #count: CountSeen;

  /** `schema` is the registrar's own. */
  constructor(pool: pg.Pool, schema: string, board: Board, around: Surroundings) {
    this.#pool = pool;
    this.#schema = quoteSchema(schema);
    const record = new LogReader(around, `${board.url}/record`, board.record.policy);
    this.#count = new CountSeen(record, board.election.definition.schedule.closes, around.clock);
  }

  counted(): Promise<Result<boolean, Trouble>> {
    return this.#count.seen();
  }

  /** The sealed bytes of this SHA-256, or null. */
  async sealed(hash: Uint8Array): Promise<Uint8Array | null> {
    const { rows } = await this.#pool.query<{ sealed: Buffer }>(
      `select sealed from ${this.#schema}.endorsement where evidence = $1 limit 1`,
      [hash],
    );
    return rows[0]?.sealed ?? null;
  }
}

export interface EvidenceRoutesOptions {
  /** Null until the registrar serves. */
  readonly source: () => Pick<EvidenceSource, "counted" | "sealed"> | null;
  readonly clock: Clock;
  /** Requests of one connection; default `evidenceAllowance`. */
  readonly allowance?: Allowance;
}

function refuse(reply: FastifyReply, status: number, code: RefusalCode) {
  return reply.status(status).send({ code, part: null, sentence: refusals[code] });
}

export function evidenceRoutes(app: FastifyInstance, options: EvidenceRoutesOptions): void {
  const limiter = new Limiter(options.clock, options.allowance ?? evidenceAllowance);
  const params = Type.Object({ hash: Type.String({ pattern: "^[0-9a-f]{64}$" }) });
  app.get<{ Params: { hash: string } }>("/evidence/:hash", { schema: { params } }, async (req, reply) => {
    if (!limiter.allows(req.ip)) return refuse(reply, 429, "overloaded");
    limiter.count(req.ip);
    const source = options.source();
    const counted = source === null ? ok(null) : await source.counted();
    if (source === null || !counted.ok) return refuse(reply, 503, "unavailable");
    if (!counted.value) return refuse(reply, 403, "out-of-order");
    const sealed = await source.sealed(hexToBytes(req.params.hash));
    if (sealed === null) return refuse(reply, 404, "document-missing");
    return reply.type("application/octet-stream").header("cache-control", "no-store").send(Buffer.from(sealed));
  });
}
