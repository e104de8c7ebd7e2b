import { z } from 'zod';
import { AgentSpecSchema, NameSchema, type Agent } from '@baton/core';
import { Instant, toInstant } from './json.js';
import { Limit } from './page.js';

export const AgentBody = AgentSpecSchema;

export const AgentReply = AgentSpecSchema.extend({ id: z.string(), created_at: Instant, updated_at: Instant });
export type AgentReply = z.infer<typeof AgentReply>;

/** A page of agents begins after a name. */
export const AgentQuery = z.strictObject({ limit: Limit, after: NameSchema.optional() });
export type AgentQuery = z.infer<typeof AgentQuery>;

export const AgentsReply = z.object({ items: z.array(AgentReply), next_after: z.string().nullable() });

export function toAgentReply(agent: Agent): AgentReply {
  const { id, name, role, instructions, model, tools, limits } = agent;
  const instants = { created_at: toInstant(agent.createdAt), updated_at: toInstant(agent.updatedAt) };
  return { id, name, role, instructions, model, tools, limits, ...instants };
}
