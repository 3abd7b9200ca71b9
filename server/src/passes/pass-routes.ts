import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { base64url, encodeBase64url, refusalSchema, refuse } from "../board/json.ts";
import type { Election } from "../elections/election.ts";
import type { PassLog } from "./pass-log.ts";

const placedSchema = Type.Object({ index: Type.Integer(), leaf: base64url });

export const passRoutes: FastifyPluginAsyncTypebox<{ readonly election: Election; readonly passLog: PassLog }> = async (
  app,
  { election, passLog },
) => {
  app.post(
    "/api/passes",
    {
      // 20 endorsements are about 2.2 kB.
      bodyLimit: 4096,
      schema: { response: { 200: placedSchema, 201: placedSchema, 409: refusalSchema, 422: refusalSchema } },
    },
    async (request, reply) => {
      const { body } = request;
      if (!Buffer.isBuffer(body)) return refuse(reply, 422, "form-invalid");
      const outcome = await passLog.append(election.state, election.queue, new Uint8Array(body));
      if (!outcome.ok) {
        const { code, part, detail, reason } = outcome.error;
        const status = code === "nullifier-repeated" ? 409 : 422;
        return refuse(reply, status, code, { part, detail, ...(reason === undefined ? {} : { index: reason }) });
      }
      const { index, leaf, duplicate } = outcome.value;
      return reply.code(duplicate ? 200 : 201).send({ index, leaf: encodeBase64url(leaf) });
    },
  );
};
