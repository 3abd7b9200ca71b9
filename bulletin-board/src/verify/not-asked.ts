/** Which parts a record does not answer yet, and why. */
import { type CheckPart, checkOf, checkParts } from "../record/checks.ts";
import type { ElectionState } from "../record/state.ts";
import { abortedReason } from "./report.ts";

export function notAsked(
  state: ElectionState,
  given: { readonly papers: ReadonlySet<"receipts" | "acknowledgements" | "refusals">; readonly client: boolean },
): Map<CheckPart, string> {
  const reasons = new Map<CheckPart, string>();
  const because = (why: string, ...parts: readonly CheckPart[]): void => {
    for (const part of parts) if (!reasons.has(part)) reasons.set(part, why);
  };
  if (!state.definition) {
    const form: readonly CheckPart[] = ["1a", "1b", "1c", "1d", "1e", "2a", "2b", "3a", "4a"];
    because("there is no valid definition to judge by", ...checkParts.filter((part) => !form.includes(part)));
  }
  if (!state.anchor) because("the record has no anchor yet", "2c", "9a");
  if (!state.ceremonies[0].completed) because("the key ceremony is not complete", "6f", "6g", "7a", "7b");
  if (!state.context) {
    const why = "the election is not open yet";
    because(
      why,
      "5a",
      "5b",
      "5c",
      "5d",
      "7a",
      "7b",
      "9b",
      "9d",
      "11a",
      "11b",
      "11c",
      "11d",
      "12a",
      "12b",
      "12c",
      "12d",
    );
    because(why, "13a", "14a", "15a", "15b", "16a", "16b", "17a", "17b", "18d");
  }
  if (state.phase === "aborted") {
    const never: readonly CheckPart[] = checkParts.filter((part) => checkOf(part) >= 19 && checkOf(part) <= 23);
    because(abortedReason, "18e", "18g", ...never);
  } else {
    if (state.passesFrozen === null) because("the election is not closed yet", "18e");
    if (!state.count) because("the ballots are not counted yet", "19a", "19b");
    if (!state.tally) because("there is no encrypted tally yet", "20a", "20b");
    if (!state.result) because("there is no result yet", "21a", "21b", "21c", "22a", "22b", "22c", "23a");
    if (state.definition?.auditors.length && !state.audit) because("the auditors have not reported yet", "18g");
  }
  if (!given.client) because("no served pages were given to compare", "24a");
  if (!given.papers.has("receipts")) because("no receipts were given", "25a");
  if (!given.papers.has("acknowledgements")) because("no acknowledgements were given", "25b");
  if (!given.papers.has("refusals")) because("no refusals were given", "25c");
  return reasons;
}
