import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "./secret.ts";

describe("Secret", () => {
  const value = "correct horse battery";
  const secret = new Secret(value);

  it("reveals its value only when asked", () => {
    expect(secret.reveal()).toBe(value);
  });

  it.each([
    ["String", String(secret)],
    ["template", `${secret}`],
    ["concatenation", `${secret}!`],
    ["JSON", JSON.stringify({ secret, nested: [secret] })],
    ["inspect", inspect({ secret }, { depth: 9, showHidden: true })],
    ["format", format("%s %o %j", secret, secret, secret)],
    ["keys", Object.keys(secret).join()],
    ["spread", JSON.stringify({ ...secret })],
    ["error", new Error(`failed: ${secret}`).stack ?? ""],
  ])("shows nothing through %s", (_, shown) => {
    expect(shown).not.toContain("horse");
  });
});
