import { describe, expect, it } from "vitest";
import { verifyBallots } from "../ballot/batch.ts";
import { bytesToHex } from "../bytes.ts";
import type { Engine } from "../group/engine.ts";
import { nobleEngine } from "../group/noble-engine.ts";
import { encodePoint, G } from "../group/ristretto.ts";
import { plainCombination } from "../testing/engine-wasm/plain-combination.ts";
import { stockEngine } from "../testing/stock-engine.ts";
import { untestedWasmEngine } from "./engine.ts";
import { WASM_ENGINE, wasmEngine } from "./index.ts";
import { KNOWN_COMBINATION, knownAnswerFault, knownItems, knownRandom } from "./known-answers.ts";

describe("the start-up test", () => {
  it("is passed by noble, by noble's own pippenger and by the module", () => {
    for (const engine of [nobleEngine(), stockEngine(), untestedWasmEngine()])
      expect(knownAnswerFault(engine)).toBeNull();
  });

  it("has the combination that the plain formulas give", () => {
    expect(bytesToHex(plainCombination(knownItems(), knownRandom()))).toBe(KNOWN_COMBINATION);
  });

  it("gives an engine without a word where all is well", () => {
    const said: string[] = [];
    expect(wasmEngine((message) => said.push(message)).name).toBe(WASM_ENGINE);
    expect(said).toEqual([]);
  });
});

describe("any wrong answer falls back to noble, loudly", () => {
  const good = untestedWasmEngine();
  const broken: Record<string, Partial<Engine>> = {
    "strict decoding": { decode: (bytes, hints) => ({ ...good.decode(bytes, hints), bad: [] }) },
    sum: { msm: () => encodePoint(G) },
    "long sum": { msm: (terms) => good.msm(terms.slice(0, 2)) },
    "wrong hints": {
      decode: (bytes, hints) => (hints?.[0] === 0 ? nobleEngine().decode(bytes) : good.decode(bytes, hints)),
      hints: (bytes) => good.hints!(bytes),
      msm: (() => {
        let sums = 0;
        return (terms) => (++sums === 3 ? encodePoint(G) : good.msm(terms));
      })(),
    },
    columns: { accumulator: (width) => good.accumulator(width) },
    combination: {
      batch: (records, use) =>
        good.batch!(records, (batch) => use({ ...batch, refused: [], combine: () => new Uint8Array(32) })),
    },
  };
  for (const [fault, change] of Object.entries(broken))
    it(fault, () => {
      const said: string[] = [];
      const engine = wasmEngine(
        (message) => said.push(message),
        () => ({ ...good, ...change }),
      );
      expect(engine.name).toBe("noble");
      expect(said).toEqual([expect.stringContaining(`(${fault})`)]);
    });

  it("no WebAssembly at all", () => {
    const said: string[] = [];
    const engine = wasmEngine(
      (message) => said.push(message),
      () => {
        throw new Error("forbidden by policy");
      },
    );
    expect(said).toEqual([expect.stringContaining("forbidden by policy")]);
    expect(verifyBallots(engine, [])).toEqual({ failures: [], overruled: [] });
  });
});
