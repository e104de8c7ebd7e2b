import { Mark } from '@mantine/core';
import { markWords } from './query-marks.js';

/** A text with the words of a query marked in it. */
export function MarkedText({ text, query }: { text: string; query: string }) {
  return markWords(text, query).map(({ text: part, isMarked }, place) => (isMarked ? <Mark key={place}>{part}</Mark> : part));
}
