/** Checks 1–3: form, chain and tree, checkpoint. */
import { concatBytes } from "@hanpyo/crypto";
import { encodeVkey, keyType, verifierKey } from "../../../log/index.ts";
import { proposal } from "../../../record/acts.ts";
import { EntryType } from "../../../record/entry-types.ts";
import { decodeRecord, encodeRecord } from "../../../record/schema/cbor.ts";
import { opens } from "../definition.ts";
import { bytesOf, logParty, origin } from "../keys.ts";
import type { Run, Step } from "../run.ts";
import { newWitnesses } from "../script.ts";
import { actSteps, anchorStep, entry, proposeStep, step } from "../steps.ts";
import { after, altered, enveloped, replaced, type Tamper, without } from "../tamper.ts";

const stray = (type: number, payload: Uint8Array): Step => entry("stray", () => ({ type, payload }));

/** The same map with a length in two bytes. */
const longHead = (payload: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0xb8, payload[0]! - 0xa0), payload.subarray(1));

/** A note whose n-th signature line does not hold. */
export function brokenLine(note: string, line: number): string {
  const lines = note.split("\n");
  const at = lines.findIndex((each) => each.startsWith("— ")) + line;
  const text = lines[at]!;
  const middle = text.length - 20;
  lines[at] = text.slice(0, middle) + (text[middle] === "A" ? "B" : "A") + text.slice(middle + 1);
  return lines.join("\n");
}

