import { citedNumbers, ROLE_INSTRUCTIONS, writePrompt } from '@baton/agents';
import {
  BatonError,
  NodeHandler,
  NameSchema,
  type ChatModel,
  type ChatReply,
  type JsonObject,
  type JsonValue,
  type NodeContext,
} from '@baton/core';
import { z } from 'zod';
import { parseConfig, readQuestion } from './node-config.js';
import { RetrievalSchema, type Passage } from './passage.js';

const AgentConfig = z.strictObject({
  /** `draft`, `review`, `synthesise`, or another one with instructions of its own. */
  role: NameSchema,
  instructions: z.string().min(1).max(20_000).optional(),
  /** The model's name; without it, the provider's default. */
  model: z.string().max(200).default(''),
  max_tokens: z.int().min(1).optional(),
});
type AgentConfig = z.infer<typeof AgentConfig>;

/** What of an agent's output another agent reads. */
const AgentOutputSchema = z.object({ role: z.string(), answer: z.string() });

/** What an agent is given to work on: the outputs of the nodes that it depends on. */
interface AgentInput {
  question: string;
  passages: Passage[];
  draft: string | undefined;
  review: string | undefined;
}

/** Asks a model, once, in a role, about what the nodes before found and wrote. The call is a journaled step. */
export class AgentNode extends NodeHandler {
  readonly type = 'agent';

  constructor(private readonly model: ChatModel) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, AgentConfig);
    const input = readAgentInput(context);
    const reply = await context.step('model', async (signal) => replyJson(await this.ask(context, config, input, signal)));
    return {
      answer: reply.content,
      citations: citationsOf(reply.content, input.passages),
      question: input.question,
      ...(input.review !== undefined && { reviewed: input.review }),
      agent: context.nodeId,
      role: config.role,
      model: reply.model,
      usage: reply.usage,
    };
  }

  private ask(context: NodeContext, config: AgentConfig, input: AgentInput, signal: AbortSignal): Promise<ChatReply> {
    const instructions = config.instructions ?? ROLE_INSTRUCTIONS.get(config.role);
    if (instructions === undefined) {
      throw new BatonError(
        'workflow_invalid',
        `The agent \`${context.nodeId}\` has the role \`${config.role}\`, which has no instructions of its own`,
        { node_id: context.nodeId, role: config.role },
        {
          retryable: false,
          remedy: `Give the node \`instructions\`, or one of the roles ${[...ROLE_INSTRUCTIONS.keys()].join(', ')}.`,
        },
      );
    }
    return this.model.complete({
      model: config.model,
      messages: writePrompt({ role: config.role, instructions, ...input }),
      maxTokens: config.max_tokens,
      idempotencyKey: `${context.idempotencyKey}/model`,
      signal,
    });
  }
}

/** Tells the outputs apart by their shape, so that the nodes of a workflow can have any id. Several drafts are read one after the other. */
function readAgentInput(context: NodeContext): AgentInput {
  const outputs = Object.values(context.outputs);
  const retrievals = outputs.flatMap((output) => RetrievalSchema.safeParse(output).data ?? []);
  const agents = outputs.flatMap((output) => AgentOutputSchema.safeParse(output).data ?? []);
  const answers = (isWanted: (role: string) => boolean): string | undefined => {
    const wanted = agents.filter(({ role }) => isWanted(role));
    return wanted.length === 0 ? undefined : wanted.map(({ answer }) => answer).join('\n\n');
  };
  const passages = retrievals.flatMap((retrieval) => retrieval.passages);
  return {
    question: retrievals[0]?.question ?? readQuestion(context.input).question,
    passages: retrievals.length > 1 ? passages.map((passage, index) => ({ ...passage, n: index + 1 })) : passages,
    draft: answers((role) => role !== 'review'),
    review: answers((role) => role === 'review'),
  };
}

/** The passages that the answer cites, in the order of their numbers; a number without a passage cites nothing. */
function citationsOf(answer: string, passages: readonly Passage[]): JsonObject[] {
  const cited = citedNumbers(answer);
  return passages
    .filter(({ n }) => cited.includes(n))
    .map(({ n, title, document_id, chunk_id, text }) => ({ n, title, document_id, chunk_id, text }));
}

function replyJson(reply: ChatReply): {
  content: string;
  model: string;
  usage: { prompt_tokens: number; completion_tokens: number };
} {
  return {
    content: reply.content,
    model: reply.model,
    usage: { prompt_tokens: reply.usage.promptTokens, completion_tokens: reply.usage.completionTokens },
  };
}
