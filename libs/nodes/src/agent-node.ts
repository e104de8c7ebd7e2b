import {
  AgentConversation,
  boundResult,
  ConversationRecord,
  OutputSchema,
  type AgentParts,
  type CalledTool,
} from '@baton/agents';
import {
  compileJsonSchema,
  NodeHandler,
  NameSchema,
  toWireUsage,
  type AgentStore,
  type JsonObject,
  type JsonValue,
  type NodeContext,
} from '@baton/core';
import { z } from 'zod';
import { citationsOf, readAgentInput } from './agent-input.js';
import { AgentLookup, AskedAgentFields } from './asked-agent.js';
import { ConfigReader } from './node-config.js';

/** The config of `agent`. */
export const AgentConfig = z
  .strictObject({
    ...AskedAgentFields,
    tier: NameSchema.optional().describe(
      'Where it stands among the agents of its workflow: results and progress are told by tier.',
    ),
    max_turns: z.int().min(1).max(100).default(10).describe('Replies in which it may call tools; the next one is its answer.'),
    max_corrections: z
      .int()
      .min(0)
      .max(20)
      .default(3)
      .describe('Replies in a row with something wrong in them, a call or the answer, that it may mend.'),
    output_schema: z
      .record(z.string(), z.json())
      .transform(readOutputSchema)
      .optional()
      .describe('JSON Schema of the answer, which then is JSON alone.'),
  })
  .refine(({ agent, role }) => agent !== undefined || role !== undefined, 'name an `agent` or a `role`');

/** Characters of what a tool said that the node's output shows. */
const MAX_SHOWN_CHARS = 4_000;

/**
 * Asks a model in a role about what the nodes before found and wrote, and calls the tools that it asks for until it answers. Each reply and each
 * tool is a journaled step.
 */
export class AgentNode extends NodeHandler {
  readonly type = 'agent';
  private readonly lookup: AgentLookup;
  private readonly configs = new ConfigReader(AgentConfig);

  constructor(private readonly parts: AgentParts & { agents: Pick<AgentStore, 'findByName'> }) {
    super();
    this.lookup = new AgentLookup(parts.agents);
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = this.configs.read(context);
    const input = readAgentInput(context);
    const record = new ConversationRecord(input.passages);
    const agent = config.agent ?? context.nodeId;
    const conversation = new AgentConversation(this.parts, context, record, {
      agent,
      about: input,
      prefix: '',
      depth: 0,
      maxTurns: config.max_turns,
      maxCorrections: config.max_corrections,
      resolve: () => this.lookup.resolve(context, config),
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
      ...(config.tier !== undefined && { tier: config.tier }),
      model: reply.model,
      usage: toWireUsage(record.usage),
      ...(called.length > 0 && { tools: called.map(shownCall) }),
    };
  }

  /** The model that it asks. */
  override target(context: NodeContext): Promise<string> {
    return this.lookup.target(context, context.config);
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
