/** A passage without the blanks and rules that only lay out its tables: they say nothing where lines wrap. */
export function withoutLayout(text: string): string {
  return text.replaceAll(/(?<=\S)[ \t]{2,}/g, ' ').replaceAll(/-{4,}/g, '---');
}
