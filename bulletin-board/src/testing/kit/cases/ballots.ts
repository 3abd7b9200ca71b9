/** Checks 11–17: ballots. */
import type { BallotCore } from "@hanpyo/crypto";
import { EntryType } from "../../../record/entry-types.ts";
import { keyPairOf, scalarOf } from "../keys.ts";
import type { Run } from "../run.ts";
import { entry } from "../steps.ts";
import { flipped } from "../tally-steps.ts";
import { after, replaced, type Tamper } from "../tamper.ts";
import {
  ballotName,
  ballotStep,
  type CastChanges,
  castBallot,
  choicesOf,
  type Header,
  proveWith,
  signedPasses,
  voters,
} from "../voters.ts";

const cast = (part: Tamper["part"], what: string, changes: CastChanges, voter = 5, turn = 0): Tamper => ({
  part,
  what,
  script: (s) => replaced(s, ballotName(voter, turn), ballotStep(voter, turn, changes)),
  // Ciphertexts that cannot be added, or that open to nothing, leave no result to compute.
  stops: part === "11b" || part === "11c",
});

type Field = keyof BallotCore["contests"][number];
/** A byte string of a contest changed. */
const bent = (contest: number, field: Field, change: (bytes: Uint8Array) => Uint8Array): CastChanges => ({
  bend: (core) => ({
    ...core,
    contests: core.contests.map((block, i) => (i === contest ? { ...block, [field]: change(block[field]) } : block)),
  }),
});
const put = (at: number, bytes: Uint8Array) => (whole: Uint8Array) => {
  const copy = whole.slice();
  copy.set(bytes, at);
  return copy;
};
const identity = new Uint8Array(32);
const notCanonical = new Uint8Array(32).fill(0xff);

const own = ({ pseudonym }: Header, contest: number, option: number): bigint =>
  scalarOf(`${pseudonym}/${contest}/${option}`);
/** Values that the rule forbids, under the best proofs there are. */
const values = (...choices: readonly (readonly number[])[]): CastChanges => ({
  core: (context, header) => proveWith(context, header, choices, (contest, option) => own(header, contest, option)),
});

/** The entry of a step once more. */
const repeated = (name: string) =>
  entry("repeated", (run: Run) => ({
    type: EntryType.ballot,
    payload: run.record.entries[run.places.get(name)!]!.slice(42),
  }));

export const ballotCases: readonly Tamper[] = [
  cast("11a", "a class that is not there", { bend: (core) => ({ ...core, class: 7 }) }),
  cast("11a", "a contest missing", { bend: (core) => ({ ...core, contests: core.contests.slice(1) }) }),
  cast(
    "11b",
    "a ciphertext too many",
    bent(0, "ciphertexts", (bytes) => new Uint8Array([...bytes, ...bytes.slice(0, 64)])),
  ),
  cast(
    "11b",
    "a response missing",
    bent(1, "responses", (bytes) => bytes.slice(32)),
  ),
  cast("11c", "the identity as R", bent(1, "ciphertexts", put(64, identity))),
  cast("11c", "a commitment that is no point", bent(2, "commitments", put(32, notCanonical))),
  cast("11c", "the identity as checker", { bend: (core) => ({ ...core, checker: identity }) }),
  cast("11d", "a response above the group order", bent(0, "responses", put(0, notCanonical))),
  cast("12a", "two passes", { registrars: [1, 2] }),
  cast("12a", "four passes", { registrars: [1, 2, 3, 4] }),
  cast("12a", "passes not ascending", { registrars: [2, 1, 3] }),
  cast("12a", "one registrar's pass twice", { registrars: [1, 1, 2] }),
  cast("12a", "a registrar that is not there", {
    passes: (honest) => honest.map((pass, i) => (i === 2 ? { ...pass, registrar: 9 } : pass)),
  }),
  cast("12a", "a re-vote with passes", { registrars: [1, 2, 3] }, 6, 1),
  cast("12b", "a pass that does not hold", {
    passes: (honest) =>
      honest.map((pass, i) => (i === 1 ? { ...pass, signature: flipped(pass.signature, 100) } : pass)),
  }),
  {
    part: "12b",
    what: "the passes of another pseudonym",
    script: (s) =>
      replaced(
        s,
        "ballot 5",
        entry("ballot 5", (run) => {
          const passes = () => signedPasses(run, voters[4]!, [1, 2, 3]);
          return castBallot(run, voters[5]!, choicesOf(voters[5]!, 5), { passes });
        }),
      ),
  },
  cast("12c", "a re-vote in another class", { class: 0 }, 6, 1),
  {
    part: "12d",
    what: "a ballot more than maxBallots",
    script: (s) => after(s, "ballot 0, re-vote 2", ballotStep(0, 3)),
  },
  cast("13a", "signed by another pseudonym", { signer: keyPairOf("stranger") }),
  cast("13a", "a signature of other passes", {
    after: (ballot) => ({ ...ballot, signature: flipped(ballot.signature, 40) }),
  }),
  cast(
    "14a",
    "a response of an option changed",
    bent(0, "responses", (bytes) => flipped(bytes, 32)),
  ),
  cast("14a", "two votes on one option", values([2, 0, 0], [1, 0], [0, 0])),
  cast(
    "15a",
    "a response of the sum changed",
    bent(1, "responses", (bytes) => flipped(bytes, 6 * 32)),
  ),
  cast("15a", "both of two options", values([1, 0, 0], [1, 1], [0, 0])),
  cast("15a", "none of two options", values([1, 0, 0], [0, 0], [0, 0])),
  cast("15b", "a choice and a blank", values([1, 0, 1], [1, 0], [0, 0])),
  cast("15b", "neither choice nor blank", values([0, 0, 0], [1, 0], [0, 0])),
  cast("16a", "one randomness for two options", {
    core: (context, header, choices) =>
      proveWith(context, header, choices, (contest, option) => own(header, contest, contest === 0 ? 0 : option)),
  }),
  {
    part: "16b",
    what: "the first ciphertext's randomness of another ballot",
    script: (s) => {
      const shared: CastChanges = {
        core: (context, header, choices) =>
          proveWith(context, header, choices, (contest, option) =>
            contest === 0 && option === 0 ? scalarOf("shared") : own(header, contest, option),
          ),
      };
      return replaced(replaced(s, "ballot 4", ballotStep(4, 0, shared)), "ballot 5", ballotStep(5, 0, shared));
    },
  },
  cast("17a", "a re-vote that names no ballot before", { previous: null }, 6, 1),
  cast("17a", "a first ballot that names one before", { previous: new Uint8Array(32).fill(1) }),
  {
    part: "17a",
    what: "a re-vote that names the last but one",
    script: (s) =>
      replaced(
        s,
        "ballot 0, re-vote 2",
        entry("ballot 0, re-vote 2", (run) => {
          const first = run.deltas.find(({ entry: index }) => index === run.places.get("ballot 0"))!;
          return castBallot(run, voters[0]!, choicesOf(voters[0]!, 2), { previous: first.h });
        }),
      ),
  },
  { part: "17b", what: "a ballot recorded twice", script: (s) => after(s, "ballot 5", repeated("ballot 3")) },
  {
    part: "17b",
    what: "a replaced ballot recorded again",
    script: (s) => after(s, "ballot 0, re-vote 2", repeated("ballot 0, re-vote 1")),
  },
];
