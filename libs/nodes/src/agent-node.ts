import {
  AgentConversation,
  boundResult,
  citedNumbers,
  ConversationRecord,
  instructionsOf,
  OutputSchema,
  RetrievalSchema,
  ROLE_INSTRUCTIONS,
  type AgentParts,
  type AskedAgent,
  type CalledTool,
  type Passage,
} from '@baton/agents';
import {
  BatonError,
  compileJsonSchema,
  NodeHandler,
  NameSchema,
  modelTarget,
  toWireUsage,
  type Agent,
  type AgentStore,
  type JsonObject,
  type JsonValue,
  type NodeContext,
} from '@baton/core';
import { z } from 'zod';
import { parseConfig, readQuestion } from './node-config.js';

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
    /** Replies in a row with something wrong in them, a call or the answer, that it may mend. */
    max_corrections: z.int().min(0).max(20).default(3),
    /** JSON Schema of the answer, which then is JSON alone. */
    output_schema: z.record(z.string(), z.json()).transform(readOutputSchema).optional(),
  })
  .refine(({ agent, role }) => agent !== undefined || role !== undefined, 'name an `agent` or a `role`');
type AgentConfig = z.infer<typeof AgentConfig>;

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

/** Characters of what a tool said that the node's output shows. */
const MAX_SHOWN_CHARS = 4_000;

/**
 * Asks a model in a role about what the nodes before found and wrote, and calls the tools that it asks for until it answers. Each reply and each
 * tool is a journaled step.
 */
export class AgentNode extends NodeHandler {
  readonly type = 'agent';
  /** Who is asked in an attempt: looked up once, for its target and for what it is told. */
  private readonly found = new WeakMap<NodeContext, Promise<Agent | null>>();

  constructor(private readonly parts: AgentParts & { agents: Pick<AgentStore, 'findByName'> }) {
    super();
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, AgentConfig);
    const input = readAgentInput(context);
    const record = new ConversationRecord(input.passages);
    const agent = config.agent ?? context.nodeId;
    const conversation = new AgentConversation(this.parts, context, record, {
      ...{ agent, about: input, prefix: '', depth: 0, maxTurns: config.max_turns, maxCorrections: config.max_corrections },
      resolve: () => this.resolve(context, config),
      output: config.output_schema ?? null,
    });
    const { reply, data, called } = await conversation.hold();
    return {
      answer: reply.content,
      ...(data !== undefined && { data }),
      citations: citationsOf(reply.content, record.passages),
      question: input.question,
      ...(input.review !== undefined && { reviewed: input.review }),
      agent,
      role: reply.role,
      model: reply.model,
      usage: toWireUsage(record.usage),
      ...(called.length > 0 && { tools: called.map(shownCall) }),
    };
  }

  /** The model that it asks. */
  override async target(context: NodeContext): Promise<string> {
    const { agent, model } = context.config;
    if (typeof model === 'string') return modelTarget(model);
    return modelTarget((typeof agent === 'string' ? await this.findAgent(context, agent) : null)?.model ?? '');
  }

  private findAgent(context: NodeContext, name: string): Promise<Agent | null> {
    const known = this.found.get(context) ?? this.parts.agents.findByName(context.tenantId, name);
    this.found.set(context, known);
    return known;
  }

  /** The node's config over the agent that it names. */
  private async resolve(context: NodeContext, config: AgentConfig): Promise<AskedAgent> {
    const agent = config.agent === undefined ? null : await this.findAgent(context, config.agent);
    const isToldAll = config.role !== undefined && config.instructions !== undefined;
    if (config.agent !== undefined && agent === null && !isToldAll) {
      const ids = { node_id: context.nodeId, agent: config.agent };
      throw new BatonError('agent_not_found', `There is no agent \`${config.agent}\`.`, ids, { retryable: false });
    }
    const role = config.role ?? agent!.role;
    const instructions = instructionsOf(role, config.instructions ?? agent?.instructions);
    if (instructions === undefined) throw withoutInstructions(context, role);
    return {
      role,
      instructions,
      model: config.model ?? agent?.model ?? '',
      maxTokens: config.max_tokens ?? agent?.limits.max_tokens,
      timeoutMs: agent?.limits.timeout === undefined ? undefined : agent.limits.timeout * 1_000,
      tools: [...config.tools, ...(agent?.tools ?? [])],
    };
  }
}

function readOutputSchema(json: JsonObject, issues: z.RefinementCtx): OutputSchema {
  const compiled = compileJsonSchema(json);
  if ('schema' in compiled) return new OutputSchema(compiled.schema);
  issues.addIssue({ code: 'custom', message: compiled.problem });
  return z.NEVER;
}

/** All of what a tool said stands in its step; the output of the node is bounded. */
function shownCall({ name, result }: CalledTool): JsonObject {
  return { name, result: boundResult(result, MAX_SHOWN_CHARS) };
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
