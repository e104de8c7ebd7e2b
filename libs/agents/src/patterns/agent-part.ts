import { NameSchema, type JsonObject, type PatternNode } from '@baton/core';
import { z } from 'zod';
import { ROLE_INSTRUCTIONS } from '../agent-role.js';

/** An agent of a pattern: one that is kept as data, one that is told here what it is, or the pattern's own. */
export const AgentPartSchema = z.strictObject({
  agent: NameSchema.optional().describe('The name of an agent that is kept as data.'),
  instructions: z.string().min(1).max(20_000).optional().describe('What it is told; goes before what the kept agent is told.'),
  model: z.string().max(200).optional(),
  max_tokens: z.int().min(1).optional(),
  tools: z.array(NameSchema).max(50).optional(),
});
export type AgentPart = z.infer<typeof AgentPartSchema>;

/** What an agent does in a pattern. */
export interface AgentDuty {
  id: string;
  /** Where it stands: progress and results are told by tier. */
  tier: string;
  role: string;
  dependsOn?: readonly string[];
  when?: string;
  /** JSON Schema of its answer. */
  answers?: JsonObject;
  /** Goes on without it where it fails. */
  isOptional?: boolean;
}

/** The node of an agent. */
export function agentNode(part: AgentPart | undefined, duty: AgentDuty): PatternNode {
  const { id, tier, role, dependsOn = [], when, answers, isOptional = false } = duty;
  // One with instructions of its own is told its duty as well.
  const task = part?.agent === undefined && part?.instructions === undefined ? undefined : ROLE_INSTRUCTIONS.get(role);
  return {
    ...{ id, type: 'agent', depends_on: [...dependsOn] },
    ...(when !== undefined && { when }),
    ...(isOptional && { on_error: 'continue' }),
    config: {
      ...part,
      role,
      tier,
      ...(task !== undefined && { task }),
      ...(answers !== undefined && { output_schema: answers }),
    },
  };
}

/** Of one search. */
export const MAX_PASSAGES = 50;

/** How passages are found for an agent. */
export const EvidenceSchema = z.strictObject({
  top_k: z.int().min(1).max(MAX_PASSAGES).default(5).describe('Passages for each part of the work.'),
  document_ids: z.array(z.string()).max(1_000).optional(),
});
export type Evidence = z.infer<typeof EvidenceSchema>;

/** Parts of the work, as the agent that divides it answers. */
export function subtasksSchema(count: number): JsonObject {
  return {
    type: 'object',
    properties: { subtasks: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, maxItems: count } },
    required: ['subtasks'],
  };
}
