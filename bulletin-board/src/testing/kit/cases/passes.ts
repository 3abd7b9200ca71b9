/** Check 18: the pass log. */
import { passEntry } from "../../../record/pass-entry.ts";
import { encodeRecord } from "../../../record/schema/cbor.ts";
import { opens } from "../definition.ts";
import { bytesOf } from "../keys.ts";
import { anchorStep, step } from "../steps.ts";
import { auditStep, flipped } from "../tally-steps.ts";
import { after, passEnveloped, replaced, type Tamper } from "../tamper.ts";
import { ballotStep, endorsedPass, passOf, passStep, voters } from "../voters.ts";
import { brokenLine } from "./form.ts";

const report = (
  what: string,
  ...changes: Parameters<typeof auditStep> extends [string, ...infer R] ? R : never
): Tamper => ({
  part: "18g",
  what,
  script: (s) => replaced(s, "audit report", auditStep("audit report", ...changes)),
});

export const passCases: readonly Tamper[] = [
  { part: "18a", what: "another predecessor", script: (s) => passEnveloped(s, "pass 9", { prev: bytesOf("other") }) },
  { part: "18a", what: "another index", script: (s) => passEnveloped(s, "pass 9", { index: 3 }) },
  {
    part: "18a",
    what: "an entry that is no pass",
    script: (s) =>
      replaced(
        s,
        "pass 13",
        step("pass 13", (run) => run.appendPass(encodeRecord(passEntry, passOf(run, voters[13]!)), 18)),
      ),
  },
  {
    part: "18a",
    what: "a pass under another policy",
    script: (s) =>
      replaced(
        s,
        "pass 13",
        passStep(voters[13]!, (_, run) => endorsedPass(run, { policy: bytesOf("other") })),
      ),
  },
  {
    part: "18a",
    what: "a pass for a class that is not there",
    script: (s) =>
      replaced(
        s,
        "pass 13",
        passStep(voters[13]!, (_, run) => endorsedPass(run, { class: 7 })),
      ),
  },
  {
    part: "18a",
    what: "a checkpoint of another root, signed by all",
    publish: (run) => ({ passesCheckpoint: run.checkpoint("passes", { root: bytesOf("other") }) }),
  },
  {
    part: "18a",
    what: "a checkpoint whose signature does not hold",
    publish: (run) => ({ passesCheckpoint: run.checkpoint("passes", { text: (note) => brokenLine(note, 0) }) }),
  },
  {
    part: "18a",
    what: "a checkpoint of two witnesses",
    publish: (run) => ({ passesCheckpoint: run.checkpoint("passes", { witnesses: [1, 2] }) }),
  },
  {
    part: "18a",
    what: "a log shorter than anchors promise",
    publish: (run) => ({ passesCheckpoint: run.checkpoint("passes", { size: 12 }) }),
  },
  {
    part: "18a",
    what: "an anchor of another root, signed by all",
    script: (s) =>
      replaced(s, "anchor at 870", anchorStep("anchor at 870", opens + 870, {}, { root: bytesOf("other") })),
  },
  {
    part: "18b",
    what: "an endorsement that does not hold",
    script: (s) =>
      replaced(
        s,
        "pass 9",
        passStep(voters[9]!, (pass) => ({
          ...pass,
          endorsements: pass.endorsements.map((each, i) =>
            i === 1 ? { ...each, signature: flipped(each.signature, 40) } : each,
          ),
        })),
      ),
  },
  {
    part: "18b",
    what: "a request that was not endorsed",
    script: (s) =>
      replaced(
        s,
        "pass 9",
        passStep(voters[9]!, (pass) => ({ ...pass, request: bytesOf("other") })),
      ),
  },
  {
    part: "18b",
    what: "two endorsements",
    script: (s) =>
      replaced(
        s,
        "pass 9",
        passStep(voters[9]!, (_, run) => passOf(run, voters[9]!, [1, 2])),
      ),
  },
  {
    part: "18b",
    what: "one registrar's endorsement twice",
    script: (s) =>
      replaced(
        s,
        "pass 9",
        passStep(voters[9]!, (_, run) => passOf(run, voters[9]!, [1, 2, 2])),
      ),
  },
  {
    part: "18b",
    what: "an endorsement of a registrar that is not there",
    script: (s) =>
      replaced(
        s,
        "pass 9",
        passStep(voters[9]!, (_, run) => passOf(run, voters[9]!, [1, 2, 9])),
      ),
  },
  {
    part: "18c",
    what: "two passes under one nullifier",
    script: (s) =>
      after(
        s,
        "pass 9",
        passStep(voters[14]!, (_, run) => endorsedPass(run, { nullifier: passOf(run, voters[0]!).nullifier })),
      ),
  },
  {
    part: "18d",
    what: "a pass signed without an entry in the log",
    script: (s) => after(s, "ballot 5", ballotStep(14)),
  },
  { part: "18e", what: "a pass after the freeze", script: (s) => after(s, "anchor over close", passStep(voters[14]!)) },
  {
    part: "18f",
    what: "more passes than certified",
    script: (s) => after(s, "pass 9", passStep(voters[14]!), passStep(voters[15]!)),
  },
  report("a sample that was not drawn", (it) => ({
    ...it,
    sample: it.sample.map((entry, i) => (i === 0 ? entry + 1 : entry)),
  })),
  report("a value that was not committed to", (it) => ({ ...it, values: [bytesOf("other"), null] })),
  report("a value withheld after the draw", (it) => ({ ...it, values: [null, null] }), [null, null]),
  report("signed by another", (it) => it, ["stranger", null]),
  report("a signature without a value", (it) => it, ["auditor 1", "auditor 2"]),
  report("faults that were found", (it) => ({ ...it, findings: [{ entry: it.sample[0]!, text: "not on the roll" }] })),
];
