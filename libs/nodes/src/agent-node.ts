import { citedNumbers, ROLE_INSTRUCTIONS, writePrompt } from '@baton/agents';
import {
  BatonError,
  NodeHandler,
  NameSchema,
  addUsage,
  modelTarget,
  NO_USAGE,
  readStepUsage,
  toWireUsage,
  type Agent,
  type AgentStore,
  type ChatMessage,
  type ChatModel,
  type ChatReply,
  type ChatTool,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type Usage,
} from '@baton/core';
import { z } from 'zod';
import { callTool, findTools, toTurn, turnMessages, type CalledTool } from './agent-turns.js';
import { hearAnswer, UNHEARD, type AnswerFeed } from './heard-answer.js';
import { parseConfig, readQuestion } from './node-config.js';
import { RetrievalSchema, type Passage } from './passage.js';

const AgentConfig = z
  .strictObject({
    /** The name of an agent that is kept as data; what else stands here goes before what it says. With role and instructions it need not be kept. */
    agent: NameSchema.optional(),
    /** `draft`, `review`, `synthesise`, or another one with instructions of its own. */
    role: NameSchema.optional(),
    instructions: z.string().min(1).max(20_000).optional(),
    /** The model's name; without it, the provider's default. */
    model: z.string().max(200).optional(),
    max_tokens: z.int().min(1).optional(),
    /** Tools that it may call, besides those of the agent that is kept. */
    tools: z.array(NameSchema).max(50).default([]),
    /** Replies in which it may call tools; the next one is its answer. */
    max_turns: z.int().min(1).max(100).default(10),
  })
  .refine(({ agent, role }) => agent !== undefined || role !== undefined, 'name an `agent` or a `role`');
type AgentConfig = z.infer<typeof AgentConfig>;

/** Who is asked: the node's config over the agent that it names. */
interface Asked {
  role: string;
  instructions: string;
  model: string;
  maxTokens: number | undefined;
  timeoutMs: number | undefined;
  tools: ChatTool[];
}

interface AskedTurn {
  input: AgentInput;
  /** Of the conversation, what came after the prompt. */
  heard: readonly ChatMessage[];
  /** Of its step. */
  key: string;
  toolsAreOff: boolean;
}

/** What of an agent's output another agent reads. */
const AgentOutputSchema = z.object({ role: z.string(), answer: z.string() });

/** What a join of several nodes gives. */
const JoinedSchema = z.strictObject({ items: z.array(z.json()) });

/** Characters of an input without a question that a model is shown. */
const MAX_INPUT_CHARS = 20_000;

/** What an agent is given to work on: the outputs of the nodes that it depends on. */
interface AgentInput {
  question: string;
  passages: Passage[];
  draft: string | undefined;
  review: string | undefined;
}

/**
 * Asks a model in a role about what the nodes before found and wrote, and calls the tools that it asks for until it answers. Each reply and each
 * tool is a journaled step.
 */
export class AgentNode extends NodeHandler {
  readonly type = 'agent';
  /** Who is asked in an attempt: looked up once, for its target and for what it is told. */
  private readonly found = new WeakMap<NodeContext, Promise<Agent | null>>();

