/** The fast engine with its start-up test and its fallback. */
import type { Engine } from "../group/engine.ts";
import { nobleEngine } from "../group/noble-engine.ts";
import { untestedWasmEngine } from "./engine.ts";
import { knownAnswerFault } from "./known-answers.ts";

export { WASM_ENGINE } from "./engine.ts";

function complain(message: string): void {
  (globalThis as { console?: { error(text: string): void } }).console?.error(message);
}

/**
 * A WebAssembly engine of its own memory (at most 64 MiB) for **public** data, for use in one thread: `name` is `WASM_ENGINE`. If
 * WebAssembly is missing or forbidden (a Content-Security-Policy needs 'wasm-unsafe-eval'), or any known answer differs, `warn`
 * is told so, on the console by default, and the engine is noble's.
 */
export function wasmEngine(
  warn: (message: string) => void = complain,
  make: () => Engine = untestedWasmEngine,
): Engine {
  try {
    const engine = make();
    const fault = knownAnswerFault(engine);
    if (fault === null) return engine;
    warn(
      `hanpyo: the WebAssembly engine fails its start-up test (${fault}); verifying with noble, about 20 times slower`,
    );
  } catch (error) {
    // Every failure of a platform ends here, is reported, and has a correct way out.
    warn(`hanpyo: no WebAssembly engine (${String(error)}); verifying with noble, about 20 times slower`);
  }
  return nobleEngine();
}
