/**
 * A registrar's own HTTP server: five routes, a schema for each, and a log that holds its own failures alone. It shares
 * nothing with the board but the record.
 */
import {
  decodeBase64url,
  encodeBase64url,
  type Presentation,
  type RefusalCode,
  type RequestFields,
  refusals,
  type SharedShare,
  type Trouble,
} from "@hanpyo/bulletin-board";
import { err, ok, type Result } from "@hanpyo/crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import { type Static, type TSchema, Type } from "typebox";
import type { RegistrarService } from "./service.ts";

/** base64url of exactly so many bytes. */
const binary = (length: number) => {
  const characters = Math.ceil((length * 4) / 3);
  return Type.String({ minLength: characters, maxLength: characters, pattern: "^[A-Za-z0-9_-]*$" });
};
const closed = { additionalProperties: false } as const;
const whole = (maximum: number, minimum = 0) => Type.Integer({ minimum, maximum });

const request = Type.Object(
  {
    class: whole(999),
    denomination: whole(2 ** 30, 1),
    copy: whole(1000),
    blinded: Type.Array(binary(256), { minItems: 1, maxItems: 20 }),
  },
  closed,
);
const presented = {
  presentation: Type.Object({ key: binary(32), signature: binary(64) }, closed),
  nonces: Type.Array(Type.Union([Type.Literal(""), binary(16)]), { minItems: 1, maxItems: 20 }),
  requests: Type.Array(request, { minItems: 1, maxItems: 256 }),
};
const share = Type.Object({ registrar: whole(20, 1), share: binary(32), proof: binary(96) }, closed);
const grant = Type.Object({ class: whole(999), weight: whole(2 ** 30, 1), copies: whole(1000, 1) }, closed);
const given = Type.Object({ nullifier: binary(32), evidence: binary(32), signature: binary(64) }, closed);

const bodies = {
  nonce: Type.Object({ key: binary(32) }, closed),
  evaluate: Type.Object(presented, closed),
  endorse: Type.Object({ ...presented, shares: Type.Array(share, { minItems: 1, maxItems: 20 }) }, closed),
  endorsement: Type.Object({ nullifier: binary(32), request: binary(32) }, closed),
  sign: Type.Object({ ...request.properties, nullifier: binary(32) }, closed),
};
const answers = {
  nonce: Type.Object({ nonce: binary(16), class: whole(999), denominations: Type.Array(grant), used: Type.Boolean() }),
  evaluate: Type.Object({ base: binary(32), share: binary(32), proof: binary(96) }),
  endorse: Type.Object({ endorsements: Type.Array(given) }),
  endorsement: given,
  sign: Type.Object({ signature: binary(256) }),
};
const refusal = Type.Object({
  code: Type.String(),
  part: Type.Null(),
  sentence: Type.Object({ ko: Type.String(), en: Type.String() }),
  index: Type.Optional(Type.Integer()),
  party: Type.Optional(Type.Integer()),
});

/** Status of a refusal; 503 means that the same request may be sent again. */
const statuses: Partial<Record<RefusalCode, number>> = {
  malformed: 400,
  "too-large": 413,
  "unknown-voter": 404,
  "not-eligible": 403,
  "presentation-invalid": 403,
  "too-many-attempts": 429,
  "pass-used": 409,
  "over-certified": 409,
  "passes-frozen": 409,
  "nonce-expired": 410,
  "share-invalid": 422,
  "endorsements-missing": 404,
};

/** Requests to sign that wait at the same time. */
const mostHeld = 2_000;

export interface RegistrarAppOptions {
  /** Null until the ceremony is complete and every registrar's keys are on the record. */
  readonly service: () => RegistrarService | null;
  /** Resolves after the next look at the pass log. */
  readonly nextLook: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a request to sign is held open, milliseconds; default 20,000. */
  readonly holdSign?: number;
  /** Where log lines go; none without it. */
  readonly log?: { write(line: string): void };
  /** Addresses of proxies whose forwarded headers are believed; default none. */
  readonly trustProxy?: readonly string[];
}

const bytes = (text: string): Uint8Array => {
  const decoded = decodeBase64url(text);
  if (!decoded.ok) throw new NotCanonical();
  return decoded.value;
};
/** base64url whose unused bits are set; the schema's pattern cannot tell. */
class NotCanonical extends Error {
  override readonly name = "NotCanonical";
}

