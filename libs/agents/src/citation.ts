import { splitSentences, withoutSources } from '@baton/core';

/** A sentence of an answer with the numbers of the passages that it names as its sources. */
export interface Claim {
  text: string;
  citations: number[];
}

/** Begins where the blanks begin: a try at each of them would make a long run of blanks slow. */
const CITATIONS = /(?<!\s)(?:\s*\[\d+(?:\s*,\s*\d+)*\])+/g;

/** The numbers of the passages that a text cites, as `[1]`, `[1][3]` or `[1, 3]`, in ascending order. */
export function citedNumbers(text: string): number[] {
  const numbers = [...text.matchAll(CITATIONS)].flatMap(([marks]) => [...marks.matchAll(/\d+/g)].map(Number));
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

/** The sentences of an answer, in order. A citation belongs to the sentence before it; the list of sources is left out. */
export function splitClaims(answer: string): Claim[] {
  const text = withoutSources(answer);
  const claims: Claim[] = [];
  let start = 0;
  for (const match of [...text.matchAll(CITATIONS), null]) {
    const sentences = splitSentences(text.slice(start, match?.index).replace(/^[\s.,;]+/, ''));
    claims.push(...sentences.map((sentence) => ({ text: sentence, citations: [] })));
    if (match === null) break;
    if (sentences.length > 0) claims.at(-1)!.citations = citedNumbers(match[0]);
    start = match.index + match[0].length;
  }
  return claims;
}

/** A claim as it stands in an answer. */
export function writeClaim({ text, citations }: Claim): string {
  return citations.length === 0 ? text : `${text} ${citations.map((n) => `[${n}]`).join('')}`;
}

/** The text with its citations under other numbers; those of numbers that are not known are left out. */
export function renumberCitations(text: string, numbers: ReadonlyMap<number, number>): string {
  return text.replaceAll(CITATIONS, (marks) => {
    const cited = citedNumbers(marks).flatMap((n) => numbers.get(n) ?? []);
    return cited.map((n, index) => `${index === 0 && /^\s/.test(marks) ? ' ' : ''}[${n}]`).join('');
  });
}
