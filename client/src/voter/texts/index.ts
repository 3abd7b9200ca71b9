/** The resident's words: a language is fetched when it is wanted, so that nobody waits for the other one. */
import { type Language, language } from "../../ui/language.svelte.ts";
import type { Widen } from "../../ui/texts.ts";
import type { ko } from "./ko.ts";

type Words = Widen<typeof ko>;

const sources: Readonly<Record<Language, () => Promise<Words>>> = {
  ko: async () => (await import("./ko.ts")).ko,
  en: async () => (await import("./en.ts")).en,
};
const loaded = new Map<Language, Words>();

/** Before a language is shown, and before the page is. */
export async function loadWords(wanted: Language): Promise<void> {
  if (!loaded.has(wanted)) loaded.set(wanted, await sources[wanted]());
}
language.prepare = loadWords;

/** The words in the page's language; reading them in a component follows the language. */
export function words(): Words {
  const known = loaded.get(language.current);
  if (known === undefined) throw new Error(`the words of ${language.current} were not loaded`);
  return known;
}
