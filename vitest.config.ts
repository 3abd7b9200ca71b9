import { defineConfig } from "vitest/config";

/**
 * Core and server run in Node against real Postgres; the client in a browser-like world. In CI the tests that race real
 * processes, witnesses' clocks and browsers get a second try, which the report shows: a busy machine is not a defect.
 */
const retry = process.env.CI ? 1 : 0;

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
      { test: { name: "server", include: ["server/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000, retry } },
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
          retry,
        },
      },
    ],
  },
});
