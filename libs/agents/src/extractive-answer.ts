import type { AgentPrompt } from './agent-prompt.js';
import { writeClaim } from './citation.js';
import { readPassage, type PassageSentence, type PassageText } from './passage-sentence.js';
import { coverage, hasTerm, questionTerms, uncoveredWords, type QuestionTerm } from './question-terms.js';

const MAX_SENTENCES = 3;
/** A passage that speaks of less of the question than this does not answer it. */
const MIN_COVERAGE = 0.4;
/** A sentence this much weaker than the best one adds nothing. */
const MIN_SHARE_OF_BEST = 0.5;
/** What a sentence gets of a match in its headings, and of the sentence before it, which it often goes on from. */
const HEADING_SHARE = 0.5;
const NEIGHBOUR_SHARE = 0.4;
/** What a passage loses for each better ranked one. */
const RANK_LOSS = 0.1;

/** How an answer begins that says that there is none. */
const NO_ANSWER = 'The passages do not answer this question';

interface Candidate {
  passage: PassageText;
  sentence: PassageSentence;
  position: number;
  score: number;
}

/** Answers with the sentences of the passages that say most about the question, each cited; or says that none does. */
export function extractAnswer({ question, passages }: Pick<AgentPrompt, 'question' | 'passages'>): string {
  const texts = passages.map(readPassage);
  const terms = questionTerms(question, texts);
  const answering = texts.filter((passage) => coverage(terms, passage) >= MIN_COVERAGE);
  const best = pickBest(answering.flatMap((passage) => rateSentences(passage, terms, texts.indexOf(passage))));
  if (best.length === 0) return refuse(terms, texts);
  return best.map(({ sentence, passage }) => writeClaim({ text: sentence.text, citations: [passage.n] })).join(' ');
}

/** Whether a text is an honest "no answer" of {@link extractAnswer}. */
export function isRefusal(text: string): boolean {
  return text.startsWith(NO_ANSWER);
}

function refuse(terms: readonly QuestionTerm[], passages: readonly PassageText[]): string {
  if (passages.length === 0) return `${NO_ANSWER}: none was found.`;
  const missing = uncoveredWords(terms, passages);
  return missing.length === 0 ? `${NO_ANSWER}.` : `${NO_ANSWER}: none of them mentions ${missing.join(', ')}.`;
}

function rateSentences(passage: PassageText, terms: readonly QuestionTerm[], rank: number): Candidate[] {
  const own = passage.sentences.map(({ stems }) =>
    terms.reduce((sum, term) => {
      if (hasTerm(stems, term.stem)) return sum + term.weight;
      return hasTerm(passage.headingStems, term.stem) ? sum + term.weight * HEADING_SHARE : sum;
    }, 0),
  );
  const relevance = coverage(terms, passage) * Math.max(1 - rank * RANK_LOSS, 0.5);
  return passage.sentences.map((sentence, position) => ({
    passage,
    sentence,
    position,
    score: (own[position]! + (own[position - 1] ?? 0) * NEIGHBOUR_SHARE) * relevance,
  }));
}

/** The best few, each text once, told in the order of their passages: the one with the best sentence first. */
function pickBest(candidates: readonly Candidate[]): Candidate[] {
  const ranked = candidates.toSorted((a, b) => b.score - a.score || a.passage.n - b.passage.n || a.position - b.position);
  const floor = (ranked[0]?.score ?? 0) * MIN_SHARE_OF_BEST;
  const texts = new Set<string>();
  const picked = ranked
    .filter(({ sentence, score }) => score > 0 && score >= floor && !texts.has(sentence.text) && texts.add(sentence.text))
    .slice(0, MAX_SENTENCES);
  const order = [...new Set(picked.map(({ passage }) => passage))];
  return picked.toSorted((a, b) => order.indexOf(a.passage) - order.indexOf(b.passage) || a.position - b.position);
}
