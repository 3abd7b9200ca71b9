/** Codes as a person types them: groups of four, capitals, O read as 0 and I and L as 1 (docs/protocol.md 5 and 7.1). */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const FOLDED: Readonly<Record<string, string>> = { O: "0", I: "1", L: "1" };

/** The characters that count, in capitals and folded; other letters and signs are kept so that they can be named. */
export const foldCode = (typed: string): string =>
  [...typed.normalize("NFKC").toUpperCase()]
    .filter((it) => !/[\s\p{Pd}_.·]/u.test(it))
    .map((it) => FOLDED[it] ?? it)
    .join("");

/** In groups of four, as it is printed. */
export const groupCode = (folded: string): string => folded.match(/.{1,4}/gu)?.join("-") ?? "";

export type CodeFault =
  | { readonly kind: "length"; readonly typed: number }
  | { readonly kind: "character"; readonly character: string };

/** What is wrong with the form of a code, or null. A wrong character is told before a wrong length. */
export function codeFault(typed: string, length: number): CodeFault | null {
  const folded = [...foldCode(typed)];
  const stranger = folded.find((it) => !ALPHABET.includes(it));
  if (stranger !== undefined) return { kind: "character", character: stranger };
  return folded.length === length ? null : { kind: "length", typed: folded.length };
}
