import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Pins every script and style of a page to its digest, and lists all digests for observers to compare. */
function digests(): Plugin {
  return {
    name: "hanpyo-digests",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const sri = (source: string | Uint8Array) => `sha384-${createHash("sha384").update(source).digest("base64")}`;
        const list: Record<string, string> = {};
        const pages = Object.values(bundle).filter((file) => file.fileName.endsWith(".html"));
        for (const file of Object.values(bundle))
          if (!pages.includes(file)) list[file.fileName] = sri(file.type === "chunk" ? file.code : file.source);
        for (const page of pages) {
          if (page.type !== "asset") throw new Error(`${page.fileName} is not an asset`);
          page.source = String(page.source).replace(/(?:src|href)="\/(assets\/[^"]+)"/g, (all, name: string) => {
            const digest = list[name];
            if (digest === undefined) throw new Error(`${page.fileName} names ${name}, which is not built`);
            return `${all} integrity="${digest}"`;
          });
          list[page.fileName] = sri(page.source);
        }
        const sorted = Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
        this.emitFile({
          type: "asset",
          fileName: "digests.json",
          source: `${JSON.stringify(sorted, null, 2)}\n`,
        });
      },
    },
  };
}

/**
 * What the resident's worker fetches only where a record or a person asks for it. All its other modules go into one file:
 * left alone, the bundler makes a file of every set of modules that the same parts share, which compress badly.
 */
const later = [
  /\/voter\/(worker|finding|count-entry|sentences|recovery-words)\.ts$/,
  /\/(look-up|refusals|p256|complaint|share-channel|channel-cipher)\.ts$/,
  /noble\/(ciphers|curves\/(nist|abstract\/(weierstrass|der))|hashes\/hkdf)|scure/,
];

export default defineConfig({
  root: here("."),
  plugins: [svelte(), digests()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    license: true,
    rolldownOptions: { input: { index: here("index.html"), observe: here("observe.html") } },
  },
  worker: {
    format: "es",
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            {
              name: (id, context) =>
                context.getModuleInfo(here("src/voter/worker.ts")) && !later.some((it) => it.test(id))
                  ? "resident"
                  : null,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:3000",
      "/record": "http://127.0.0.1:3000",
      "/passes": "http://127.0.0.1:3000",
      "/documents": "http://127.0.0.1:3000",
      "/index": "http://127.0.0.1:3000",
      "/relay": "http://127.0.0.1:3000",
      "/socket.io": { target: "http://127.0.0.1:3000", ws: true },
    },
  },
});
