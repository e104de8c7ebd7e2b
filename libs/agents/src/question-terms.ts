import { passageStems, type PassageText } from './passage-sentence.js';
import { isStopWord, splitWords, stem } from './words.js';

/** A word that a question is about; it weighs more the rarer it is in the passages at hand. */
export interface QuestionTerm {
  word: string;
  stem: string;
  weight: number;
}

/** The terms of a question, each once. Weights are inverse sentence frequencies. */
export function questionTerms(question: string, passages: readonly PassageText[]): QuestionTerm[] {
  const sentences = passages.flatMap((passage) => passage.sentences);
  const words = splitWords(question);
  const telling = words.filter((word) => !isStopWord(word));
  const byStem = new Map((telling.length > 0 ? telling : words).map((word) => [stem(word), word]));
  return [...byStem].map(([root, word]) => {
    const frequency = sentences.filter(({ stems }) => hasTerm(stems, root)).length;
    return { word, stem: root, weight: Math.log(1 + (sentences.length + 1) / (Math.max(frequency, 1) + 0.5)) };
  });
}

/** Whether the stems hold this one, or one that begins like it (`cancel`, `cancellation`). */
export function hasTerm(stems: ReadonlySet<string>, root: string): boolean {
  if (stems.has(root)) return true;
  if (root.length < 5) return false;
  for (const other of stems) {
    if (other.length >= 5 && (other.startsWith(root) || root.startsWith(other))) return true;
  }
  return false;
}

/** The share of the question, by weight, that one passage speaks of: 0 to 1. */
export function coverage(terms: readonly QuestionTerm[], passage: PassageText): number {
  const stems = passageStems(passage);
  const total = terms.reduce((sum, term) => sum + term.weight, 0);
  const covered = terms.reduce((sum, term) => sum + (hasTerm(stems, term.stem) ? term.weight : 0), 0);
  return total === 0 ? 0 : covered / total;
}

/** Words of the question that no passage has. */
export function uncoveredWords(terms: readonly QuestionTerm[], passages: readonly PassageText[]): string[] {
  const stems = new Set(passages.flatMap((passage) => [...passageStems(passage)]));
  return terms.filter((term) => !hasTerm(stems, term.stem)).map((term) => term.word);
}
