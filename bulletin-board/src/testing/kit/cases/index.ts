/** All tampered records, by chapter. */
import { ballotCases } from "./ballots.ts";
import { ceremonyCases } from "./ceremony.ts";
import { definitionCases } from "./definition.ts";
import { formCases } from "./form.ts";
import { orderCases } from "./order.ts";
import { paperCases } from "./papers.ts";
import { passCases } from "./passes.ts";
import { tallyCases } from "./tally.ts";

export const chapters = {
  form: formCases,
  definition: definitionCases,
  ceremony: ceremonyCases,
  order: orderCases,
  ballots: ballotCases,
  passes: passCases,
  tally: tallyCases,
  papers: paperCases,
} as const;
