import { citedNumbers, type Passage, RetrievalSchema } from '@baton/agents';
import { withoutSources, type JsonObject, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { readQuestion } from './node-config.js';

/** What of an agent's output another agent reads. */
const AgentOutputSchema = z
  .object({
    role: z.string(),
    answer: z.string(),
    data: z.object({ answer: z.string().optional(), feedback: z.string().optional() }).optional().catch(undefined),
  })
  .transform(({ role, answer, data }) => ({ role, answer: data?.answer ?? data?.feedback ?? answer }));

/** Roles that speak of the drafts of others. */
const REVIEWERS: ReadonlySet<string> = new Set(['review', 'assess']);

/** What a join of several nodes gives. */
const JoinedSchema = z.strictObject({ items: z.array(z.json()), failed: z.array(z.json()).optional() });

/** Characters of an input without a question that a model is shown. */
const MAX_INPUT_CHARS = 20_000;

/** What an agent is given to work on: the outputs of the nodes that it depends on. */
export interface AgentInput {
  question: string;
  passages: Passage[];
  draft: string | undefined;
  review: string | undefined;
}

/** Tells the outputs apart by their shape, so that the nodes of a workflow can have any id. Several drafts are read one after the other. */
export function readAgentInput(context: NodeContext): AgentInput {
  const outputs = Object.values(context.outputs).flatMap(partsOf);
  const retrievals = outputs.flatMap((output) => readAs(RetrievalSchema, 'passages', output) ?? []);
  const agents = outputs.flatMap((output) => readAs(AgentOutputSchema, 'answer', output) ?? []);
  const answers = (isWanted: (role: string) => boolean): string | undefined => {
    const wanted = agents.filter(({ role }) => isWanted(role));
    if (wanted.length <= 1) return wanted[0]?.answer;
    return wanted.map(({ answer }) => withoutSources(answer)).join('\n\n');
  };
  const [asked, ...others] = new Set(retrievals.map(({ question }) => question));
  const isOne = asked !== undefined && (others.length === 0 || isMute(context.input));
  return {
    question: isOne ? asked : questionOf(context.input),
    passages: numbered(retrievals.flatMap(({ passages }) => passages)),
    draft: answers((role) => !REVIEWERS.has(role)),
    review: answers((role) => REVIEWERS.has(role)),
  };
}

/** Under the numbers that they have, unless two have the same. */
function numbered(passages: readonly Passage[]): Passage[] {
  const isClear = new Set(passages.map(({ n }) => n)).size === passages.length;
  return passages.map((passage, index) => (isClear ? passage : { ...passage, n: index + 1 }));
}

/** The outputs that were joined into this one, or it alone. */
function partsOf(output: JsonValue): readonly JsonValue[] {
  return readAs(JoinedSchema, 'items', output)?.items ?? [output];
}

/** Most outputs are of another shape, which the key that this one needs tells at once: to find out what else is wrong with them costs more than a match. */
function readAs<T>(schema: z.ZodType<T>, key: string, output: JsonValue): T | undefined {
  const mayFit = output !== null && typeof output === 'object' && Object.hasOwn(output, key);
  return mayFit ? schema.safeParse(output).data : undefined;
}

/** What the run asks; where it asks nothing, its input itself is what the agent works on. */
function questionOf(input: JsonValue): string {
  return isMute(input) ? JSON.stringify(input).slice(0, MAX_INPUT_CHARS) : readQuestion(input).question;
}

function isMute(input: JsonValue): boolean {
  return input !== null && typeof input === 'object' && !('question' in input) && !('title' in input);
}

/** The passages that the answer cites, in the order of their numbers; a number without a passage cites nothing. */
export function citationsOf(answer: string, passages: readonly Passage[]): JsonObject[] {
  const cited = citedNumbers(answer);
  return passages
    .filter(({ n }) => cited.includes(n))
    .map(({ n, title, document_id, chunk_id, text }) => ({ n, title, document_id, chunk_id, text }));
}
