import { BatonError, issueProblems, type JsonObject, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';

/**
 * The config of a node, checked.
 * @throws BatonError `workflow_invalid`; another attempt cannot help.
 */
export function parseConfig<T>(context: NodeContext, schema: z.ZodType<T>): T {
  const result = schema.safeParse(context.config);
  if (result.success) return result.data;
  const problems = result.error.issues
    .flatMap(issueProblems)
    .map(({ pointer, message }) => ({ pointer: `/nodes/${context.nodeId}/config${pointer}`, message }));
  const list = problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  throw new BatonError(
    'workflow_invalid',
    `The config of node \`${context.nodeId}\` is not valid: ${list}`,
    { node_id: context.nodeId },
    { problems, retryable: false },
  );
}

/**
 * {@link parseConfig} for a type whose configs take long to check: one that many attempts have, as all of a node that has no expressions, is checked
 * once. That of a body is filled for each item, and checked each time.
 */
export class ConfigReader<T> {
  private readonly known = new WeakMap<JsonObject, T>();

  constructor(private readonly schema: z.ZodType<T>) {}

  /** What all that have this config share. @throws BatonError as {@link parseConfig}. */
  read(context: NodeContext): Readonly<T> {
    const known = this.known.get(context.config);
    if (known !== undefined) return known;
    const parsed = parseConfig(context, this.schema);
    this.known.set(context.config, parsed);
    return parsed;
  }
}

const MAX_QUESTION_CHARS = 10_000;
const Question = z.looseObject({
  question: z.string().trim().min(1).max(MAX_QUESTION_CHARS),
  top_k: z.int().min(1).max(50).optional(),
});
const TaskTitle = z.looseObject({ title: z.string().trim().min(1).max(MAX_QUESTION_CHARS) });

/** What a run that answers questions is given. */
export interface QuestionInput {
  question: string;
  topK: number | null;
}

/**
 * The question in a run's input: the input itself when it is text, else its `question`, else its `title`.
 * @throws BatonError `invalid_request` when there is none; another attempt cannot help.
 */
export function readQuestion(input: JsonValue): QuestionInput {
  const asked = Question.safeParse(typeof input === 'string' ? { question: input } : input);
  if (asked.success) return { question: asked.data.question, topK: asked.data.top_k ?? null };
  const titled = TaskTitle.safeParse(input);
  if (titled.success) return { question: titled.data.title, topK: null };
  throw new BatonError(
    'invalid_request',
    'The input has no question: give the run, or the node as its `input`, {"question": "…"}',
    {},
    {
      retryable: false,
      remedy:
        'Start the run with `{"question": "…"}`; the question has at most 10,000 characters, and `top_k`, if given, is a whole number from 1 to 50.',
    },
  );
}
