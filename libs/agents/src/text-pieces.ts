/** A text in pieces of a word each, as models say them; the blanks before a word go with it. */
export function piecesOf(text: string): { piece: string; offset: number }[] {
  return [...text.matchAll(/\s*\S+|\s+$/g)].map(({ 0: piece, index: offset }) => ({ piece, offset }));
}
