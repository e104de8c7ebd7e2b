/** Up to four letters or digits, or one other character; blanks count nothing. */
const TOKEN = /[\p{L}\p{N}]{1,4}|[^\s\p{L}\p{N}]/gu;

/** The tokens of a text as the local model counts them: about what real tokenisers give for English. */
export function countTokens(text: string): number {
  return text.match(TOKEN)?.length ?? 0;
}

/** The beginning of a text, at most `limit` tokens long; `limit` is at least 1. */
export function firstTokens(text: string, limit: number): string {
  let count = 0;
  for (const token of text.matchAll(TOKEN)) {
    count += 1;
    if (count === limit) return text.slice(0, token.index + token[0].length);
  }
  return text;
}
