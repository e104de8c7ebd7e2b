import { citedNumbers, type Passage, RetrievalSchema } from '@baton/agents';
import { withoutSources, type JsonObject, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { readQuestion } from './node-config.js';

/** What of an agent's output another agent reads. */
const AgentOutputSchema = z.compile(
  z
    .object({
      role: z.string(),
      answer: z.string(),
      data: z.object({ answer: z.string().optional(), feedback: z.string().optional() }).optional().catch(undefined),
    })
    .transform(({ role, answer, data }) => ({ role, answer: data?.answer ?? data?.feedback ?? answer })),
);

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
  const read: ReadOutputs = { questions: [], passages: [], drafts: [], reviews: [] };
  for (const output of Object.values(context.outputs)) {
    // The outputs that were joined into this one, or it alone.
    const joined = readAs(JoinedSchema, 'items', output);
    if (joined === undefined) readOutput(output, read);
    else for (const item of joined.items) readOutput(item, read);
  }
  const { questions, passages, drafts, reviews } = read;
  const [asked] = questions;
  const isOne = asked !== undefined && (questions.length === 1 || isMute(context.input));
  return {
    question: isOne ? asked : questionOf(context.input),
    passages: numbered(passages),
    draft: inOne(drafts),
    review: inOne(reviews),
  };
}

/** What the outputs of the nodes before are to an agent. */
interface ReadOutputs {
  /** Of retrievals, each once. */
  questions: string[];
  passages: Passage[];
  drafts: string[];
  reviews: string[];
}

function readOutput(output: JsonValue, read: ReadOutputs): void {
  const retrieval = readAs(RetrievalSchema, 'passages', output);
  if (retrieval !== undefined) {
    if (!read.questions.includes(retrieval.question)) read.questions.push(retrieval.question);
    read.passages.push(...retrieval.passages);
  }
  const agent = readAs(AgentOutputSchema, 'answer', output);
  if (agent !== undefined) (REVIEWERS.has(agent.role) ? read.reviews : read.drafts).push(agent.answer);
}

function inOne(answers: readonly string[]): string | undefined {
  return answers.length <= 1 ? answers[0] : answers.map((answer) => withoutSources(answer)).join('\n\n');
}

/** Under the numbers that they have, unless two have the same. */
function numbered(passages: Passage[]): Passage[] {
  const isClear = passages.length <= 1 || new Set(passages.map(({ n }) => n)).size === passages.length;
  return isClear ? passages : passages.map((passage, index) => ({ ...passage, n: index + 1 }));
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
  if (passages.length === 0) return [];
  const cited = citedNumbers(answer);
  return passages
    .filter(({ n }) => cited.includes(n))
    .map(({ n, title, document_id, chunk_id, text }) => ({ n, title, document_id, chunk_id, text }));
}
