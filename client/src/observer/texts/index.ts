import { language } from "../../ui/language.svelte.ts";
import { en } from "./en.ts";
import { ko } from "./ko.ts";

export const texts = { ko, en };

/** The observers' words in the page's language. */
export const words = (): (typeof texts)["en"] => texts[language.current];
