import type { AgentPrompt } from './agent-prompt.js';
import { splitClaims, type Claim } from './citation.js';
import { isRefusal } from './extractive-answer.js';
import { passageStems, readPassage, type PassageText } from './passage-sentence.js';
import { hasTerm, questionTerms, uncoveredWords } from './question-terms.js';
import { contentStems } from './words.js';

/** The share of a claim's words that its passages must have. */
const MIN_SUPPORT = 0.6;
const UNSUPPORTED = '- Unsupported: ';

/** Checks each claim of the draft against the passages that it cites; lists what they do not support and what none of them covers. */
export function reviewDraft({ question, passages, draft }: AgentPrompt): string {
  if (draft === undefined) return 'There is no draft to review.';
  const texts = passages.map(readPassage);
  const claims = isRefusal(draft) ? [] : splitClaims(draft);
  const unsupported = claims.filter((claim) => !isSupported(claim, texts));
  const uncovered = uncoveredWords(questionTerms(question, texts), texts);
  const verdict =
    claims.length === 0
      ? 'The draft makes no claim.'
      : `${claims.length - unsupported.length} of ${claims.length} claims are supported by the passages they cite.`;
  return [
    verdict,
    ...unsupported.map((claim) => `${UNSUPPORTED}${claim.text}`),
    ...(uncovered.length === 0 ? [] : [`- Words of the question in no passage: ${uncovered.join(', ')}`]),
  ].join('\n');
}

/** The claims that a review of {@link reviewDraft} found unsupported. */
export function unsupportedClaims(review: string): Set<string> {
  return new Set(
    review
      .split('\n')
      .filter((line) => line.startsWith(UNSUPPORTED))
      .map((line) => line.slice(UNSUPPORTED.length)),
  );
}

/** A claim without a citation is unsupported, and so is one with a number that its passages do not have. */
function isSupported(claim: Claim, passages: readonly PassageText[]): boolean {
  const cited = passages.filter((passage) => claim.citations.includes(passage.n));
  const known = new Set(cited.flatMap((passage) => [...passageStems(passage)]));
  const stems = contentStems(claim.text);
  if (cited.length === 0 || stems.some((root) => /\d/.test(root) && !known.has(root))) return false;
  return stems.filter((root) => hasTerm(known, root)).length >= stems.length * MIN_SUPPORT;
}
