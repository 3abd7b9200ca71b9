import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  acknowledgementMessage,
  type DefinitionBody,
  decodeRecord,
  definition,
  definitionBody,
  type Ed25519Signer,
  EntryType,
  isActType,
  maxEntryLength,
} from "@hanpyo/bulletin-board";
import { Type } from "typebox";
import { base64url, encodeBase64url, refusalSchema, refuse } from "../board/json.ts";
import { appendAnchored, type Logs } from "./anchors.ts";
import type { Election } from "./election.ts";

export interface EntryOptions {
  readonly election: Election;
  readonly logs: Logs;
  readonly acknowledgementKey: Ed25519Signer;
  /** Verifier keys of this board, which a definition must name. */
  readonly keys: DefinitionBody["keys"];
  readonly isOperator: (authorization: string | undefined) => boolean;
}

/** What others than the server and residents write. */
const acceptedTypes: ReadonlySet<number> = new Set([
  EntryType.definition,
  EntryType.client,
  EntryType.registrarKeys,
  EntryType.reveal,
  EntryType.shares,
  EntryType.confirm,
  EntryType.complaint,
  EntryType.restart,
  EntryType.drill,
  EntryType.proposal,
  EntryType.withdraw,
  EntryType.open,
  EntryType.pause,
  EntryType.resume,
  EntryType.extend,
  EntryType.abort,
  EntryType.notice,
  EntryType.witnessChange,
  EntryType.auditReport,
  EntryType.share,
]);

const placedSchema = Type.Object({
  index: Type.Integer(),
  prev: base64url,
  leaf: base64url,
  acknowledgement: base64url,
});

export const entryRoutes: FastifyPluginAsyncTypebox<EntryOptions> = async (app, options) => {
  const { election, logs, acknowledgementKey } = options;
  app.post(
    "/api/entries/:type",
    {
      bodyLimit: maxEntryLength,
      schema: {
        params: Type.Object({ type: Type.String({ pattern: "^[1-9][0-9]?$" }) }),
        response: { 200: placedSchema, 201: placedSchema, 401: refusalSchema, 422: refusalSchema, 503: refusalSchema },
      },
    },
    async (request, reply) => {
      const type = Number(request.params.type);
      const body = request.body;
      if (!acceptedTypes.has(type)) return refuse(reply, 422, "unknown-type");
      if (!Buffer.isBuffer(body) || body.length === 0) return refuse(reply, 422, "form-invalid");
      const payload = new Uint8Array(body);
      if (type === EntryType.definition) {
        // Whoever writes entry 0 names the officials, so that nobody but the operator may bring it.
        if (!options.isOperator(request.headers.authorization)) return refuse(reply, 401, "unavailable");
        if (!namesKeys(payload, options.keys))
          return refuse(reply, 422, "definition-invalid", {
            part: "4a",
            detail: "it names other keys than this board's",
          });
      }
      const outcome = await place(election, logs, type, payload);
      if (!outcome.ok) {
        const { code } = outcome.error;
        if (!("part" in outcome.error)) return refuse(reply, 503, code);
        const { part, detail, reason } = outcome.error;
        return refuse(reply, 422, code, { part, detail, ...(reason === undefined ? {} : { index: reason }) });
      }
      const { index, prev, leaf, duplicate } = outcome.value;
      const message = acknowledgementMessage({ origin: election.origin, index, prev, leaf, ballot: null });
      return reply.code(duplicate ? 200 : 201).send({
        index,
        prev: encodeBase64url(prev),
        leaf: encodeBase64url(leaf),
        acknowledgement: encodeBase64url(acknowledgementKey.sign(message)),
      });
    },
  );
};

function namesKeys(payload: Uint8Array, keys: DefinitionBody["keys"]): boolean {
  const outer = decodeRecord(definition, payload);
  const body = outer.ok ? decodeRecord(definitionBody, outer.value.body) : outer;
  if (!body.ok) return true; // the rulebook says what is wrong with it
  const named = body.value.keys;
  return named.record === keys.record && named.passes === keys.passes && named.acknowledgement === keys.acknowledgement;
}

async function place(election: Election, logs: Logs, type: number, payload: Uint8Array) {
  if (!isActType(type)) return election.append(type, payload);
  const repeat = await election.find(type, payload);
  if (repeat !== null) return { ok: true as const, value: repeat };
  // An anchor is made only for a confirmation against which nothing but the missing anchor speaks.
  const [refusal] = election.dryRun(type, payload).filter(({ code }) => !curedByAnchor.has(code));
  if (refusal !== undefined) return election.append(type, payload);
  return appendAnchored(election, logs, type, payload);
}

/** What an anchor of now may change: its own absence, and the time. */
const curedByAnchor: ReadonlySet<string> = new Set(["wrong-position", "time-invalid"]);
