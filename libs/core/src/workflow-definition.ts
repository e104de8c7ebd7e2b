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
  id: NameSchema.describe('Unique within the workflow: letters, digits, `_`, `.`, `-`.'),
  type: NameSchema.describe('What executes it. A node whose type no worker executes is skipped, with a warning.'),
  depends_on: z.array(NameSchema).default([]).describe('The nodes that come before it.'),
  when: ExpressionText.optional().describe('A condition: when it is false, the node is skipped.'),
  input: z.json().optional().describe("What the handler gets as its input instead of the run's; text in it may hold `${{ … }}`."),
  config: z
    .record(z.string(), z.json())
    .default({})
    .describe('Text in it may hold `${{ … }}`, but for what stands under `body`.'),
  retry: RetryPolicySchema.prefault({}).describe('How often and when it is tried again.'),
  timeout: AttemptSeconds.optional().describe('Seconds that one attempt may take.'),
  total_timeout: z
    .number()
    .positive()
    .max(86_400 * 365)
    .optional()
    .describe('Seconds that all attempts of a visit may take together; waits, and pauses between attempts, are not counted.'),
  on_error: z
    .enum(['fail', 'continue', 'compensate'])
    .optional()
    .describe(
      'What follows when the last attempt has failed: the run fails, goes on without the output, or is undone. Without it: `fail`.',
    ),
  compensate: CompensationSchema.optional().describe('What undoes the node; it sees its own output as `nodes.<id>.output`.'),
  pool: NameSchema.optional().describe('The worker pool that executes it; without it, any worker.'),
  concurrency: z.int().min(1).max(1_000).optional().describe('Items or children of this node that may be in work at once.'),
  estimate: z
    .number()
    .min(0)
    .max(86_400 * 365)
    .optional()
    .describe('Seconds that it is expected to take, for the estimates.'),
});

/** An agent as a workflow declares it: how many there are of it, and what each needs. */
const DeclaredAgentSchema = z.strictObject({
  type: NameSchema,
  count: z.int().min(1).max(1_000_000).default(1),
  capabilities: z.array(z.string().min(1).max(128)).max(100).default([]),
  resources: z
    .strictObject({
      cpu: z.number().min(0).max(100_000).optional().describe('Cores.'),
      memory: z.int().min(0).optional().describe('Bytes.'),
    })
    .default({}),
});

/** The canonical form of a workflow: a graph of nodes, wire names in snake_case. */
export const WorkflowDefinitionSchema = z.strictObject({
  name: NameSchema.describe('All versions of a name are one workflow.'),
  description: z.string().max(2_000).optional().describe('What it is for, in the words of its author.'),
  version: z.string().min(1).max(64).optional().describe("The author's own name of the version; Baton counts versions itself."),
  orchestration_pattern: NameSchema.optional(),
  input_schema: z
    .record(z.string(), z.json())
    .optional()
    .describe('JSON Schema of the input: a run whose input does not fit is refused. MCP clients are shown it.'),
  concurrency: z.int().min(1).max(1_000).default(10).describe('Nodes of one run that may be in work at once.'),
  nodes: z.array(NodeDefinitionSchema).min(1).describe('The steps, in any order: `depends_on` says what comes before what.'),
  output: NameSchema.optional().describe(
    "The node whose output is the run's output; without it, the only sink, or all sinks by id.",
  ),
  timeout: z
    .number()
    .positive()
    .max(86_400 * 365)
    .optional()
    .describe('Seconds that a run may take; parked time is not counted.'),
  limits: z
    .strictObject({
      active_runs: z.int().min(1).max(1_000_000).optional().describe('Live runs of this workflow.'),
      on_limit: z.enum(['reject', 'queue', 'cancel_oldest']).optional().describe('What happens to a run above `active_runs`.'),
      visits: z.int().min(1).max(1_000_000).optional().describe('Visits of one node in one run.'),
      agents_added: z.int().min(0).max(10_000).optional().describe('Agents that a run may add to itself.'),
    })
    .optional(),
  budget: BudgetSchema.optional().describe('What a run may use up.'),
  agents: z.record(NameSchema, DeclaredAgentSchema).optional(),
  circuit_breaker: z
    .strictObject({
      failure_threshold: z.int().min(1).max(1_000).optional().describe('Failures in a row that open it.'),
      timeout: AttemptSeconds.optional().describe('Seconds that it stays open.'),
    })
    .optional()
    .describe('When calls to one target stop for a while; without it, as configured.'),
  coordination: z
    .record(z.string().max(64), z.json())
    .optional()
    .describe('How its author wants it coordinated: kept, and shown by the pattern library.'),
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