const fields = (it: Static<typeof request>): RequestFields => ({
  class: it.class,
  denomination: it.denomination,
  copy: it.copy,
  blinded: it.blinded.map(bytes),
});
const presentation = (it: Static<typeof bodies.evaluate>): Presentation => ({
  key: bytes(it.presentation.key),
  signature: bytes(it.presentation.signature),
  nonces: it.nonces.map((nonce) => (nonce === "" ? null : bytes(nonce))),
  requests: it.requests.map(fields),
});
const shared = (it: Static<typeof share>): SharedShare => ({
  registrar: it.registrar,
  share: bytes(it.share),
  proof: bytes(it.proof),
});
const encoded = (it: Readonly<Record<"nullifier" | "evidence" | "signature", Uint8Array>>) => ({
  nullifier: encodeBase64url(it.nullifier),
  evidence: encodeBase64url(it.evidence),
  signature: encodeBase64url(it.signature),
});

function refuse(reply: FastifyReply, { code, index, party }: Trouble) {
  const named = typeof party === "number" ? { party } : {};
  return reply
    .status(statuses[code] ?? 503)
    .send({ code, part: null, sentence: refusals[code], ...(index === undefined ? {} : { index }), ...named });
}

export function registrarApp(options: RegistrarAppOptions): FastifyInstance {
  const app = Fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } },
    bodyLimit: 2 << 20,
    trustProxy: options.trustProxy === undefined ? false : [...options.trustProxy],
    requestTimeout: 30_000,
    // No line per request: what it said of a person would be the time.
    logController: new LogController({ disableRequestLogging: true }),
    logger:
      options.log === undefined
        ? false
        : {
            level: "warn",
            stream: options.log,
            base: null,
            serializers: {
              // Neither address, body nor the values in a path: method and route say all that an operator needs.
              req: (req: FastifyRequest) => ({ method: req.method, route: req.routeOptions?.url ?? null }),
              err: (error: Error & { code?: string }) => ({ type: error.name, message: error.code ?? "", stack: "" }),
            },
          },
  });

  app.setErrorHandler((error: Error & { statusCode?: number; validation?: unknown }, req, reply) => {
    const mine = error.validation !== undefined || error instanceof NotCanonical || (error.statusCode ?? 500) < 500;
    if (!mine) req.log.error({ err: error, route: req.routeOptions.url }, "a request failed");
    const code = error.statusCode === 413 ? "too-large" : mine ? "malformed" : "unavailable";
    return refuse(reply, { code, detail: "" });
  });
  app.setNotFoundHandler((_req, reply) =>
    reply.status(404).send({ code: "malformed", part: null, sentence: refusals.malformed }),
  );

  const route = <B extends TSchema, A extends TSchema>(
    name: string,
    body: B,
    answer: A,
    handle: (service: RegistrarService, body: Static<B>, req: FastifyRequest) => Promise<Result<Static<A>, Trouble>>,
  ) =>
    app.post(
      `/${name}`,
      { schema: { body, response: { 200: answer, "4xx": refusal, "5xx": refusal } } },
      async (req, reply) => {
        const service = options.service();
        if (service === null) return refuse(reply, { code: "unavailable", detail: "not ready" });
        const done = await handle(service, req.body as Static<B>, req);
        return done.ok ? reply.send(done.value) : refuse(reply, done.error);
      },
    );

  route("nonce", bodies.nonce, answers.nonce, async (service, body, req) => {
    const done = await service.nonce(bytes(body.key), req.ip);
    if (!done.ok) return done;
    const { nonce, class: home, denominations, used } = done.value;
    return ok({ nonce: encodeBase64url(nonce), class: home, denominations: [...denominations], used });
  });
  route("evaluate", bodies.evaluate, answers.evaluate, async (service, body, req) => {
    const done = await service.evaluate(presentation(body), req.ip);
    if (!done.ok) return done;
    const { base, share: value, proof } = done.value;
    return ok({ base: encodeBase64url(base), share: encodeBase64url(value), proof: encodeBase64url(proof) });
  });
  route("endorse", bodies.endorse, answers.endorse, async (service, body, req) => {
    const done = await service.endorse(presentation(body), body.shares.map(shared), req.ip);
    return done.ok ? ok({ endorsements: done.value.map(encoded) }) : done;
  });
  route("endorsement", bodies.endorsement, answers.endorsement, async (service, body) => {
    const done = await service.endorsement(bytes(body.nullifier), bytes(body.request));
    return done.ok ? ok(encoded(done.value)) : done;
  });
  let held = 0;
  route("sign", bodies.sign, answers.sign, async (service, body) => {
    if (held >= mostHeld) return err({ code: "overloaded", detail: "too many requests are held open" });
    const deadline = options.now() + (options.holdSign ?? 20_000);
    held++;
    const done = await service
      .sign(fields(body), bytes(body.nullifier), deadline, options.nextLook)
      .finally(() => held--);
    return done.ok ? ok({ signature: encodeBase64url(done.value.signature) }) : err(done.error);
  });
  app.get("/healthz", { schema: { response: { 200: Type.Object({ ready: Type.Boolean() }) } } }, async () => ({
    ready: options.service() !== null,
  }));
  return app;
}
