export interface MarkedPart {
  text: string;
  isMarked: boolean;
}

const MIN_CHARS = 3;
const WORD = /[\p{L}\p{N}]+/gu;

/** A text cut where words of a query stand in it. Words of two letters and fewer say nothing; endings may differ: `run` marks `running`. */
export function markWords(text: string, query: string): MarkedPart[] {
  const wanted = [...query.matchAll(WORD)].map(([word]) => stem(word)).filter((word) => word.length >= MIN_CHARS);
  const parts: MarkedPart[] = [];
  const add = (piece: string, isMarked: boolean): void => {
    if (piece !== '') parts.push({ text: piece, isMarked });
  };
  let at = 0;
  for (const { 0: word, index } of wanted.length === 0 ? [] : text.matchAll(WORD)) {
    if (!wanted.some((one) => word.toLowerCase().startsWith(one))) continue;
    add(text.slice(at, index), false);
    add(word, true);
    at = index + word.length;
  }
  add(text.slice(at), false);
  return parts;
}

/** Without the commonest endings, so that forms of one word meet. */
function stem(word: string): string {
  const short = word.toLowerCase().replace(/(?:ing|ed|es|s)$/u, '');
  return short.length >= MIN_CHARS ? short : word.toLowerCase();
}