export const formCases: readonly Tamper[] = [
  {
    part: "1a",
    what: "an entry of another version",
    script: (s) =>
      after(s, "notice", {
        name: "stray",
        act: (run: Run) => {
          run.envelope = { bytes: (honest) => honest.with(0, 2) };
          run.append({ type: EntryType.close, payload: Uint8Array.of(0xa0) });
        },
      }),
  },
  {
    part: "1a",
    what: "an entry shorter than its header",
    script: (s) =>
      after(s, "notice", {
        name: "stray",
        act: (run: Run) => {
          run.envelope = { bytes: () => Uint8Array.of(1, 18) };
          run.append({ type: EntryType.ballot, payload: new Uint8Array(0) });
        },
      }),
  },
  {
    part: "1a",
    what: "a proposal not in its canonical encoding",
    script: (s) => altered(s, "notice: propose", longHead),
    stops: true,
  },
  {
    part: "1a",
    what: "a ballot with a byte behind it",
    script: (s) => altered(s, "ballot 5", (payload) => concatBytes(payload, Uint8Array.of(0))),
  },
  {
    part: "1a",
    what: "a close with a field",
    stops: true,
    script: (s) => altered(s, "close", () => Uint8Array.of(0xa1, 0x61, 0x61, 0)),
  },
  {
    part: "1a",
    what: "an act whose body does not decode",
    script: (s) =>
      altered(s, "notice: propose", (payload) => {
        const read = decodeRecord(proposal, payload);
        if (!read.ok) throw new Error(read.error);
        return encodeRecord(proposal, { ...read.value, body: Uint8Array.of(0xa0) });
      }),
  },
  { part: "1b", what: "an entry of type 99", script: (s) => after(s, "notice", stray(99, Uint8Array.of(0xa0))) },
  {
    part: "1b",
    what: "a pass in the record",
    script: (s) => after(s, "notice", stray(EntryType.pass, Uint8Array.of(0xa0))),
  },
  {
    part: "1b",
    what: "a proposal of something that is no act",
    script: (s) =>
      altered(without(s, "notice"), "notice: propose", (payload) => {
        const read = decodeRecord(proposal, payload);
        if (!read.ok) throw new Error(read.error);
        return encodeRecord(proposal, { ...read.value, act: EntryType.ballot });
      }),
  },
  { part: "1c", what: "an entry that says another index", script: (s) => enveloped(s, "notice", { index: 7 }) },
  {
    part: "1d",
    what: "an entry of 60,001 bytes",
    script: (s) =>
      after(s, "notice", {
        name: "stray",
        act: (run: Run) => {
          run.envelope = { bytes: (honest) => concatBytes(honest, new Uint8Array(60_001 - honest.length)) };
          run.append({ type: EntryType.ballot, payload: new Uint8Array(0) });
        },
      }),
  },
  {
    part: "1e",
    what: "the policy is missing",
    publish: (run) => {
      const policy = Buffer.from(run.state.definition!.policy).toString("hex");
      return { document: (hash, honest) => (hash === policy ? undefined : honest) };
    },
  },
  {
    part: "1e",
    what: "the bitmap is another document",
    publish: (run) => {
      const bitmap = Buffer.from(run.state.count!.message.bitmap).toString("hex");
      return { document: (hash, honest) => (hash === bitmap ? new Uint8Array(3) : honest) };
    },
  },
  {
    part: "2a",
    what: "an entry that names another predecessor",
    script: (s) => enveloped(s, "notice", { prev: bytesOf("other") }),
  },
  {
    part: "2a",
    what: "a first entry of another origin",
    script: (s) => enveloped(s, "definition", { prev: bytesOf("other") }),
  },
  {
    part: "2b",
    what: "a checkpoint of another root, signed by all",
    publish: (run) => ({ checkpoint: run.checkpoint("record", { root: bytesOf("other") }) }),
  },
  {
    part: "2c",
    what: "an anchor of another root, signed by all",
    script: (s) => replaced(s, "anchor at 870", anchorStep("anchor at 870", opens + 870, { root: bytesOf("other") })),
  },
  {
    part: "3a",
    what: "a checkpoint of another origin, signed by that one's key",
    publish: (run) => ({ checkpoint: run.checkpoint("record", { origin: "other.example/rehearsal" }) }),
  },
  {
    part: "3b",
    what: "the board's signature does not hold",
    publish: (run) => ({ checkpoint: run.checkpoint("record", { text: (note) => brokenLine(note, 0) }) }),
  },
  {
    part: "3c",
    what: "two cosignatures",
    publish: (run) => ({ checkpoint: run.checkpoint("record", { witnesses: [1, 2] }) }),
  },
  {
    part: "3c",
    what: "a witness that was replaced makes up the quorum",
    publish: (run) => ({ checkpoint: run.checkpoint("record", { witnesses: [1, 2, 4] }) }),
  },
  {
    part: "3d",
    what: "new witnesses of whom two dishonest ones can fork",
    script: (s) =>
      replaced(
        s,
        "witness change: propose",
        proposeStep("witness change: propose", () => newWitnesses([1, 2, 3, 5], 2), 0),
      ),
  },
  {
    part: "3d",
    what: "fewer than a quorum of the witnesses stay",
    stops: true,
    script: (s) =>
      replaced(
        s,
        "witness change: propose",
        proposeStep("witness change: propose", () => newWitnesses([1, 2, 5, 6]), 0),
      ),
  },
  {
    part: "3d",
    what: "one new witness counted twice",
    script: (s) =>
      replaced(
        s,
        "witness change: propose",
        proposeStep("witness change: propose", () => newWitnesses([1, 2, 5, 5]), 0),
      ),
  },
  {
    part: "3d",
    what: "the log as its own witness",
    script: (s) =>
      replaced(
        s,
        "witness change: propose",
        proposeStep(
          "witness change: propose",
          () => {
            const { type, body } = newWitnesses([1, 2, 3]);
            const itself = verifierKey("itself.example", keyType.cosignature, logParty(origin).key.publicKey);
            return { type, body: { ...body, witnesses: [...body.witnesses, encodeVkey(itself)] } };
          },
          0,
        ),
      ),
  },
  {
    part: "3d",
    what: "a change of witnesses before the last one is in force",
    script: (s) => {
      const [propose, , confirm] = actSteps("second change", () => newWitnesses([1, 2, 3, 6]), { at: opens + 310 });
      const anchor = step("second change: anchor", (run) => {
        run.now = opens + 310;
        const size = run.places.get("witness change: anchor")! + 1;
        run.append({ type: EntryType.anchor, payload: run.anchorPayload({ size }) });
      });
      return after(s, "witness change", propose!, anchor, confirm!);
    },
  },
];
