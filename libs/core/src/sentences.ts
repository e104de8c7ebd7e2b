const ENDS_LATIN = /(?<=[.!?…][)"'”’\]]?)\s+(?=[\p{Lu}\p{N}"'“‘([`*])/u;
const ENDS_CJK = /(?<=[。！？])/u;

/**
 * Splits prose into sentences, in order; joined by spaces they are the text again, whitespace aside. A rule, not a grammar: a full stop
 * before a lower-case word (`e.g. this`) ends nothing.
 */
export function splitSentences(text: string): string[] {
  return text
    .split(ENDS_LATIN)
    .flatMap((part) => part.split(ENDS_CJK))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}
