import { encodeBase64url, type RefusalCode, refusals } from "@hanpyo/bulletin-board";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";

/** Bytes in JSON: base64url without padding. */
export const base64url = Type.String({ pattern: "^[A-Za-z0-9_-]*$" });
export const hexHash = Type.String({ pattern: "^[0-9a-f]{64}$" });

export const sentenceSchema = Type.Object({ ko: Type.String(), en: Type.String() });
/** A refusal that is not of a ballot. */
export const refusalSchema = Type.Object({
  code: Type.String(),
  part: Type.Optional(Type.String()),
  sentence: sentenceSchema,
  /** For operators: what was expected and found. */
  detail: Type.Optional(Type.String()),
  /** Index of the entry that is the reason. */
  index: Type.Optional(Type.Integer()),
});

/** Answers with a code of the closed table, its sentence in both languages, and what else is said. */
export function refuse(
  reply: FastifyReply,
  status: number,
  code: RefusalCode,
  more: { part?: string; detail?: string; index?: number } = {},
): FastifyReply {
  return reply.code(status).send({ code, sentence: refusals[code], ...more });
}

export { encodeBase64url };

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
