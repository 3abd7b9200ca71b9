/** Sentences of refusals: most people never see one, so that the worker fetches them for the first. */
import { type RefusalCode, refusals } from "@hanpyo/bulletin-board";
import type { Sentence } from "./messages.ts";

export const sentenceOf = (code: RefusalCode): Sentence => ({ code, sentence: refusals[code] });
