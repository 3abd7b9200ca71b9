// @vitest-environment node
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildPages, client, headers } from "./built.ts";

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((it) => statSync(path.join(folder, it)).isFile())
    .sort();
const sri = (bytes: Uint8Array) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;

describe("the built pages", () => {
  let first = "";
  let second = "";
  const read = (file: string) => readFileSync(path.join(first, file));

  beforeAll(async () => {
    first = await buildPages();
    second = await buildPages();
  });

  test("are the same bytes whenever they are built", () => {
    expect(filesOf(second)).toEqual(filesOf(first));
    for (const file of filesOf(first)) expect(sri(read(file)), file).toBe(sri(readFileSync(path.join(second, file))));
  });

  test("list the digest of every file they consist of", () => {
    const list = JSON.parse(read("digests.json").toString()) as Record<string, string>;
    const served = filesOf(first).filter((it) => it !== "digests.json" && !it.startsWith(".vite") && it !== "icon.svg");
    expect(Object.keys(list).filter((it) => !it.startsWith(".vite"))).toEqual(served);
    for (const file of served) expect(list[file], file).toBe(sri(read(file)));
  });

  test.each(["index.html", "observe.html"])("%s pins every script and style it names", (page) => {
    const html = read(page).toString();
    const named = [...html.matchAll(/<(?:script|link)[^>]+(?:src|href)="\/(assets\/[^"]+)"[^>]*>/g)];
    expect(named.length).toBeGreaterThan(1);
    for (const [tag, file] of named) expect(tag).toContain(`integrity="${sri(read(file!))}"`);
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=/);
    expect(html).not.toMatch(/https?:\/\//);
  });

  test("the policy that the server sends is the one the code was written for", () => {
    const policy = headers()["Content-Security-Policy"]!;
    const documented = readFileSync(path.join(client, "src/ui/policy.ts"), "utf8")
      .replace(/\n \* ?/g, " ")
      .replace(/\s+/g, " ");
    expect(documented).toContain(policy);
    for (const part of ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"])
      expect(policy).toContain(part);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });
});
