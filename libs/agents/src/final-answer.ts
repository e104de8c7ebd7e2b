import { withoutSources } from '@baton/core';
import type { AgentPrompt } from './agent-prompt.js';
import { citedNumbers, splitClaims, writeClaim } from './citation.js';
import { unsupportedClaims } from './claim-review.js';
import { extractAnswer, isRefusal } from './extractive-answer.js';

/** The draft, or several of them in one, without what the review found unsupported, its citations kept, then the passages cited as a list of sources. */
export function finishAnswer(prompt: AgentPrompt): string {
  const drafts = withoutSources(prompt.draft ?? extractAnswer(prompt)).split('\n\n');
  const answers = drafts.filter((draft) => !isRefusal(draft));
  if (answers.length === 0) return drafts[0]!;
  const said = unsupportedClaims(prompt.review ?? '');
  // Also what another draft has said.
  const paragraphs = answers.map((draft) => splitClaims(draft).filter(({ text }) => !said.has(text) && said.add(text)));
  const left = paragraphs.filter((claims) => claims.length > 0);
  if (left.length === 0) return 'The passages do not answer this question: the review left no claim of the draft.';
  const answer = left.map((claims) => claims.map(writeClaim).join(' ')).join('\n\n');
  const cited = citedNumbers(answer);
  const sources = prompt.passages.filter(({ n }) => cited.includes(n)).map(({ n, title }) => `[${n}] ${title}`);
  return sources.length === 0 ? answer : `${answer}\n\nSources:\n${sources.join('\n')}`;
}
