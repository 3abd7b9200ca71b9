/** For every lettered part a record that fails there and nowhere earlier. */
import { bytesToHex } from "@hanpyo/crypto";
import { describe, expect, it, vi } from "vitest";
import { checkParts } from "../record/checks.ts";
import { cannotFailAlone } from "../testing/kit/cannot-fail-alone.ts";
import { chapters } from "../testing/kit/cases/index.ts";
import { outcomeOf } from "../testing/kit/honest.ts";

// Every record shares nearly all of its signatures with the honest one: the real verifier is asked once about each.
vi.mock("../log/ed25519.ts", async (original) => {
  const real = await original<typeof import("../log/ed25519.ts")>();
  const asked = new Map<string, boolean>();
  const strictVerify: typeof real.strictVerify = (...triple) => {
    const name = triple.map(bytesToHex).join();
    const known = asked.get(name) ?? real.strictVerify(...triple);
    asked.set(name, known);
    return known;
  };
  return { ...real, strictVerify };
});

describe.each(Object.entries(chapters))("tampered records: %s", (_, cases) => {
  it.each(cases.map((tamper) => [tamper.part, tamper.what, tamper] as const))("%s: %s", async (part, _what, tamper) => {
    const { run, report, failed } = await outcomeOf(tamper);
    if (!tamper.stops) expect(run.omitted).toEqual([]);
    expect(failed[0]).toBe(part);
    expect(report.verdict).toBe("failed");
    expect(report.exitCode).toBe(1);
  });
});

describe("the kit", () => {
  it("tampers with every part that can fail alone", () => {
    const tampered = Object.values(chapters).flatMap((cases) => cases.map(({ part }) => part));
    const explained = Object.keys(cannotFailAlone);
    expect(tampered.filter((part) => explained.includes(part))).toEqual([]);
    expect(checkParts.filter((part) => !tampered.includes(part) && !explained.includes(part))).toEqual([]);
  });
});
