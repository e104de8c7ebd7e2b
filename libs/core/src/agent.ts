import { z } from 'zod';
import { NameSchema } from './workflow-definition.js';

/** What an agent is told and allowed: data, changed without a deployment. Wire names. */
export const AgentSpecSchema = z.strictObject({
  name: NameSchema,
  /** What it does in a pipeline: `draft`, `review`, `synthesise`, or one of your own. */
  role: NameSchema,
  /** The system prompt; empty: the role's own, where it has one. */
  instructions: z.string().max(20_000).default(''),
  /** The model's name; empty: the provider's default. */
  model: z.string().max(128).default(''),
  /** Names of the tools that it may call. */
  tools: z.array(NameSchema).max(50).default([]),
  limits: z
    .strictObject({
      /** Tokens of one reply. */
      max_tokens: z.int().min(1).max(1_000_000).optional(),
      /** Seconds of one call. */
      timeout: z.number().positive().max(86_400).optional(),
    })
    .default({}),
});

export type AgentSpec = z.infer<typeof AgentSpecSchema>;

/** An agent as it is kept. Its name is unique within the tenant. */
export interface Agent extends AgentSpec {
  id: string;
  tenantId: string;
  createdAt: number;
  updatedAt: number;
}

export type AgentOutcome = { kind: 'kept'; agent: Agent } | { kind: 'name_taken'; agentId: string } | { kind: 'missing' };

/** Agents as data. */
export abstract class AgentStore {
  abstract create(agent: Agent): Promise<Exclude<AgentOutcome, { kind: 'missing' }>>;
  /** Replaces all that may change. */
  abstract replace(tenantId: string, id: string, spec: AgentSpec, at: number): Promise<AgentOutcome>;
  abstract find(tenantId: string, id: string): Promise<Agent | null>;
  abstract findByName(tenantId: string, name: string): Promise<Agent | null>;
  /** By name. */
  abstract list(tenantId: string, page: { afterName?: string; limit: number }): Promise<Agent[]>;
}
