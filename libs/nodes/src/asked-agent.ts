import { instructionsOf, ROLE_INSTRUCTIONS, type AskedAgent } from '@baton/agents';
import { BatonError, modelTarget, NameSchema, type Agent, type AgentStore, type NodeContext } from '@baton/core';
import { z } from 'zod';

/** Who is asked: an agent that is kept as data, or one that is told here what it is. */
export const AskedAgentFields = {
  agent: NameSchema.optional().describe(
    'The name of an agent that is kept as data; what else stands here goes before what it says. With role and instructions it need not be kept.',
  ),
  role: NameSchema.optional().describe('`draft`, `review`, `synthesise`, or another one with instructions of its own.'),
  instructions: z.string().min(1).max(20_000).optional(),
  task: z.string().min(1).max(20_000).optional().describe('What it does here, told after its instructions.'),
  model: z.string().max(200).optional().describe("The model's name; without it, the provider's default."),
  max_tokens: z.int().min(1).optional(),
  tools: z.array(NameSchema).max(50).default([]).describe('Tools that it may call, besides those of the agent that is kept.'),
};

type AskedAgentConfig = z.infer<z.ZodObject<typeof AskedAgentFields>>;

/** Looks agents up, once for each attempt of a node. */
export class AgentLookup {
  private readonly found = new WeakMap<NodeContext, Map<string, Promise<Agent | null>>>();

  constructor(private readonly agents: Pick<AgentStore, 'findByName'>) {}

  /** The model that is asked. */
  async target(context: NodeContext, { agent, model }: { agent?: unknown; model?: unknown }): Promise<string> {
    if (typeof model === 'string') return modelTarget(model);
    return modelTarget((typeof agent === 'string' ? await this.find(context, agent) : null)?.model ?? '');
  }

  /**
   * The config over the agent that it names. At once where it names none.
   * @throws BatonError `agent_not_found`, `workflow_invalid` for a role without instructions.
   */
  resolve(context: NodeContext, config: AskedAgentConfig): Promise<AskedAgent> | AskedAgent {
    const { agent: name } = config;
    return name === undefined ? askedAgent(context, config, null) : this.resolveKept(context, config, name);
  }

  private async resolveKept(context: NodeContext, config: AskedAgentConfig, name: string): Promise<AskedAgent> {
    const agent = await this.find(context, name);
    const isToldAll = config.role !== undefined && config.instructions !== undefined;
    if (agent !== null || isToldAll) return askedAgent(context, config, agent);
    const ids = { node_id: context.nodeId, agent: name };
    throw new BatonError('agent_not_found', `There is no agent \`${name}\`.`, ids, { retryable: false });
  }

  private find(context: NodeContext, name: string): Promise<Agent | null> {
    const known = this.found.get(context) ?? new Map<string, Promise<Agent | null>>();
    this.found.set(context, known);
    const found = known.get(name) ?? this.agents.findByName(context.tenantId, name);
    known.set(name, found);
    return found;
  }
}

function askedAgent(context: NodeContext, config: AskedAgentConfig, agent: Agent | null): AskedAgent {
  const role = config.role ?? agent!.role;
  const own = instructionsOf(role, config.instructions ?? agent?.instructions);
  const instructions = own === undefined || config.task === undefined ? (own ?? config.task) : `${own}\n\n${config.task}`;
  if (instructions === undefined) throw withoutInstructions(context, role);
  return {
    role,
    instructions,
    model: config.model ?? agent?.model ?? '',
    maxTokens: config.max_tokens ?? agent?.limits.max_tokens,
    timeoutMs: agent?.limits.timeout === undefined ? undefined : agent.limits.timeout * 1_000,
    tools: agent === null ? config.tools : [...config.tools, ...agent.tools],
  };
}

function withoutInstructions({ nodeId }: NodeContext, role: string): BatonError {
  return new BatonError(
    'workflow_invalid',
    `The agent \`${nodeId}\` has the role \`${role}\`, which has no instructions of its own`,
    { node_id: nodeId, role },
    { retryable: false, remedy: `Give it \`instructions\`, or one of the roles ${[...ROLE_INSTRUCTIONS.keys()].join(', ')}.` },
  );
}
