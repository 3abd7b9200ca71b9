/** The built pages for tests: built into a temporary folder, served with the headers of `csp.json` and nothing behind them. */
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

export const client = fileURLToPath(new URL("..", import.meta.url));

/** The folder of a fresh build. */
export async function buildPages(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-client-"));
  const mode = process.env.NODE_ENV;
  process.env.NODE_ENV = "production"; // as `npx vite build client` has it; vitest says "test"
  try {
    await build({
      root: client,
      configFile: path.join(client, "vite.config.ts"),
      mode: "production",
      logLevel: "error",
      build: { outDir: folder, emptyOutDir: true },
    });
  } finally {
    process.env.NODE_ENV = mode;
  }
  return folder;
}

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

export const headers = (): Record<string, string> =>
  JSON.parse(readFileSync(path.join(client, "csp.json"), "utf8")) as Record<string, string>;

export async function servePages(folder: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const pages: Record<string, string> = { "/": "/index.html", "/observe": "/observe.html" };
  const server: Server = createServer((request, response) => {
    const name = new URL(request.url ?? "/", "http://localhost").pathname;
    const file = path.join(folder, pages[name] ?? name);
    try {
      const body = readFileSync(file);
      response.writeHead(200, {
        ...headers(),
        "content-type": types[path.extname(file)] ?? "application/octet-stream",
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
