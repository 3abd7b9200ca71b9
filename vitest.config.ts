import { defineConfig } from "vitest/config";

/** Core and server run in Node against one real Postgres; the client in a browser-like world. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "core",
          include: ["{crypto,bulletin-board,loadtest,docs}/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: "server", include: ["server/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        extends: "client/vite.config.ts",
        resolve: { conditions: ["browser"] },
        test: {
          name: "client",
          include: ["client/**/*.test.ts"],
          environment: "happy-dom",
          root: ".",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
