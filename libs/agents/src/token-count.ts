/** Up to four letters or digits, or one other character; the blanks before belong to it. */
const TOKEN = /\s*(?:[\p{L}\p{N}]{1,4}|[^\s\p{L}\p{N}])/gu;

/** The tokens of a text as the local model counts them: about what real tokenisers give for English. */
export function countTokens(text: string): number {
  return text.match(TOKEN)?.length ?? 0;
}

/** The beginning of a text, at most `limit` tokens long. */
export function firstTokens(text: string, limit: number): string {
  const tokens = text.match(TOKEN) ?? [];
  return tokens.length <= limit ? text : tokens.slice(0, limit).join('');
}
