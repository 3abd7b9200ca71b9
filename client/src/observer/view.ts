/** What the observers' page shows of a definition. */
import type { Election } from "@hanpyo/bulletin-board";
import { bytesToHex } from "@hanpyo/crypto";
import { shortNames } from "../ui/names.ts";
import type { ObservedElection } from "./messages.ts";

const nameOf = (verifierKey: string): string => verifierKey.split("+")[0]!;

export const observedElection = ({ id, definition }: Election): ObservedElection => ({
  origin: definition.origin,
  id: bytesToHex(id),
  title: definition.title,
  text: definition.text,
  rehearsal: definition.rehearsal,
  opens: definition.schedule.opens,
  closes: definition.schedule.closes,
  classes: definition.classes.map(({ group, weight, certified }) => ({
    title: definition.groups[group]!.title,
    weight,
    certified,
  })),
  contests: definition.contests.map(({ title, options, rule }) => ({ title, options, blank: rule.blank })),
  witnesses: shortNames(definition.witnesses.map(nameOf)),
  quorum: definition.witnessQuorum,
});
