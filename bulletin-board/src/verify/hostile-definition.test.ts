/** Definitions that decode and make no sense, followed by honest parties as far as they can go: a verdict, never a throw. */
import { bytesToHex } from "@hanpyo/crypto";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { DefinitionBody } from "../record/definition.ts";
import { outcomeOf } from "../testing/kit/honest.ts";
import { definitionStep } from "../testing/kit/script.ts";
import { replaced, upTo } from "../testing/kit/tamper.ts";

// The records here share many of their signatures: the real verifier is asked once about each.
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

const small = fc.integer({ min: 1, max: 8 });
const change: fc.Arbitrary<(body: DefinitionBody) => Partial<DefinitionBody>> = fc.oneof(
  small.map((threshold) => () => ({ threshold })),
  small.map((minTrustees) => () => ({ minTrustees })),
  small.map((quorum) => () => ({ quorum })),
  small.map((dishonest) => () => ({ dishonest })),
  small.map((witnessQuorum) => () => ({ witnessQuorum })),
  small.map((n) => (body: DefinitionBody) => ({ witnesses: body.witnesses.slice(0, n) })),
  small.map((n) => (body: DefinitionBody) => ({ trustees: body.trustees.slice(0, n + 1) })),
  small.map((n) => (body: DefinitionBody) => ({ registrars: body.registrars.slice(0, n) })),
  fc.constant((body: DefinitionBody) => ({ groups: [...body.groups].reverse() })),
  fc.nat(3).map((group) => (body: DefinitionBody) => ({ classes: body.classes.map((item) => ({ ...item, group })) })),
  fc
    .nat(9)
    .map((certified) => (body: DefinitionBody) => ({ classes: body.classes.map((item) => ({ ...item, certified })) })),
  fc.constant((body: DefinitionBody) => ({ classes: body.classes.map((item) => ({ ...item, contests: [2, 0] })) })),
  fc.constant((body: DefinitionBody) => ({ contests: body.contests.slice(1) })),
  fc.constant((body: DefinitionBody) => ({ officials: body.officials.slice(0, 2) })),
  fc.constant(() => ({ bounds: { pauses: 0, pauseSeconds: 0, extensions: 0, extensionSeconds: 0 } })),
  fc.constant(() => ({ auditors: [], evidenceKey: null })),
  fc.constant(() => ({ schedule: { opens: 0, closes: 1 } })),
  fc.constant(() => ({ webauthn: null })),
);

it("is judged", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const { report } = await outcomeOf({
        script: (script) =>
          replaced(
            upTo(script, process.env.HOSTILE_RUNS ? "result" : "ballot 2"),
            "definition",
            definitionStep((body) => {
              let changed = body;
              for (const each of changes) changed = { ...changed, ...each(changed) };
              return changed;
            }),
          ),
      });
      expect(["failed", "incomplete", "verified"]).toContain(report.verdict);
    }),
    { numRuns: Number(process.env.HOSTILE_RUNS ?? 3) },
  );
}, 600_000);
