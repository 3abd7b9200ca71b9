// @vitest-environment node
/** A resident and observers in real browsers against a real server: vote, re-vote, look up, verify. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { en as observerEn } from "../src/observer/texts/en.ts";
import { en } from "../src/voter/texts/en.ts";
import { ko } from "../src/voter/texts/ko.ts";
import { axeViolations, chromiumPath, complaints, launch } from "./chromium.ts";
import { type Demonstration, startDemonstration } from "./server.ts";

const PHONE = { width: 390, height: 844 };

/** Every screen on the way must be accessible, fit the width, and move the focus to its heading. */
async function arrived(page: Page, heading: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  expect(await axeViolations(page), heading).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), heading).toBe(true);
}
const focused = (page: Page) => page.evaluate(() => document.activeElement?.tagName);
const main = (page: Page) => page.locator("main .button.main");
const codeShown = async (page: Page) =>
  (await page.locator(".envelope .code").innerText()).trim().split(/\s+/).join("-");

describe.skipIf(chromiumPath === null)("an election in the browser", () => {
  let browser: Browser;
  let demonstration: Demonstration;
  let phone: BrowserContext;
  let page: Page;
  let said: string[];
  let first = "";
  let second = "";

  beforeAll(async () => {
    demonstration = await startDemonstration();
    browser = await launch();
    phone = await browser.newContext({ viewport: PHONE, locale: "ko-KR" });
    page = await phone.newPage();
    said = complaints(page);
  }, 400_000);
  afterAll(async () => {
    await browser?.close();
    await demonstration?.stop();
  });

  async function chooseAndLock(option: number): Promise<void> {
    await main(page).click();
    await page.locator(".option input").nth(option).check();
    await main(page).click();
    await page.getByRole("checkbox").nth(0).check();
    await page.getByRole("checkbox").nth(2).check();
    await main(page).click();
    await page.getByRole("heading", { level: 1, name: ko.check.title }).waitFor();
  }

  test("a mistyped code is found on the device, before anything is sent", async () => {
    await page.goto(demonstration.url);
    await page.locator("#code").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    const sent: string[] = [];
    page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
    const good = demonstration.codes[0]!;
    const wrong = good.slice(0, -1) + (good.endsWith("0") ? "1" : "0");
    for (const [typed, message] of [
      ["4K7M", ko.code.length(4)],
      [`${good.slice(0, -1)}U`, ko.code.character("U")],
      [wrong, ko.code.check],
    ] as const) {
      await page.fill("#code", typed);
      await main(page).click();
      await page.getByText(message).waitFor();
    }
    expect(await axeViolations(page)).toEqual([]);
    expect(sent).toEqual([]);
  });

  test("five screens lead to a receipt whose three ticks are filled", async () => {
    await page.fill("#code", demonstration.codes[0]!.toLowerCase().replaceAll("-", " "));
    await main(page).click();
    await arrived(page, ko.read.title);
    expect(await focused(page)).toBe("H1");
    await main(page).click();
    await page.getByText(ko.choose.rules.one).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await main(page).click();
    await page.getByText(ko.choose.nothing).waitFor();
    await page.goBack();
    await arrived(page, ko.read.title);
    await chooseAndLock(1);
    await arrived(page, ko.check.title);
    await main(page).click();
    await arrived(page, ko.sealed.title);
    first = await codeShown(page);
    expect(first).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
    await main(page).click();
    await arrived(page, ko.sent.done);
    expect(await page.locator("ol li.done svg").count()).toBe(3);
    expect(await codeShown(page)).toBe(first);
    await page.locator(".qr svg").waitFor();
  });

  test("a device keeps no choice, no code of the letter, no randomness", async () => {
    const kept = await page.evaluate(
      () =>
        new Promise<unknown>((resolve, reject) => {
          const opening = indexedDB.open("hanpyo");
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const all = opening.result.transaction("kept").objectStore("kept").getAll();
            all.onsuccess = () => {
              opening.result.close();
              resolve(all.result.map((it) => it.slots.map((slot: object) => Object.keys(slot).sort())));
            };
          };
        }),
    );
    expect(kept).toEqual([[["latest", "obtainedAt", "passes", "pending", "seed", "tag"]]]);
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
    expect(page.url()).not.toContain(demonstration.codes[0]!);
  });

  test("after closing and opening the page the vote is found and may be cast again, also through a lost connection", async () => {
    await page.goto(demonstration.url);
    await arrived(page, ko.returned.title);
    expect(await page.locator("main").innerText()).toContain(first);
    await main(page).click();
    await page.getByText(ko.lookUp.latest).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.goto(demonstration.url);
    await page.getByRole("button", { name: ko.returned.voteAgain }).click();
    await arrived(page, ko.read.title);
    await chooseAndLock(3);
    await main(page).click();
    await arrived(page, ko.sealed.title);
    second = await codeShown(page);
    expect(second).not.toBe(first);
    await phone.setOffline(true);
    await main(page).click();
    await page.getByText(ko.sent.waiting.offline).waitFor();
    await phone.setOffline(false);
    await arrived(page, ko.sent.done);
    expect(await codeShown(page)).toBe(second);
  });

  test("another device finds both by their codes, in English", async () => {
    const other = await browser.newPage({ viewport: PHONE, locale: "en-GB", colorScheme: "dark" });
    const complaining = complaints(other);
    await other.goto(`${demonstration.url}/#/find`);
    await arrived(other, en.lookUp.title);
    for (const [code, meaning] of [
      [first, en.lookUp.replaced],
      [second, en.lookUp.latest],
      ["0000-0000-0000-0000-0000", en.lookUp.absent],
    ] as const) {
      await other.fill("#confirmation", code);
      await main(other).click();
      await other.getByText(meaning, { exact: true }).waitFor();
      expect(await axeViolations(other)).toEqual([]);
    }
    expect(complaining).toEqual([]);
    await other.close();
  });

  test("a code that was used is refused on another device, in words", async () => {
    const other = await browser.newPage({ viewport: PHONE, locale: "en-GB" });
    await other.goto(demonstration.url);
    await other.fill("#code", demonstration.codes[0]!);
    await main(other).click();
    await other.getByText("A pass was already issued for this activation code.").waitFor();
    expect(await axeViolations(other)).toEqual([]);
    await other.close();
  });

  test("an observer sees the box live and verifies everything", async () => {
    const observer = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
    const complaining = complaints(observer);
    await observer.goto(`${demonstration.url}/observe`);
    await arrived(observer, observerEn.tabs.live);
    await observer.getByText(observerEn.connection.live).waitFor();
    expect(await observer.locator(".figures dd").first().innerText()).toBe("1");
    await observer.getByRole("link", { name: observerEn.tabs.verify }).click();
    await main(observer).click();
    await observer.getByText(observerEn.verify.overall.incomplete).waitFor();
    expect(await observer.locator("li.failed").count()).toBe(0);
    expect(await observer.locator("ol > li.held").count()).toBeGreaterThanOrEqual(18);
    expect(await axeViolations(observer)).toEqual([]);
    await observer.getByRole("link", { name: observerEn.tabs.result }).click();
    await arrived(observer, observerEn.result.none);
    expect(complaining).toEqual([]);
    await observer.close();
  });

  test("leaving no trace leaves none", async () => {
    await page.goto(`${demonstration.url}/#/erase`);
    await arrived(page, ko.erase.title);
    await main(page).click();
    await arrived(page, ko.erase.done);
    expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    await page.goto(demonstration.url);
    await page.locator("#code").waitFor();
    expect(said).toEqual([]);
  });
});
