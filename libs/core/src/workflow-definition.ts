import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonValue } from './json.js';
import { RetryPolicySchema } from './retry-policy.js';

/** Node and workflow names: what fits into keys, paths and URLs unescaped. */
export const NameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'letters, digits, `_`, `.`, `-`; at most 64');

export const NodeDefinitionSchema = z.strictObject({
  id: NameSchema,
  type: NameSchema,
  depends_on: z.array(NameSchema).default([]),
  config: z.record(z.string(), z.json()).default({}),
  retry: RetryPolicySchema.prefault({}),
  /** Seconds that one attempt may take. */
  timeout: z.number().positive().max(86_400).optional(),
});

/** The canonical form of a workflow: a graph of nodes, wire names in snake_case. */
export const WorkflowDefinitionSchema = z.strictObject({
  name: NameSchema,
  description: z.string().max(2_000).optional(),
  /** Nodes of one run that may be in work at once. */
  concurrency: z.int().min(1).max(1_000).default(10),
  nodes: z.array(NodeDefinitionSchema).min(1),
  /** The node whose output is the run's output; without it, the only sink, or all sinks by id. */
  output: NameSchema.optional(),
});

export type NodeDefinition = z.infer<typeof NodeDefinitionSchema>;
export type WorkflowDefinition = z.infer<typeof WorkflowDefinitionSchema>;

/** JSON with the keys of every object in order: equal values have equal text. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson((value)[key] as JsonValue)}`);
  return `{${entries.join(',')}}`;
}

/** SHA-256 of the canonical text, hex: the identity of a definition's content. */
export function definitionDigest(definition: WorkflowDefinition): string {
  return createHash('sha256')
    .update(canonicalJson(definition))
    .digest('hex');
}
