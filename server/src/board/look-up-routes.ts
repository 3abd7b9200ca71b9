import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { concatBytes, u64be } from "@hanpyo/crypto";
import { Type } from "typebox";
import type { BallotTables } from "../elections/ballot-tables.ts";

export const buckets = 4096;

/** The pseudonyms of a bucket: those whose first 12 bits are its number. */
export function bucketBounds(bucket: number): { from: Uint8Array; to: Uint8Array | null } {
  const bound = (number: number): Uint8Array => {
    const bytes = new Uint8Array(32);
    bytes[0] = number >> 4;
    bytes[1] = (number & 15) << 4;
    return bytes;
  };
  return { from: bound(bucket), to: bucket + 1 === buckets ? null : bound(bucket + 1) };
}

/**
 * The untrusted look-up index: 16-byte rows, the first 8 bytes of P ‖ u64 BE entry of its latest ballot. A bucket holds a
 * 4096th of the voters, so that asking for it does not say whose ballot is looked for.
 */
export const lookUpRoutes: FastifyPluginAsyncTypebox<{ readonly tables: BallotTables }> = async (app, { tables }) => {
  app.get(
    "/index/:bucket",
    {
      schema: {
        params: Type.Object({ bucket: Type.String({ pattern: "^(0|[1-9][0-9]{0,3})$" }) }),
        response: { 200: Type.Unsafe<Buffer>({ type: "string", format: "binary" }), 404: Type.Object({}) },
      },
    },
    async (request, reply) => {
      const bucket = Number(request.params.bucket);
      if (bucket >= buckets) return reply.code(404).send({});
      const { from, to } = bucketBounds(bucket);
      const rows = await tables.bucket(from, to);
      const bytes = concatBytes(...rows.flatMap(({ pseudonym, entry }) => [pseudonym.subarray(0, 8), u64be(entry)]));
      return reply
        .header("access-control-allow-origin", "*")
        .header("cache-control", "public, max-age=2")
        .type("application/octet-stream")
        .send(Buffer.from(bytes) as never);
    },
  );
};
