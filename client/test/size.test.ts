// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { buildPages } from "./built.ts";

let folder = "";
const textOf = (file: string): string => readFileSync(path.join(folder, "assets", file), "utf8");
const kilobytes = (files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + gzipSync(textOf(file)).length, 0) / 1000;

/** Scripts that a page names in its HTML. */
const namedBy = (page: string): string[] =>
  [...readFileSync(path.join(folder, page), "utf8").matchAll(/"\/assets\/([^"]+\.js)"/g)].map(([, file]) => file!);

/** The worker a script starts. */
function workerOf(scripts: readonly string[]): string {
  const workers = readdirSync(path.join(folder, "assets")).filter((it) => it.startsWith("worker-"));
  const own = workers.filter((worker) => scripts.some((file) => textOf(file).includes(worker)));
  expect(own).toHaveLength(1);
  return own[0]!;
}

/** Everything that a browser fetches with these scripts: what they import at once, what that imports, and so on. */
function withImports(scripts: readonly string[]): Set<string> {
  const all = new Set<string>();
  const visit = (file: string): void => {
    if (all.has(file)) return;
    all.add(file);
    for (const [, next] of textOf(file).matchAll(/(?:\bfrom|\bimport)\s*"\.\/([^"]+\.js)"/g)) visit(next!);
  };
  for (const script of scripts) visit(script);
  return all;
}

/** Scripts that any of these, or what they fetch, may ask for later. */
function laterOf(scripts: Iterable<string>): string[] {
  const all = new Set<string>(scripts);
  const found = new Set<string>();
  for (const file of all)
    for (const [, next] of textOf(file).matchAll(/\bimport\s*\(\s*[`"']\.\/([^`"']+\.js)[`"']/g))
      for (const script of withImports([next!]))
        if (!all.has(script)) {
          all.add(script);
          found.add(script);
        }
  return [...found].sort();
}

const only = (files: readonly string[], name: string): string => {
  const found = files.filter((it) => it.startsWith(`${name}-`));
  expect(found, name).toHaveLength(1);
  return found[0]!;
};
const listed = (files: readonly string[]) =>
  files.map((it) => `${it.split("-")[0]} ${kilobytes([it]).toFixed(1)}`).join(", ");

beforeAll(async () => {
  folder = await buildPages();
});

/**
 * A whole vote: the page, its words in one language, its worker. docs/size.md says what is in it and why it is not less; no
 * figure may grow. Whether the list of what comes later is all there is, the first expectation about it says.
 */
test("the resident's page, and with its worker the whole way of a vote", () => {
  const scripts = withImports(namedBy("index.html"));
  const words = ["ko", "en"].map((language) => only(laterOf(scripts), language));
  const longest = Math.max(...words.map((it) => kilobytes([it])));
  const page = kilobytes(scripts) + longest;
  const worker = withImports([workerOf([...scripts])]);
  const later = laterOf(worker);
  console.info(
    `resident: page ${page.toFixed(1)} kB, worker ${kilobytes(worker).toFixed(1)} kB (gzip); only where needed: ${listed(later)} kB`,
  );
  expect(laterOf(scripts)).toEqual(words.toSorted());
  for (const part of ["p256", "complaint", "finding", "sentences", "recovery"]) only(later, part);
  expect(page).toBeLessThanOrEqual(44.4);
  expect(page + kilobytes(worker)).toBeLessThanOrEqual(100.5);
});

test("the observers' page, without its verifier", () => {
  const scripts = withImports(namedBy("observe.html"));
  const live = laterOf(scripts);
  const page = kilobytes([...scripts, ...live]);
  console.info(
    `observer: page ${page.toFixed(1)} kB, worker ${kilobytes(withImports([workerOf([...scripts])])).toFixed(1)} kB (gzip)`,
  );
  expect(page).toBeLessThanOrEqual(100);
});
