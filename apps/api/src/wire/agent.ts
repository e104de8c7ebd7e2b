import { z } from 'zod';
import { AgentSpecSchema, closedCircuit, modelTarget, NameSchema, type Agent, type TargetHealth } from '@baton/core';
import { Instant, toInstant } from './json.js';
import { Limit } from './page.js';
import { TargetReply, toTargetReply } from './target.js';

export const AgentBody = AgentSpecSchema;

export const AgentReply = AgentSpecSchema.extend({ id: z.string(), created_at: Instant, updated_at: Instant });
export type AgentReply = z.infer<typeof AgentReply>;

/** A page of agents begins after a name. */
export const AgentQuery = z.strictObject({ limit: Limit, after: NameSchema.optional() });
export type AgentQuery = z.infer<typeof AgentQuery>;

const ListedAgent = AgentReply.extend({ health: TargetReply.describe('Of the model that it asks.') });
export const AgentsReply = z.object({ items: z.array(ListedAgent), next_after: z.string().nullable() });

export function toAgentReply(agent: Agent): AgentReply {
  const { id, name, role, instructions, model, tools, limits } = agent;
  const instants = { created_at: toInstant(agent.createdAt), updated_at: toInstant(agent.updatedAt) };
  return { id, name, role, instructions, model, tools, limits, ...instants };
}

/** With the health of the model that it asks; a model of which nothing is known is well. */
export function toListedAgent(agent: Agent, targets: readonly TargetHealth[], now: number): z.infer<typeof ListedAgent> {
  const target = modelTarget(agent.model);
  const known = targets.find(({ circuit }) => circuit.target === target);
  const unknown = {
    circuit: closedCircuit({ tenantId: agent.tenantId, target }),
    calls: 0,
    failures: 0,
    averageMs: null,
    maxMs: null,
  };
  return { ...toAgentReply(agent), health: toTargetReply(known ?? unknown, now) };
}
