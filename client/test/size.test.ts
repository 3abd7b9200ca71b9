// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { buildPages } from "./built.ts";

let folder = "";
const kilobytes = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(path.join(folder, "assets", file))).length, 0) / 1000;

/** Scripts that a page names in its HTML. */
const namedBy = (page: string): string[] =>
  [...readFileSync(path.join(folder, page), "utf8").matchAll(/"\/assets\/([^"]+\.js)"/g)].map(([, file]) => file!);

/** The worker a script starts. */
function workerOf(scripts: readonly string[]): string {
  const workers = readdirSync(path.join(folder, "assets")).filter((it) => it.startsWith("worker-"));
  const texts = scripts.map((file) => readFileSync(path.join(folder, "assets", file), "utf8"));
  const own = workers.filter((worker) => texts.some((text) => text.includes(worker)));
  expect(own).toHaveLength(1);
  return own[0]!;
}

beforeAll(async () => {
  folder = await buildPages();
});

/**
 * The page is what a person waits for; its worker comes in while they read. The worker runs the one rulebook over the head
 * of the record, so that keys are believed for their proofs and not for the server's word: that is most of its size.
 * Neither figure may grow.
 */
test("the resident's page, and with its worker the whole way of a vote", () => {
  const page = namedBy("index.html");
  const worker = workerOf(page);
  console.info(`resident: page ${kilobytes(page).toFixed(1)} kB, worker ${kilobytes([worker]).toFixed(1)} kB (gzip)`);
  expect(kilobytes(page)).toBeLessThanOrEqual(50);
  expect(kilobytes([...page, worker])).toBeLessThanOrEqual(130);
});

test("the observers' page, without its verifier", () => {
  const page = namedBy("observe.html");
  const live = readdirSync(path.join(folder, "assets")).filter((it) => it.startsWith("esm-"));
  console.info(
    `observer: page ${kilobytes([...page, ...live]).toFixed(1)} kB, worker ${kilobytes([workerOf(page)]).toFixed(1)} kB (gzip)`,
  );
  expect(kilobytes([...page, ...live])).toBeLessThanOrEqual(100);
});
