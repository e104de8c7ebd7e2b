import type { JsonValue } from '@baton/core';

/** Characters of one result that a model is shown: about 8,000 tokens. */
export const MAX_RESULT_CHARS = 32_768;

/** The result itself, or the beginning of its JSON where that is too long for a conversation. */
export function boundResult(result: JsonValue, maxChars = MAX_RESULT_CHARS): JsonValue {
  const text = JSON.stringify(result ?? null);
  if (text.length <= maxChars) return result ?? null;
  return { truncated: true, chars: text.length, beginning: wholeCharacters(text.slice(0, maxChars)) };
}

/** Without half of a surrogate pair at the end. */
export function wholeCharacters(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed().replace(/\uFFFD$/, '');
}
