import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BudgetSchema } from './budget.js';
import type { JsonValue } from './json.js';
import { RetryPolicySchema } from './retry-policy.js';

/** Node and workflow names: what fits into keys, paths and URLs unescaped. */
export const NameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'letters, digits, `_`, `.`, `-`; at most 64');

/** Text that {@link compileExpression} reads. */
const ExpressionText = z.string().min(1).max(4_096);

/** Seconds, up to a day. */
const AttemptSeconds = z.number().positive().max(86_400);

/** What undoes a completed node; it sees the node's output as `nodes.<id>.output`. */
const CompensationSchema = z.strictObject({
  type: NameSchema,
  config: z.record(z.string(), z.json()).default({}),
  retry: RetryPolicySchema.prefault({}),
  timeout: AttemptSeconds.optional(),
});

export const NodeDefinitionSchema = z.strictObject({
  id: NameSchema,
  type: NameSchema,
  depends_on: z.array(NameSchema).default([]),
  /** A condition: when it is false, the node is skipped. */
  when: ExpressionText.optional(),
  /** What the handler gets as its input instead of the run's; text in it may hold `${{ … }}`. */
  input: z.json().optional(),
  /** Text in it may hold `${{ … }}`, but for what stands under `body`. */
  config: z.record(z.string(), z.json()).default({}),
  retry: RetryPolicySchema.prefault({}),
  /** Seconds that one attempt may take. */
  timeout: AttemptSeconds.optional(),
  /** Seconds that all attempts of a visit may take together; waits, and pauses between attempts, are not counted. */
  total_timeout: z
    .number()
    .positive()
    .max(86_400 * 365)
    .optional(),
  /** What follows when the last attempt has failed: the run fails, goes on without the output, or is undone. Without it: `fail`. */
  on_error: z.enum(['fail', 'continue', 'compensate']).optional(),
  compensate: CompensationSchema.optional(),
  /** The worker pool that executes it; without it, any worker. */
  pool: NameSchema.optional(),
  /** Items or children of this node that may be in work at once. */
  concurrency: z.int().min(1).max(1_000).optional(),
  /** Seconds that it is expected to take, for the estimates. */
  estimate: z
    .number()
    .min(0)
    .max(86_400 * 365)
    .optional(),
});

/** An agent as a workflow declares it: how many there are of it, and what each needs. */
const DeclaredAgentSchema = z.strictObject({
  type: NameSchema,
  count: z.int().min(1).max(1_000_000).default(1),
  capabilities: z.array(z.string().min(1).max(128)).max(100).default([]),
  resources: z
    .strictObject({
      /** Cores. */
      cpu: z.number().min(0).max(100_000).optional(),
      /** Bytes. */
      memory: z.int().min(0).optional(),
    })
    .default({}),
});

/** The canonical form of a workflow: a graph of nodes, wire names in snake_case. */
export const WorkflowDefinitionSchema = z.strictObject({
  name: NameSchema,
  description: z.string().max(2_000).optional(),
  /** The author's own name of the version; Baton counts versions itself. */
  version: z.string().min(1).max(64).optional(),
  orchestration_pattern: NameSchema.optional(),
  /** Nodes of one run that may be in work at once. */
  concurrency: z.int().min(1).max(1_000).default(10),
  nodes: z.array(NodeDefinitionSchema).min(1),
  /** The node whose output is the run's output; without it, the only sink, or all sinks by id. */
  output: NameSchema.optional(),
  /** Seconds that a run may take; parked time is not counted. */
  timeout: z
    .number()
    .positive()
    .max(86_400 * 365)
    .optional(),
  limits: z
    .strictObject({
      /** Live runs of this workflow. */
      active_runs: z.int().min(1).max(1_000_000).optional(),
      /** What happens to a run above `active_runs`. */
      on_limit: z.enum(['reject', 'queue', 'cancel_oldest']).optional(),
      /** Visits of one node in one run. */
      visits: z.int().min(1).max(1_000_000).optional(),
      /** Agents that a run may add to itself. */
      agents_added: z.int().min(0).max(10_000).optional(),
    })
    .optional(),
  /** What a run may use up. */
  budget: BudgetSchema.optional(),
  agents: z.record(NameSchema, DeclaredAgentSchema).optional(),
  /** When calls to one target stop for a while; without it, as configured. */
  circuit_breaker: z
    .strictObject({
      /** Failures in a row that open it. */
      failure_threshold: z.int().min(1).max(1_000).optional(),
      /** Seconds that it stays open. */
      timeout: AttemptSeconds.optional(),
    })
    .optional(),
  /** How its author wants it coordinated: kept, and shown by the pattern library. */
  coordination: z.record(z.string().max(64), z.json()).optional(),
});

export type NodeDefinition = z.infer<typeof NodeDefinitionSchema>;
export type DeclaredAgent = z.infer<typeof DeclaredAgentSchema>;
export type WorkflowDefinition = z.infer<typeof WorkflowDefinitionSchema>;

/** JSON with the keys of every object in order: equal values have equal text. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as JsonValue)}`);
  return `{${entries.join(',')}}`;
}

/** SHA-256 of the canonical text, hex: the identity of a definition's content. */
export function definitionDigest(definition: WorkflowDefinition): string {
  return createHash('sha256').update(canonicalJson(definition)).digest('hex');
}
