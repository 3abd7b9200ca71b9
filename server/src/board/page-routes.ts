import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyPluginAsync } from "fastify";

export interface PageOptions {
  /** The client's folder, with `dist` and `csp.json`. */
  readonly folder: string;
}

const pages = { "/": "index.html", "/observe": "observe.html" } as const;

/** The pages and their files, with exactly the headers the client asks for in `csp.json`. */
export const pageRoutes: FastifyPluginAsync<PageOptions> = async (app, { folder }) => {
  const dist = path.join(folder, "dist");
  if (!existsSync(path.join(dist, "index.html"))) {
    const text = "한표 Hanpyo: the board runs; the pages are not built (npx vite build client).\n";
    app.get("/", { schema: { hide: true } }, (_request, reply) => reply.type("text/plain; charset=utf-8").send(text));
    return;
  }
  const headers = JSON.parse(readFileSync(path.join(folder, "csp.json"), "utf8")) as Record<string, string>;
  await app.register(fastifyStatic, {
    root: dist,
    index: false,
    // Names under /assets/ carry a digest of their content.
    setHeaders(reply, file) {
      for (const [name, value] of Object.entries(headers)) reply.header(name, value);
      const hashed = file.startsWith(path.join(dist, "assets") + path.sep);
      reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
    schemaHide: true,
  });
  for (const [route, file] of Object.entries(pages))
    app.get(route, { schema: { hide: true } }, (_request, reply) => reply.sendFile(file));
};
