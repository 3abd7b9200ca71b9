import { PassThrough } from "node:stream";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { maxEntryLength, refusals } from "@hanpyo/bulletin-board";
import { Type } from "typebox";
import { encodeBase64url } from "../board/json.ts";
import type { Acknowledgement, Admission, Delayed, Intake } from "./intake.ts";
import type { SignedRefusal } from "./refusing.ts";

const ndjson = "application/x-ndjson";
const lineSchema = Type.String({ description: "NDJSON: received, acknowledged, receipt; or one refusal" });

export const refusalLine = (refusal: SignedRefusal): string =>
  line({
    refusal: {
      ...refusal,
      ballot: refusal.ballot && encodeBase64url(refusal.ballot),
      leaf: encodeBase64url(refusal.leaf),
      signature: encodeBase64url(refusal.signature),
    },
  });

/** Not signed: nothing was judged. */
export const delayLine = ({ code, retryAfter }: Delayed): string =>
  line({ refusal: { code, sentence: refusals[code], retryAfter } });

const acknowledgedLine = (it: Acknowledgement): string =>
  line({
    acknowledged: {
      index: it.index,
      prev: encodeBase64url(it.prev),
      leaf: encodeBase64url(it.leaf),
      ballot: encodeBase64url(it.ballot),
      signature: encodeBase64url(it.signature),
    },
  });

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** 503 = the same bytes may be sent again; everything else of 4xx is a signed refusal. */
const statusOf = (code: Delayed["code"]): number => (code === "too-soon" ? 429 : 503);

export const ballotRoutes: FastifyPluginAsyncTypebox<{ readonly intake: Intake }> = async (app, { intake }) => {
  app.setErrorHandler<{ statusCode?: number; code?: string }>((error, request, reply) => {
    reply.type(ndjson);
    if (error.statusCode === 413) return reply.code(413).send(refusalLine(intake.tooLarge()));
    if (error.statusCode !== undefined && error.statusCode < 500 && error.statusCode !== 429)
      return reply.code(error.statusCode).send(line({ refusal: { code: "malformed", sentence: refusals.malformed } }));
    if (error.statusCode !== 429) request.log.error({ code: error.code }, "a ballot could not be judged");
    const delayed: Delayed = { code: error.statusCode === 429 ? "overloaded" : "unavailable", retryAfter: 5 };
    return reply.code(503).header("retry-after", delayed.retryAfter).send(delayLine(delayed));
  });
  app.post(
    "/api/ballots/:context",
    {
      bodyLimit: maxEntryLength,
      schema: {
        params: Type.Object({ context: Type.String({ pattern: "^[0-9a-f]{64}$" }) }),
        consumes: ["application/octet-stream"],
        produces: [ndjson],
        response: { 200: lineSchema, "4xx": lineSchema, 503: lineSchema },
      },
    },
    async (request, reply) => {
      reply.type(ndjson).header("cache-control", "no-store");
      const { body } = request;
      const payload = Buffer.isBuffer(body) ? new Uint8Array(body) : new Uint8Array(0);
      const admission = await intake.submit(request.params.context, payload);
      if (admission.kind === "refused") return reply.code(422).send(refusalLine(admission.refusal));
      if (admission.kind === "delayed") {
        const { delayed } = admission;
        return reply.code(statusOf(delayed.code)).header("retry-after", delayed.retryAfter).send(delayLine(delayed));
      }
      const stream = new PassThrough();
      void tell(intake, admission, stream);
      return reply.send(stream as never);
    },
  );
};

/** The three lines, each when it is true. The device may hang up at any of them; the ballot goes on. */
async function tell(
  intake: Intake,
  admission: Extract<Admission, { kind: "received" }>,
  stream: PassThrough,
): Promise<void> {
  stream.on("error", () => undefined);
  stream.write(line({ received: true }));
  const outcome = await admission.outcome;
  if (outcome.kind === "refused") stream.write(refusalLine(outcome.refusal));
  else if (outcome.kind === "delayed") stream.write(delayLine(outcome.delayed));
  else {
    stream.write(acknowledgedLine(outcome.acknowledgement));
    const receipt = stream.destroyed ? null : await intake.receipt(outcome.acknowledgement.index).catch(() => null);
    if (receipt !== null && !stream.destroyed) stream.write(line({ receipt }));
  }
  stream.end();
}
