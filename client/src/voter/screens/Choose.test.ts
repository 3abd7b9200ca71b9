import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, test } from "vitest";
import { language } from "../../ui/language.svelte.ts";
import type { Controller } from "../controller.svelte.ts";
import type { ElectionView } from "../messages.ts";
import { type Action, initialSession, reduce } from "../session.ts";
import { en } from "../texts/en.ts";
import { ko } from "../texts/ko.ts";
import Harness from "./ChooseHarness.test.svelte";

const text = (it: string) => ({ ko: `${it}-ko`, en: it });
const election = (rule: ElectionView["contests"][number]["rule"]): ElectionView => ({
  origin: "example",
  title: text("Title"),
  text: text("Text"),
  rehearsal: false,
  opens: 0,
  closes: 1,
  revote: true,
  registrars: { names: [], quorum: 1 },
  witnesses: { count: 1, quorum: 1 },
  contests: [{ title: text("Question"), text: text("About"), options: ["A", "B", "C"].map(text), rule }],
});

/** The screen over the real session, without a worker. */
function open(rule: ElectionView["contests"][number]["rule"]) {
  const voter = { place: text("Place"), weight: 1, contests: [0], last: [] };
  const standing = { phase: "open", end: 1, skew: 0 } as const;
  const actions: Action[] = [
    { type: "opened", election: election(rule), standing, voter: null, pending: [] },
    { type: "entered", voter },
    { type: "next" },
  ];
  const held = render(Harness, { start: actions.reduce(reduce, initialSession) });
  return held.component as unknown as { current(): Pick<Controller, "session">["session"] };
}

afterEach(cleanup);

describe("choosing", () => {
  test("one of several, by radio buttons in one group with a legend", async () => {
    await language.choose("en");
    const app = open({ options: 3, maxValue: 1, min: 1, max: 1, blank: true });
    expect(screen.getByRole("group", { name: en.choose.rules.one })).toBeTruthy();
    await fireEvent.click(screen.getByRole("radio", { name: "B" }));
    expect(app.current().choices).toEqual([[0, 1, 0, 0]]);
    await fireEvent.click(screen.getByRole("radio", { name: new RegExp(en.choose.blank) }));
    expect(app.current().choices).toEqual([[0, 0, 0, 1]]);
  });

  test("too many cannot be marked: the box stays empty and the page says why", async () => {
    await language.choose("ko");
    const app = open({ options: 3, maxValue: 1, min: 1, max: 2, blank: false });
    for (const name of ["A-ko", "B-ko", "C-ko"]) await fireEvent.click(screen.getByRole("checkbox", { name }));
    expect(app.current().choices).toEqual([[1, 1, 0]]);
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "C-ko" }).checked).toBe(false);
    expect(screen.getByText(ko.choose.full(2))).toBeTruthy();
  });

  test("nothing marked is told where the eyes and the focus are", async () => {
    await language.choose("en");
    open({ options: 3, maxValue: 1, min: 1, max: 1, blank: true });
    await fireEvent.click(screen.getByRole("button", { name: en.choose.done }));
    expect(screen.getByRole("alert").textContent).toBe(en.choose.nothing);
  });

  test("points are given by buttons that say what they do", async () => {
    await language.choose("en");
    const app = open({ options: 3, maxValue: 3, min: 4, max: 4, blank: false });
    const more = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name: en.choose.more(name) });
    for (const name of ["A", "A", "A", "B"]) await fireEvent.click(more(name));
    expect(app.current().choices).toEqual([[3, 1, 0]]);
    expect(more("B").disabled).toBe(true);
    await fireEvent.click(screen.getByRole("button", { name: en.choose.less("A") }));
    expect(more("B").disabled).toBe(false);
  });
});
