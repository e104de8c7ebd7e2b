import {
  AgentConversation,
  AgentToolbox,
  ConversationRecord,
  HANDOFF_TOOL,
  HandoffSchema,
  HandoffTool,
  type AgentParts,
} from '@baton/agents';
import { NameSchema, NodeHandler, toWireUsage, type AgentStore, type JsonValue, type NodeContext } from '@baton/core';
import { z } from 'zod';
import { citationsOf, readAgentInput } from './agent-input.js';
import { AgentLookup, AskedAgentFields } from './asked-agent.js';
import { parseConfig } from './node-config.js';

const MemberSchema = z.strictObject({
  ...AskedAgentFields,
  tier: NameSchema.optional(),
  description: z.string().max(500).default('').describe('What the others know of it.'),
});

/** The config of `handoff`. */
export const HandoffConfig = z
  .strictObject({
    agents: z.record(NameSchema, MemberSchema),
    first: NameSchema,
    max_handoffs: z.int().min(0).max(1_000).default(10),
    max_turns: z.int().min(1).max(100).default(10),
    max_corrections: z.int().min(0).max(20).default(3),
  })
  .refine(({ agents, first }) => Object.hasOwn(agents, first), { path: ['first'], message: 'one of `agents`' });

/** What goes from visit to visit. */
const TalkSchema = z.object({
  next: z.string(),
  said: z.array(z.object({ agent: z.string(), text: z.string() })),
  path: z.array(z.object({ from: z.string(), to: z.string(), note: z.string() })),
});
type Talk = z.infer<typeof TalkSchema>;

/**
 * One agent at a time: who has the work finishes it, or hands it over to another of its choice, who sees all that was said. Each agent's part is a
 * visit of the node, so that a crash repeats none that is done.
 */
export class HandoffNode extends NodeHandler {
  readonly type = 'handoff';
  private readonly lookup: AgentLookup;

  constructor(private readonly parts: AgentParts & { agents: Pick<AgentStore, 'findByName'> }) {
    super();
    this.lookup = new AgentLookup(parts.agents);
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, HandoffConfig);
    const talk: Talk = TalkSchema.safeParse(context.last).data ?? { next: config.first, said: [], path: [] };
    const { next: name, said, path } = talk;
    const member = config.agents[name]!;
    const input = readAgentInput(context);
    const record = new ConversationRecord(input.passages);
    const others = Object.entries(config.agents).filter(([other]) => other !== name);
    const mayHandOver = path.length < config.max_handoffs && others.length > 0;
    const described = others.map(([other, { description }]) => ({ name: other, description }));
    const tools = new AgentToolbox(mayHandOver ? [new HandoffTool(described)] : [], [this.parts.tools]);
    const conversation = new AgentConversation({ ...this.parts, tools }, context, record, {
      ...{ agent: name, prefix: '', depth: 0, maxTurns: config.max_turns, maxCorrections: config.max_corrections, output: null },
      about: { ...input, ...(path.length > 0 && { draft: transcript(talk) }) },
      resolve: async () => {
        const asked = await this.lookup.resolve(context, { ...member, role: member.role ?? name });
        return mayHandOver ? { ...asked, tools: [...asked.tools, HANDOFF_TOOL] } : asked;
      },
      endsWith: HANDOFF_TOOL,
    });
    const { reply, called } = await conversation.hold();
    const handed = HandoffSchema.safeParse(called.at(-1)?.result).data;
    if (handed !== undefined) {
      context.repeat();
      context.log.info(`${name} hands over to ${handed.to}`, { note: handed.note });
      const step = { from: name, to: handed.to, note: handed.note };
      const words = [...said, ...(reply.content === '' ? [] : [{ agent: name, text: reply.content }])];
      return { next: handed.to, said: words, path: [...path, step] };
    }
    return {
      answer: reply.content,
      citations: citationsOf(reply.content, record.passages),
      question: input.question,
      ...{ agent: name, role: reply.role, tier: member.tier ?? 'handoff', model: reply.model },
      usage: toWireUsage(record.usage),
      path,
    };
  }

  /** The model of who has the work. */
  override target(context: NodeContext): Promise<string> {
    const { agents, first } = parseConfig(context, HandoffConfig);
    return this.lookup.target(context, agents[TalkSchema.safeParse(context.last).data?.next ?? first] ?? {});
  }
}

/** All that was said, and how the work came here. */
function transcript({ said, path }: Talk): string {
  const words = said.map(({ agent, text }) => `${agent}: ${text}`);
  const notes = path.map(({ from, to, note }) => `${from} handed over to ${to}: ${note}`);
  return [...words, ...notes].join('\n\n');
}
