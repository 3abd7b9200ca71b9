/** The language of the page: the resident's choice, else the browser's; Korean where neither says English. */
export type Language = "ko" | "en";
export interface Bilingual {
  readonly ko: string;
  readonly en: string;
}

const KEY = "hanpyo-language";

function initial(): Language {
  const chosen = stored();
  if (chosen) return chosen;
  const preferred = navigator.languages.find((it) => it.startsWith("ko") || it.startsWith("en"));
  return preferred?.startsWith("en") ? "en" : "ko";
}

function stored(): Language | null {
  const value = storage()?.getItem(KEY);
  return value === "ko" || value === "en" ? value : null;
}

/** Null where the browser forbids storage: then the choice lives as long as the page. */
function storage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

class LanguageChoice {
  current = $state<Language>(initial());
  /** Brings a page's words of a language, where it does not have them all from the start. */
  prepare: (language: Language) => Promise<void> = async () => undefined;
  #wanted = this.current;

  /** Stays with the language there is where the words of another do not come: that rejects. */
  async choose(language: Language): Promise<void> {
    this.#wanted = language;
    await this.prepare(language);
    if (this.#wanted !== language) return; // chosen otherwise in the meantime
    this.current = language;
    document.documentElement.lang = language;
    storage()?.setItem(KEY, language);
  }

  /** The text in the page's language. */
  of(text: Bilingual): string {
    return text[this.current];
  }
}

export const language = new LanguageChoice();
document.documentElement.lang = language.current;

/** Forgets the choice: part of leaving no trace. */
export const forgetLanguage = (): void => storage()?.removeItem(KEY);
