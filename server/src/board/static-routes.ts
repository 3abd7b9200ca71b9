/** What never changes: tiles, bundles, documents; and `checkpoint`, which does. */
import path from "node:path";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { parseTilePath, tilePath, tileWidth } from "@hanpyo/bulletin-board";
import type { ObjectStore } from "@hanpyo/bulletin-board/node";
import { Type } from "typebox";
import { DocumentStore, maxDocumentLength } from "./documents.ts";
import { hexHash, refusalSchema, refuse } from "./json.ts";

const immutable = "public, max-age=31536000, immutable";
const binary = Type.Unsafe<Uint8Array | Buffer>({ type: "string", format: "binary" });

export interface StaticOptions {
  readonly record: ObjectStore;
  readonly passes: ObjectStore;
  readonly documents: DocumentStore;
  /** Whether this is the operator's bearer, which may store documents. */
  readonly isOperator: (authorization: string | undefined) => boolean;
}

/** C2SP tlog-tiles of both logs under /record and /passes, documents by hash. Any origin may read them. */
export const staticRoutes: FastifyPluginAsyncTypebox<StaticOptions> = async (app, options) => {
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("access-control-allow-origin", "*").header("x-content-type-options", "nosniff");
  });
  for (const name of ["record", "passes"] as const) logRoutes(app, name, options[name]);

  app.get(
    "/documents/:hash",
    { schema: { params: Type.Object({ hash: hexHash }), response: { 200: binary, 404: refusalSchema } } },
    async (request, reply) => {
      const bytes = options.documents.get(Buffer.from(request.params.hash, "hex"));
      if (bytes === undefined) return refuse(reply, 404, "document-missing");
      return reply
        .header("cache-control", immutable)
        .type("application/octet-stream")
        .send(Buffer.from(bytes) as never);
    },
  );
  app.put(
    "/documents/:hash",
    {
      bodyLimit: maxDocumentLength,
      schema: {
        params: Type.Object({ hash: hexHash }),
        response: { 201: Type.Object({}), 401: refusalSchema, 422: refusalSchema },
      },
    },
    async (request, reply) => {
      if (!options.isOperator(request.headers.authorization)) return refuse(reply, 401, "unavailable");
      const { body } = request;
      if (!Buffer.isBuffer(body)) return refuse(reply, 422, "form-invalid");
      if (DocumentStore.nameOf(body) !== request.params.hash) return refuse(reply, 422, "document-missing");
      options.documents.put(body);
      return reply.code(201).send({});
    },
  );
};

type App = Parameters<FastifyPluginAsyncTypebox<StaticOptions>>[0];

function logRoutes(app: App, name: string, objects: ObjectStore): void {
  app.get(
    `/${name}/checkpoint`,
    { schema: { response: { 200: Type.String(), 404: refusalSchema } } },
    async (_, reply) => {
      const note = await objects.get("checkpoint");
      if (note === null) return refuse(reply, 404, "witnesses-missing");
      return reply
        .header("cache-control", "public, max-age=1, stale-while-revalidate=5")
        .type("text/plain; charset=utf-8")
        .send(Buffer.from(note).toString("utf8"));
    },
  );
  app.get(
    `/${name}/tile/*`,
    {
      schema: {
        params: Type.Object({ "*": Type.String({ maxLength: 100 }) }),
        response: { 200: binary, 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const tile = parseTilePath(path.posix.join("tile", request.params["*"]));
      if (!tile.ok) return refuse(reply, 404, "form-invalid");
      const bytes = await objects.get(tilePath(tile.value));
      // A partial one may be swept away once its full one is there: its reader falls back to that.
      const found = bytes ?? (tile.value.width === tileWidth ? null : await cut(objects, tile.value));
      if (found === null) return refuse(reply.header("cache-control", "public, max-age=2"), 404, "document-missing");
      return reply
        .header("cache-control", immutable)
        .type("application/octet-stream")
        .send(Buffer.from(found) as never);
    },
  );
}

/** A hash tile out of the full one that replaced it. */
async function cut(
  objects: ObjectStore,
  tile: { readonly level: number | "entries"; readonly index: number; readonly width: number },
): Promise<Uint8Array | null> {
  if (tile.level === "entries") return null;
  const full = await objects.get(tilePath({ ...tile, width: tileWidth }));
  return full === null ? null : full.subarray(0, 32 * tile.width);
}
