/** What the page shows of a definition. */
import type { DefinitionBody } from "@hanpyo/bulletin-board";
import type { Bilingual } from "../ui/language.svelte.ts";
import type { ElectionView } from "./messages.ts";

export const electionView = (body: DefinitionBody): ElectionView => ({
  origin: body.origin,
  title: body.title,
  text: body.text,
  rehearsal: body.rehearsal,
  opens: body.schedule.opens,
  closes: body.schedule.closes,
  revote: body.revote,
  registrars: { names: body.registrars.map((it) => it.name), quorum: body.quorum },
  witnesses: { count: body.witnesses.length, quorum: body.witnessQuorum },
  contests: body.contests.map(({ title, text, options, rule }) => ({ title, text, options, rule })),
});

/** The name of a class's constituency. */
export const placeOf = (body: DefinitionBody, classIndex: number): Bilingual =>
  body.groups[body.classes[classIndex]!.group]!.title;
