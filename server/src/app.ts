import { timingSafeEqual } from "node:crypto";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import underPressure from "@fastify/under-pressure";
import { refusals } from "@hanpyo/bulletin-board";
import Fastify, { type FastifyInstance, LogController } from "fastify";
import { Type } from "typebox";
import { ballotRoutes } from "./ballots/ballot-routes.ts";
import { Live } from "./board/live.ts";
import { lookUpRoutes } from "./board/look-up-routes.ts";
import { overviewRoutes } from "./board/overview-routes.ts";
import { pageRoutes } from "./board/page-routes.ts";
import { relayRoutes } from "./board/relay-routes.ts";
import { staticRoutes } from "./board/static-routes.ts";
import type { BoardServer } from "./board-server.ts";
import { entryRoutes } from "./elections/entry-routes.ts";
import { passRoutes } from "./passes/pass-routes.ts";

export interface AppOptions {
  readonly board: BoardServer;
  /** Folder of the client (`dist`, `csp.json`). */
  readonly client: string;
  /** What registrars are called in the overview, and, in a demonstration, where the relay finds them. */
  readonly registrarUrls: readonly string[];
  readonly relayTo?: readonly string[];
  /** Bearer of `PUT /documents`; without one nobody may store documents. */
  readonly operatorToken?: string | undefined;
  readonly trustProxy?: readonly string[];
  /** Writes per minute of one address; 0 = no limit. */
  readonly requestsPerMinute?: number;
  /** Where lines of this level and above go; none = no log. */
  readonly logger?: { readonly level: string; readonly stream?: { write(line: string): void } };
  /** A live event per change over socket.io; tests of routes do without. */
  readonly live?: boolean;
}

/** What a log line may say of a request: method and route. No address, no path (it may name a pseudonym's bucket), no number. */
const logSerializers = {
  req: (request: { method: string; routeOptions?: { url?: string | undefined } }) => ({
    method: request.method,
    route: request.routeOptions?.url ?? "unknown",
  }),
  res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
  err: (error: { name?: string; message?: string; code?: string; statusCode?: number; severity?: string }) => ({
    type: error.name ?? "Error",
    // A database's message quotes values.
    message: error.severity === undefined ? (error.message ?? "") : "",
    stack: "",
    code: error.code ?? "",
    status: error.statusCode ?? 500,
  }),
};

/** A finer time would be the time of a person's request. */
const wholeHour = (): string => `,"hour":"${new Date().toISOString().slice(0, 13)}"`;

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { board } = options;
  const app = Fastify({
    logger: options.logger
      ? { ...options.logger, base: null, serializers: logSerializers, timestamp: wholeHour }
      : false,
    // Numbered requests would tell who came before whom.
    childLoggerFactory: (logger) => logger,
    // Requests of people are not logged one by one: what a line said of them would be their time.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy?.length ? [...options.trustProxy] : false,
    bodyLimit: 64 * 1024,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    routerOptions: { caseSensitive: true, maxParamLength: 200 },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );

  app.setErrorHandler<{ statusCode?: number; code?: string; validation?: unknown }>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ err: error, route: request.routeOptions.url }, "a request failed");
    const code =
      status === 413 ? "too-large" : status === 429 ? "overloaded" : status < 500 ? "form-invalid" : "unavailable";
    return reply.code(status).send({ code, sentence: refusals[code] });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: "unavailable", sentence: refusals.unavailable }),
  );

  await app.register(swagger, {
    openapi: {
      info: {
        title: "Hanpyo board",
        version: "1",
        description: "See docs/api.md. Bytes are base64url unless said otherwise.",
      },
    },
  });
  // The pages bring their own policy; everything else is data that no browser may run.
  await app.register(helmet, { contentSecurityPolicy: false, crossOriginResourcePolicy: false, global: true });
  await app.register(underPressure, {
    maxEventLoopDelay: 3000,
    retryAfter: 5,
    // Readers go first; ballots have their own limit, which knows how many are under way.
    pressureHandler: (request, reply) => {
      if (request.method !== "GET" || request.routeOptions.url === "/api/election") return;
      void reply.code(503).header("retry-after", 5).send({ code: "overloaded", sentence: refusals.overloaded });
    },
  });
  const limit = options.requestsPerMinute ?? 0;
  if (limit > 0)
    await app.register(rateLimit, { max: limit, timeWindow: 60_000, allowList: (request) => request.method === "GET" });

  app.get("/healthz", { schema: { response: { 200: Type.Object({ ok: Type.Boolean() }) } } }, async () => ({
    ok: true,
  }));
  app.get("/api/openapi.json", { schema: { hide: true } }, async () => app.swagger());

  await app.register(overviewRoutes, {
    election: board.election,
    passes: board.passLog.counts,
    clock: board.clock,
    keys: board.keyNames,
    registrarUrls: options.registrarUrls,
  });
  await app.register(staticRoutes, {
    record: board.recordObjects,
    passes: board.passesObjects,
    documents: board.documents,
    isOperator: bearer(options.operatorToken),
  });
  await app.register(lookUpRoutes, { tables: board.election.tables });
  const { election, logs, acknowledgementKey, intake, passLog } = board;
  const isOperator = bearer(options.operatorToken);
  await app.register(entryRoutes, { election, logs, acknowledgementKey, keys: board.keyNames, isOperator });
  await app.register(passRoutes, { election, passLog });
  await app.register(ballotRoutes, { intake });
  if (options.relayTo !== undefined) await app.register(relayRoutes, { registrars: options.relayTo });
  await app.register(pageRoutes, { folder: options.client });

  if (options.live ?? true) {
    const live = new Live(app.server, election, logs, board.clock);
    app.addHook("preClose", () => live.close());
  }
  return app as unknown as FastifyInstance;
}

/** Compares in a time that does not tell how much of the token was right. */
function bearer(token: string | undefined): (authorization: string | undefined) => boolean {
  return (authorization) => {
    if (token === undefined || authorization === undefined) return false;
    const [given, wanted] = [Buffer.from(authorization), Buffer.from(`Bearer ${token}`)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  };
}