  constructor(
    private readonly model: ChatModel,
    private readonly agents: Pick<AgentStore, 'findByName'>,
    /** Where answers go while they come. */
    private readonly tokens: AnswerFeed = UNHEARD,
  ) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, AgentConfig);
    const input = readAgentInput(context);
    const { reply, usage, called } = await this.converse(context, config, input);
    return {
      answer: reply.content,
      citations: citationsOf(reply.content, input.passages),
      question: input.question,
      ...(input.review !== undefined && { reviewed: input.review }),
      agent: config.agent ?? context.nodeId,
      role: reply.role,
      model: reply.model,
      usage: toWireUsage(usage),
      ...(called.length > 0 && { tools: called }),
    };
  }

  /** The model that it asks. */
  override async target(context: NodeContext): Promise<string> {
    const { agent, model } = context.config;
    if (typeof model === 'string') return modelTarget(model);
    return modelTarget((typeof agent === 'string' ? await this.findAgent(context, agent) : null)?.model ?? '');
  }

  private findAgent(context: NodeContext, name: string): Promise<Agent | null> {
    const known = this.found.get(context) ?? this.agents.findByName(context.tenantId, name);
    this.found.set(context, known);
    return known;
  }

  /** Asks until the model answers without asking for a tool. */
  private async converse(context: NodeContext, config: AgentConfig, input: AgentInput) {
    const heard: ChatMessage[] = [];
    const called: CalledTool[] = [];
    const agent = config.agent ?? context.nodeId;
    let usage: Usage = NO_USAGE;
    for (let turn = 1; ; turn += 1) {
      const key = turn === 1 ? 'model' : `model-${turn}`;
      const say = async (signal: AbortSignal) => {
        const asked = await this.resolve(context, config);
        const toolsAreOff = turn > config.max_turns;
        const reply = await this.ask(context, asked, { input, heard, key, toolsAreOff }, signal);
        return { ...toTurn(reply, { provider: this.model.provider, agent }), role: asked.role };
      };
      const reply = await context.step(key, say, { usage: (said) => readStepUsage(said.usage) });
      usage = addUsage(usage, readStepUsage(reply.usage));
      const calls = reply.tool_calls ?? [];
      if (calls.length === 0 || turn > config.max_turns) return { reply, usage, called };
      const results: CalledTool[] = [];
      for (const [index, call] of calls.entries()) results.push(await callTool(context, `${key}/tool-${index + 1}`, call));
      heard.push(...turnMessages(reply, results));
      called.push(...results);
    }
  }

  /** Inside the journaled step: a replay is not told other instructions than the first try. */
  private async resolve(context: NodeContext, config: AgentConfig): Promise<Asked> {
    const agent = config.agent === undefined ? null : await this.findAgent(context, config.agent);
    const isToldAll = config.role !== undefined && config.instructions !== undefined;
    if (config.agent !== undefined && agent === null && !isToldAll) {
      const ids = { node_id: context.nodeId, agent: config.agent };
      throw new BatonError('agent_not_found', `There is no agent \`${config.agent}\`.`, ids, { retryable: false });
    }
    const role = config.role ?? agent!.role;
    const instructions = config.instructions ?? (agent?.instructions || ROLE_INSTRUCTIONS.get(role));
    if (instructions === undefined) throw withoutInstructions(context, role);
    return {
      role,
      instructions,
      model: config.model ?? agent?.model ?? '',
      maxTokens: config.max_tokens ?? agent?.limits.max_tokens,
      timeoutMs: agent?.limits.timeout === undefined ? undefined : agent.limits.timeout * 1_000,
      tools: findTools([...new Set([...config.tools, ...(agent?.tools ?? [])])]),
    };
  }

  private async ask(
    context: NodeContext,
    asked: Asked,
    { input, heard, key, toolsAreOff }: AskedTurn,
    signal: AbortSignal,
  ): Promise<ChatReply> {
    const { role, instructions, model, maxTokens, timeoutMs, tools } = asked;
    const hear = await hearAnswer(this.tokens, context, key);
    return await this.model.complete({
      model,
      messages: [...writePrompt({ role, instructions, ...input }), ...heard],
      ...(tools.length > 0 && { tools, toolsAreOff }),
      ...(hear !== null && { hear }),
      maxTokens,
      idempotencyKey: `${context.idempotencyKey}/${key}`,
      signal: timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  }
}

function withoutInstructions({ nodeId }: NodeContext, role: string): BatonError {
  return new BatonError(
    'workflow_invalid',
    `The agent \`${nodeId}\` has the role \`${role}\`, which has no instructions of its own`,
    { node_id: nodeId, role },
    { retryable: false, remedy: `Give it \`instructions\`, or one of the roles ${[...ROLE_INSTRUCTIONS.keys()].join(', ')}.` },
  );
}

/** Tells the outputs apart by their shape, so that the nodes of a workflow can have any id. Several drafts are read one after the other. */
function readAgentInput(context: NodeContext): AgentInput {
  const outputs = Object.values(context.outputs).flatMap(partsOf);
  const retrievals = outputs.flatMap((output) => RetrievalSchema.safeParse(output).data ?? []);
  const agents = outputs.flatMap((output) => AgentOutputSchema.safeParse(output).data ?? []);
  const answers = (isWanted: (role: string) => boolean): string | undefined => {
    const wanted = agents.filter(({ role }) => isWanted(role));
    return wanted.length === 0 ? undefined : wanted.map(({ answer }) => answer).join('\n\n');
  };
  const passages = retrievals.flatMap((retrieval) => retrieval.passages);
  return {
    question: retrievals[0]?.question ?? questionOf(context.input),
    passages: retrievals.length > 1 ? passages.map((passage, index) => ({ ...passage, n: index + 1 })) : passages,
    draft: answers((role) => role !== 'review'),
    review: answers((role) => role === 'review'),
  };
}

/** The outputs that were joined into this one, or it alone. */
function partsOf(output: JsonValue): readonly JsonValue[] {
  return JoinedSchema.safeParse(output).data?.items ?? [output];
}

/** What the run asks; where it asks nothing, its input itself is what the agent works on. */
function questionOf(input: JsonValue): string {
  const isMute = input !== null && typeof input === 'object' && !('question' in input) && !('title' in input);
  return isMute ? JSON.stringify(input).slice(0, MAX_INPUT_CHARS) : readQuestion(input).question;
}

/** The passages that the answer cites, in the order of their numbers; a number without a passage cites nothing. */
function citationsOf(answer: string, passages: readonly Passage[]): JsonObject[] {
  const cited = citedNumbers(answer);
  return passages
    .filter(({ n }) => cited.includes(n))
    .map(({ n, title, document_id, chunk_id, text }) => ({ n, title, document_id, chunk_id, text }));
}
