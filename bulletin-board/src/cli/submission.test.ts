import { ballotHash } from "@hanpyo/crypto";
import { expect, it } from "vitest";
import { type Ballot, encodeBallot } from "../record/ballot-entry.ts";
import { EntryType } from "../record/entry-types.ts";
import { submissionOf } from "../store/submission.ts";
import { SubmissionNamer } from "./submission.ts";

it("names ballots by h under the open entry's context, and everything else by type and bytes", () => {
  const key = (value: number): Uint8Array => new Uint8Array(32).fill(value);
  const contests = [{ ciphertexts: key(1), commitments: key(2), responses: key(3) }];
  const core: Ballot["core"] = { class: 0, pseudonym: key(4), previous: null, checker: key(5), contests };
  const payload = encodeBallot({ core, passes: [], signature: new Uint8Array(64) });
  const namer = new SubmissionNamer();
  const context = key(9);
  const open = { type: EntryType.open, payload: key(7), leafHash: context };
  const ballot = { type: EntryType.ballot, payload, leafHash: key(8) };
  expect(namer.nameOf(ballot)).toEqual(submissionOf(EntryType.ballot, payload));
  expect(namer.nameOf(open)).toEqual(submissionOf(EntryType.open, open.payload));
  expect(namer.nameOf(ballot)).toEqual(ballotHash(context, core));
  // A second signature on the same core is the same submission.
  const again = encodeBallot({ core, passes: [], signature: new Uint8Array(64).fill(1) });
  expect(namer.nameOf({ ...ballot, payload: again })).toEqual(ballotHash(context, core));
  expect(submissionOf(1, payload)).not.toEqual(submissionOf(2, payload));
});
