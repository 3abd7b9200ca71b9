import type { Language } from "./language.svelte.ts";

/** Names of witnesses without the ending they all share: `witness1` for `witness1.example.org` among others of that domain. */
export function shortNames(names: readonly string[]): readonly string[] {
  const labels = names.map((name) => name.split(/[./]/));
  const shortest = Math.min(...labels.map((it) => it.length));
  let shared = 0;
  while (shared < shortest - 1 && new Set(labels.map((it) => it.at(-1 - shared))).size === 1) shared += 1;
  return names.length < 2 ? names : labels.map((it) => it.slice(0, it.length - shared).join("."));
}

/** "A, B and C" in the language. */
export const listNames = (names: readonly string[], language: Language): string =>
  new Intl.ListFormat(language === "ko" ? "ko-KR" : "en-GB", { type: "conjunction" }).format(names);
