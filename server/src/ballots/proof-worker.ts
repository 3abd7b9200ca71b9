/** A child process that checks proofs: main thread and sequencer stay free. It holds public data only. */
import { nodeRsa } from "../registrar/rsa.ts";
import { ProofChecker, type ProofFault, type ProofSetting } from "./proof-check.ts";

export type ToWorker =
  | { readonly kind: "setting"; readonly setting: ProofSetting }
  | { readonly kind: "batch"; readonly id: number; readonly payloads: readonly Uint8Array[] };
export interface FromWorker {
  readonly id: number;
  readonly verdicts: readonly (ProofFault | null)[];
}

let checker: ProofChecker | null = null;

process.on("message", async (message: ToWorker) => {
  if (message.kind === "setting") {
    checker = new ProofChecker(message.setting, nodeRsa);
    return;
  }
  if (checker === null) throw new Error("a batch came before the setting");
  const verdicts = await checker.check(message.payloads);
  process.send!({ id: message.id, verdicts } satisfies FromWorker);
});
// Its parent is gone: nobody wants the answers. Ctrl-C of a terminal reaches children too; the parent ends them in order.
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => undefined);
