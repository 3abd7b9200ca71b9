/** Checks 8–10: order, time, officials' acts. */
import type { Act } from "../../../record/acts.ts";
import { confirmAct, proposeAct, signAuditReport } from "../../../record/authoring/index.ts";
import { EntryType } from "../../../record/entry-types.ts";
import type { AssertionFaults } from "../../passkey.ts";
import { both, digestList, opens } from "../definition.ts";
import { bytesOf, officialOf } from "../keys.ts";
import type { CheckpointChanges, Run, Step } from "../run.ts";
import { closeStep, registrarKeysStep } from "../script.ts";
import {
  actSteps,
  anchorStep,
  confirmStep,
  entry,
  placeOf,
  proposalOf,
  proposeStep,
  step,
  withdrawStep,
} from "../steps.ts";
import { auditStep, countStep, shareStep, tallyStep } from "../tally-steps.ts";
import { after, before, type Edit, replaced, type Tamper, without } from "../tamper.ts";
import { ballotStep } from "../voters.ts";

const t = (seconds: number): number => opens + seconds;
const reason = both("for the test");
const pause = (at: number): Act => ({ type: EntryType.pause, body: { at: t(at), reason } });
const resume = (at: number): Act => ({ type: EntryType.resume, body: { at: t(at) } });
const extend = (at: number, seconds: number): Act => ({ type: EntryType.extend, body: { at: t(at), seconds, reason } });
const notice = (): Act => ({ type: EntryType.notice, body: { text: both("another") } });

/** An anchor whose checkpoints depend on the run. */
const anchorOf = (name: string, at: number, board: (run: Run) => CheckpointChanges): Step =>
  step(name, (run) => {
    run.now = t(at);
    run.append({ type: EntryType.anchor, payload: run.anchorPayload(board(run)) });
  });

/** The opening confirmed by the passkey with a fault. */
const opened =
  (faults: AssertionFaults): Edit =>
  (s) =>
    replaced(
      s,
      "open",
      entry("open", (run) => confirmAct(placeOf(run), proposalOf(run, "open: propose"), officialOf(2, faults))),
    );

