/** Checks 24 and 25: served pages, papers. */
import { ballotHash } from "@hanpyo/crypto";
import type { Papers } from "../../../verify/index.ts";
import { bytesOf } from "../keys.ts";
import { acknowledgementOf, file, honestPapers, receiptOf, refusalOf } from "../papers.ts";
import type { Run } from "../run.ts";
import type { Tamper } from "../tamper.ts";

const paper = (part: Tamper["part"], what: string, kind: keyof Papers, text: (run: Run) => string): Tamper => ({
  part,
  what,
  reader: (run) => ({ papers: { ...honestPapers(run), [kind]: [file(what, text(run))] } }),
});
/** A recorded ballot's payload and h. */
const recorded = (run: Run, step: string) => {
  const index = run.places.get(step)!;
  return {
    payload: run.record.entries[index]!.slice(42),
    h: ballotHash(run.state.context!, run.ballots.get(index)!.core),
  };
};

export const paperCases: readonly Tamper[] = [
  { part: "24a", what: "another page served", reader: () => ({ client: async () => bytesOf("other") }) },
  { part: "24a", what: "a page not served", reader: () => ({ client: async () => undefined }) },
  paper("25a", "not a receipt", "receipts", () => "I voted"),
  paper("25a", "a receipt of another history", "receipts", (run) =>
    receiptOf(run, "ballot 3").replace(/^index \d+$/m, `index ${run.places.get("ballot 4")}`),
  ),
  paper("25a", "a receipt of an entry that is not there", "receipts", (run) =>
    receiptOf(run, "ballot 3").replace(/^index \d+$/m, `index ${run.record.size + 9}`),
  ),
  paper("25a", "a receipt of two witnesses", "receipts", (run) => {
    const text = receiptOf(run, "ballot 3");
    return text.slice(0, text.indexOf("\n\n") + 2) + run.checkpoint("record", { witnesses: [1, 2] });
  }),
  paper("25b", "not an acknowledgement", "acknowledgements", () => "{}"),
  paper("25b", "an acknowledgement of another entry", "acknowledgements", (run) =>
    acknowledgementOf(run, "ballot 3", { leaf: bytesOf("other") }),
  ),
  paper("25b", "an acknowledgement that was not kept", "acknowledgements", (run) =>
    acknowledgementOf(run, "ballot 3", { index: run.record.size }),
  ),
  paper("25b", "an acknowledgement that the operator did not sign", "acknowledgements", (run) =>
    acknowledgementOf(run, "ballot 3").replace(/"index":\d+/, '"index":7'),
  ),
  paper("25c", "not a refusal", "refusals", () => "[]"),
  paper("25c", "a refusal judged at another history", "refusals", (run) =>
    refusalOf(run, "end", { leaf: bytesOf("other") }),
  ),
  paper("25c", "a refusal that the operator did not sign", "refusals", (run) =>
    refusalOf(run, "end").replace('"late"', '"paused"'),
  ),
  paper("25c", "a valid ballot refused for its proofs", "refusals", (run) => {
    const { payload, h } = recorded(run, "ballot 3");
    return refusalOf(run, "ballot 4", { code: "selection-invalid", ballot: h, reason: null }, payload);
  }),
];
