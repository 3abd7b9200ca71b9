import { Readable } from "node:stream";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { refuse } from "./json.ts";

/** A registrar holds a request to sign open until its checkpoint has the quorum. */
const patience = 60_000;
const maxBody = 64 * 1024;

/**
 * Demonstration only: hands requests to the registrars of this machine, so that the page needs no second origin. In an
 * election each registrar has its own, or the board would see who asks for a pass.
 */
export const relayRoutes: FastifyPluginAsyncTypebox<{ readonly registrars: readonly string[] }> = async (
  app,
  { registrars },
) => {
  app.route({
    method: ["GET", "POST"],
    url: "/relay/registrar/:index/*",
    bodyLimit: maxBody,
    schema: {
      params: Type.Object({
        index: Type.String({ pattern: "^[1-9][0-9]?$" }),
        "*": Type.String({ pattern: "^[a-z-]{1,30}$" }),
      }),
    },
    async handler(request, reply) {
      const registrar = registrars[Number(request.params.index) - 1];
      if (registrar === undefined) return refuse(reply, 404, "unavailable");
      const body =
        request.body === undefined ? null : Buffer.isBuffer(request.body) ? request.body : JSON.stringify(request.body);
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      let answer: Response;
      try {
        answer = await fetch(`${registrar.replace(/\/$/, "")}/${request.params["*"]}`, {
          method: request.method,
          ...(body === null
            ? {}
            : { body, headers: { "content-type": request.headers["content-type"] ?? "application/json" } }),
          redirect: "error",
          signal: AbortSignal.any([gone.signal, AbortSignal.timeout(patience)]),
        });
      } catch {
        return refuse(reply, 503, "unavailable"); // down, slow, or the person has gone: nothing of it is logged
      }
      reply
        .code(answer.status)
        .type(answer.headers.get("content-type") ?? "application/json")
        .header("cache-control", "no-store");
      return reply.send(answer.body === null ? "" : Readable.fromWeb(answer.body as never));
    },
  });
};
