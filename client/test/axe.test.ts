// @vitest-environment node
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPages, servePages } from "./built.ts";
import { axeViolations, chromiumPath, complaints, launch } from "./chromium.ts";

/** Screens that need no server; all others are looked at on the way of the end-to-end test. */
const screens = [
  ["/", "nobody answers"],
  ["/#/how", "how it is protected"],
  ["/#/find", "find my vote"],
  ["/#/erase", "leave no trace"],
  ["/observe", "observe"],
  ["/observe#/verify", "the tree of checks"],
] as const;

describe.skipIf(chromiumPath === null)("pages without a server are accessible and keep their policy", () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof servePages>>;

  beforeAll(async () => {
    pages = await servePages(await buildPages());
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
  });

  for (const locale of ["ko-KR", "en-GB"])
    for (const colorScheme of ["light", "dark"] as const)
      test.each(screens)(`%s (%s), ${locale}, ${colorScheme}`, async (address) => {
        const page = await browser.newPage({ locale, colorScheme, viewport: { width: 390, height: 844 } });
        const said = complaints(page);
        await page.goto(pages.url + address);
        await page.locator("h1:not([aria-busy])").first().waitFor();
        if (address === "/") await page.locator("main .button.main").waitFor();
        expect(await axeViolations(page)).toEqual([]);
        expect(said).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale.slice(0, 2));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        expect(wide).toBe(false);
        await page.close();
      });
});