export const orderCases: readonly Tamper[] = [
  {
    part: "8a",
    what: "opened twice",
    script: (s) =>
      after(
        s,
        "resume",
        ...actSteps("open again", () => ({ type: EntryType.open, body: { at: t(80) } }), { at: t(80) }),
      ),
  },
  {
    part: "8a",
    what: "closed twice",
    script: (s) => after(s, "anchor over close", closeStep("close again"), anchorStep("anchor again", t(1160))),
  },
  {
    part: "8a",
    what: "counted twice",
    script: (s) => after(s, "count", anchorStep("anchor again", t(1160)), countStep("count again")),
  },
  { part: "8a", what: "two encrypted tallies", script: (s) => after(s, "encrypted tally", tallyStep("tally again")) },
  { part: "8a", what: "two audit reports", script: (s) => after(s, "audit report", auditStep("audit again")) },
  {
    part: "8a",
    what: "two results",
    script: (s) =>
      after(
        s,
        "result",
        entry("result again", (run) => {
          const bytes = run.record.entries[run.places.get("result")!]!;
          return { type: EntryType.result, payload: bytes.subarray(42) };
        }),
      ),
  },
  { part: "8b", what: "a share after the result", script: (s) => after(s, "result", shareStep("late share", 2)) },
  { part: "8b", what: "an audit report before the count", script: (s) => before(s, "count", auditReport()) },
  { part: "8b", what: "an act without an anchor right before it", script: (s) => without(s, "notice: anchor") },
  { part: "8b", what: "an entry between anchor and act", script: (s) => before(s, "notice", ballotStep(3, 1)) },
  {
    part: "8b",
    what: "closed before the end",
    script: (s) => after(without(s, "close"), "anchor at 980", closeStep("close early")),
  },
  {
    part: "8b",
    what: "counted without an anchor over close",
    script: (s) => without(s, "anchor over close"),
    stops: true,
  },
  { part: "8b", what: "a ballot after close", script: (s) => after(s, "close", ballotStep(3, 1)) },
  {
    part: "8b",
    what: "new pages after close",
    script: (s) =>
      after(
        s,
        "close",
        ...actSteps(
          "late pages",
          (run) => ({ type: EntryType.client, body: { digests: run.addDocument(digestList("index.html")), reason } }),
          { at: t(1145) },
        ),
      ),
  },
  {
    part: "8b",
    what: "keys of a registrar after the opening",
    script: (s) => {
      const rest = without(s, "registrar keys 4");
      const late = { ...registrarKeysStep(4), name: "registrar keys late" };
      return after(after(rest, "registrar keys 3", registrarKeysStep(4)), "resume", late);
    },
  },
  {
    part: "8b",
    what: "a reveal of a party that is not of the round",
    script: (s) =>
      after(
        s,
        "trustees 3: reveal 3",
        step("stray reveal", (run) => repeat(run, "trustees 1: reveal 5")),
        step("late reveal", (run) => repeat(run, "trustees 2: reveal 3")),
      ),
  },
  {
    part: "8c",
    what: "more pauses than the bound",
    script: (s) =>
      after(
        s,
        "resume",
        ...actSteps("pause again", () => pause(80), { at: t(80) }),
        ...actSteps("resume again", () => resume(90), { at: t(90) }),
      ),
  },
  {
    part: "8c",
    what: "resumed without a pause",
    script: (s) => after(s, "resume", ...actSteps("resume again", () => resume(80), { at: t(80) })),
  },
  { part: "8c", what: "a ballot during a pause", script: (s) => after(s, "pause", ballotStep(2, 1)) },
  {
    part: "8c",
    what: "a ballot between an outage and its end",
    script: (s) => after(s, "end of the outage", ballotStep(3, 1)),
  },
  {
    part: "9a",
    what: "time that goes back",
    script: (s) => after(s, "anchor at 870", anchorStep("back", undefined, { time: t(868) })),
  },
  {
    part: "9a",
    what: "an anchor of two witnesses",
    script: (s) => after(s, "anchor at 870", anchorStep("weak", t(871), { witnesses: [1, 2] })),
  },
  {
    part: "9a",
    what: "cosignatures in another order",
    script: (s) => after(s, "anchor at 870", anchorStep("order", t(871), { witnesses: [2, 1, 3] })),
  },
  {
    part: "9a",
    what: "a cosignature more than the quorum",
    script: (s) => after(s, "anchor at 870", anchorStep("many", t(871), { witnesses: [1, 2, 3, 5] })),
  },
  {
    part: "9a",
    what: "a pass log without its witnesses",
    script: (s) => after(s, "anchor at 870", anchorStep("weak", t(871), {}, { witnesses: [1, 2] })),
  },
  {
    part: "9a",
    what: "an anchor of a witness that is not in force yet",
    script: (s) => before(s, "new witnesses in force", anchorStep("early", t(320), { witnesses: [1, 2, 5] })),
  },
  {
    part: "9a",
    what: "an anchor that does not cover the one before",
    script: (s) =>
      after(
        s,
        "anchor at 870",
        anchorOf("short", 871, (run) => ({ size: run.places.get("anchor at 870")! })),
      ),
  },
  {
    part: "9a",
    what: "a pass log that shrinks",
    script: (s) => after(s, "anchor at 870", anchorStep("short", t(871), {}, { size: 13 })),
  },
  {
    part: "9b",
    what: "a ballot past the end",
    script: (s) => after(s, "end", ballotStep(3, 1), anchorStep("end again", t(1141))),
  },
  {
    part: "9b",
    what: "a first anchor past the end that leaves a ballot out",
    script: (s) =>
      replaced(
        s,
        "end",
        anchorOf("end", 1140, (run) => ({ size: run.places.get("ballot 11, re-vote 1")! })),
      ),
  },
  {
    part: "9c",
    what: "opened before its time",
    script: (s) => replaced(s, "open: anchor", anchorStep("open: anchor", opens - 10)),
  },
  {
    part: "9c",
    what: "an act that says another time",
    script: (s) =>
      replaced(
        s,
        "resume: propose",
        proposeStep("resume: propose", () => resume(70 + 310), 0),
      ),
  },
  {
    part: "9d",
    what: "an extension too late",
    script: (s) => after(s, "new pages", ...actSteps("late", () => extend(765, 5), { at: t(765) })),
  },
  {
    part: "9d",
    what: "an extension beyond the bound",
    script: (s) =>
      replaced(
        s,
        "extend again: propose",
        proposeStep("extend again: propose", () => extend(130, 190), 0),
      ),
  },
  {
    part: "9d",
    what: "more extensions than the bound",
    script: (s) => after(s, "extend again", ...actSteps("third", () => extend(140, 5), { at: t(140) })),
  },
  {
    part: "10a",
    what: "a proposal signed for another place",
    script: (s) =>
      replaced(
        s,
        "notice: propose",
        entry("notice: propose", (run) =>
          proposeAct({ ...placeOf(run), last: bytesOf("other") }, notice(), officialOf(0)),
        ),
      ),
  },
  {
    part: "10a",
    what: "a confirmation signed for another proposal",
    script: (s) =>
      replaced(
        s,
        "notice",
        entry("notice", (run) =>
          confirmAct({ ...placeOf(run), last: bytesOf("other") }, proposalOf(run, "notice: propose"), officialOf(1)),
        ),
      ),
  },
  {
    part: "10a",
    what: "a proposal that another act has outdated",
    script: (s) => {
      const steps = [anchorStep("stale: anchor", t(210)), confirmStep("stale", "stale: propose", 1)];
      return after(before(s, "notice: propose", proposeStep("stale: propose", notice, 0)), "notice", ...steps);
    },
  },
  {
    part: "10b",
    what: "proposed and confirmed by one official",
    script: (s) =>
      replaced(
        s,
        "notice",
        entry("notice", (run) => {
          const { leafHash, proposal } = proposalOf(run, "notice: propose");
          return confirmAct(placeOf(run), { leafHash, proposal: { ...proposal, official: 9 } }, officialOf(0));
        }),
      ),
  },
  {
    part: "10b",
    what: "a confirmation of a proposal that is not there",
    script: (s) =>
      replaced(
        s,
        "notice",
        entry("notice", (run) =>
          confirmAct(
            placeOf(run),
            { ...proposalOf(run, "notice: propose"), leafHash: bytesOf("other") },
            officialOf(1),
          ),
        ),
      ),
  },
  { part: "10b", what: "a confirmation as another act", script: (s) => replaced(s, "notice", otherAct()) },
  { part: "10c", what: "an assertion of another origin", script: opened({ origin: "https://evil.example" }) },
  { part: "10c", what: "an assertion of another relying party", script: opened({ rpId: "evil.example" }) },
  { part: "10c", what: "an assertion without user verification", script: opened({ flags: 1 }) },
  { part: "10c", what: "an assertion of another challenge", script: opened({ challenge: bytesOf("other") }) },
  { part: "10c", what: "an assertion inside a frame", script: opened({ crossOrigin: true }) },
  {
    part: "10d",
    what: "withdrawn by a third official",
    script: (s) => replaced(s, "withdraw", withdrawStep("withdraw", "extend again", 2)),
  },
  {
    part: "10d",
    what: "withdrawn after it took effect",
    script: (s) => after(s, "new witnesses in force", withdrawStep("too late", "extend", 1)),
  },
  {
    part: "10d",
    what: "withdrawn twice",
    script: (s) => after(s, "withdraw", withdrawStep("again", "extend again", 0)),
  },
  { part: "10d", what: "a pause withdrawn", script: (s) => after(s, "pause", withdrawStep("no pause", "pause", 1)) },
];

/** An audit report's payload as it will be, too early. */
const auditReport = (): Step =>
  entry("audit early", (run) =>
    signAuditReport(run.state.election!, { values: [null, null], sample: [], findings: [] }, [null, null]),
  );

const otherAct = (): Step =>
  entry("notice", async (run) => ({
    ...(await confirmAct(placeOf(run), proposalOf(run, "notice: propose"), officialOf(1))),
    type: EntryType.resume,
  }));

/** Appends the payload of an earlier step once more. */
function repeat(run: Run, name: string): void {
  const bytes = run.record.entries[run.places.get(name)!]!;
  run.append({ type: bytes[1]!, payload: bytes.slice(42) });
}
