/** A pass seed as 24 BIP 39 words, Korean or English; loaded only when somebody asks for them. */
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";

const lists = {
  ko: () => import("@scure/bip39/wordlists/korean.js"),
  en: () => import("@scure/bip39/wordlists/english.js"),
};

export async function toWords(seed: Uint8Array, language: "ko" | "en"): Promise<readonly string[]> {
  const { wordlist } = await lists[language]();
  return entropyToMnemonic(seed, wordlist)
    .split(" ")
    .map((word) => word.normalize("NFC"));
}

/** The 32 bytes, or null where the words, their number, their order or their checksum are not right. */
export async function fromWords(typed: string): Promise<Uint8Array | null> {
  const words = typed.trim().toLowerCase().split(/\s+/u).join(" ").normalize("NFKD");
  const { wordlist } = await (/[a-z]/.test(words) ? lists.en() : lists.ko());
  try {
    const seed = mnemonicToEntropy(words, wordlist);
    return seed.length === 32 ? seed : null;
  } catch {
    return null; // the library's way of saying that the words are not right
  }
}
