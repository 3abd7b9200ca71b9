import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, printableConfig, readConfig } from "./config.ts";

const production = {
  HANPYO_MODE: "production",
  HANPYO_ORIGIN: "vote.example.org/e1",
  HANPYO_SIGNER_URL: "unix:/run/hanpyo/signer.sock",
  HANPYO_WITNESS_URLS: "w1.example.org/w=https://w1.example.org, w2=https://w2.example.org",
  HANPYO_REGISTRAR_URLS: "https://r1.example.org",
  HANPYO_OPERATOR_TOKEN: "abcdefghijklmnopqrstuvwxyz",
};

describe("readConfig", () => {
  it("is a demonstration on loopback without any variable", () => {
    const config = readConfig({}, 4);
    expect(config).toMatchObject({ mode: "demonstration", host: "127.0.0.1", port: 3000, verifiers: 3 });
    expect(config.databaseUrl).toBeUndefined();
  });

  it("reads a production configuration, secrets from files too", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "hanpyo-config-"));
    writeFileSync(path.join(folder, "url"), "postgres://u:p@db/hanpyo\n");
    const config = readConfig({ ...production, DATABASE_URL_FILE: path.join(folder, "url") });
    expect(config.witnessUrls).toEqual(["w1.example.org/w=https://w1.example.org", "w2=https://w2.example.org"]);
    expect(config.databaseUrl).toBe("postgres://u:p@db/hanpyo");
    const printed = printableConfig(config).join("\n");
    expect(printed).toContain("DATABASE_URL=(set)");
    expect(printed).toContain("HANPYO_OPERATOR_TOKEN=(set)");
    expect(printed).not.toMatch(/u:p@|abcdefghijkl/);
  });

  it("lets a rehearsal have its clock and start its own signer", () => {
    const rehearsal = {
      ...production,
      HANPYO_MODE: "rehearsal",
      HANPYO_ORIGIN: "x.org/rehearsal/1",
      HANPYO_SIGNER_URL: "",
    };
    const config = readConfig({ ...rehearsal, HANPYO_CLOCK_FILE: "/tmp/clock" });
    expect([config.clockFile, config.signerUrl]).toEqual(["/tmp/clock", undefined]);
  });

  it.each([
    ["a port that is none", { PORT: "70000" }, /PORT/],
    ["a port that is no number", { PORT: "30x0" }, /PORT/],
    ["an unknown mode", { HANPYO_MODE: "test" }, /HANPYO_MODE/],
    ["a demonstration open to others", { HOST: "0.0.0.0" }, /HOST/],
    ["a demonstration under a foreign origin", { HANPYO_ORIGIN: "vote.example.org/e1" }, /HANPYO_ORIGIN/],
    ["a database of another kind", { DATABASE_URL: "mysql://x" }, /DATABASE_URL/],
    ["a driven clock in production", { ...production, HANPYO_CLOCK_FILE: "/tmp/clock" }, /HANPYO_CLOCK_FILE/],
    ["production under a rehearsal's origin", { ...production, HANPYO_ORIGIN: "x.org/rehearsal/1" }, /HANPYO_ORIGIN/],
    ["a rehearsal under another origin", { ...production, HANPYO_MODE: "rehearsal" }, /HANPYO_ORIGIN/],
    ["production without a signer", { ...production, HANPYO_SIGNER_URL: "" }, /HANPYO_SIGNER_URL/],
    ["production without witnesses", { ...production, HANPYO_WITNESS_URLS: "" }, /HANPYO_WITNESS_URLS/],
    ["production without registrars", { ...production, HANPYO_REGISTRAR_URLS: "" }, /HANPYO_REGISTRAR_URLS/],
    ["production without an operator's token", { ...production, HANPYO_OPERATOR_TOKEN: "" }, /HANPYO_OPERATOR_TOKEN/],
    ["a guessable token", { ...production, HANPYO_OPERATOR_TOKEN: "secret" }, /HANPYO_OPERATOR_TOKEN/],
    [
      "a witness without its name",
      { ...production, HANPYO_WITNESS_URLS: "https://w1.example.org" },
      /HANPYO_WITNESS_URLS/,
    ],
    ["a signer on another machine", { ...production, HANPYO_SIGNER_URL: "http://signer:7000" }, /HANPYO_SIGNER_URL/],
    ["an origin with a space", { ...production, HANPYO_ORIGIN: "vote example" }, /HANPYO_ORIGIN/],
    ["a secret's file that is not there", { DATABASE_URL_FILE: "/nonexistent/url" }, /DATABASE_URL_FILE/],
    ["anchors too far apart", { HANPYO_ANCHOR_SECONDS: "61" }, /HANPYO_ANCHOR_SECONDS/],
  ])("refuses %s", (_what, environment, message) => {
    expect(() => readConfig(environment)).toThrow(ConfigError);
    expect(() => readConfig(environment)).toThrow(message);
  });

  it("never repeats a wrong value, which may be a secret", () => {
    expect(() => readConfig({ DATABASE_URL: "hunter2" })).toThrow(/^(?!.*hunter2)/);
  });
});
