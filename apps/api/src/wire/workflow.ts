import { z } from 'zod';
import {
  NameSchema,
  parseCores,
  parseMemory,
  WorkflowDefinitionSchema,
  type DefinitionProblem,
  type JsonValue,
  type Run,
  type Validation,
  type Workflow,
  type WorkflowSummary,
} from '@baton/core';
import type { ExecutionOptions, PublishedWorkflow, SubmittedDefinition } from '@baton/engine';
import { AnyJson, Instant, toInstant, toInstantOrNull } from './json.js';
import { allocatedAgents } from './orchestration-event.js';
import { Limit } from './page.js';
import { ProblemEntry } from './problem.js';
import { BudgetField, PriorityField, runPath } from './run.js';

/** Not checked here: the validation report names everything that is wrong with a definition at once. */
export const DefinitionBody = z
  .unknown()
  .describe('A definition: nodes, or agents and tasks; bare, under `workflow`, or under `definition` as an object or as YAML.');

export const VersionQuery = z.strictObject({ version: z.coerce.number().int().min(1).optional() });
export type VersionQuery = z.infer<typeof VersionQuery>;

export const BaseQuery = z.strictObject({
  base_version: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('The version that the definition was made from; 0: the workflow is to be new. Absent: whatever is the newest.'),
});
export type BaseQuery = z.infer<typeof BaseQuery>;

export const WorkflowsQuery = z.strictObject({
  limit: Limit,
  after: NameSchema.optional(),
  archived: z.enum(['true', 'false']).default('false'),
});
export type WorkflowsQuery = z.infer<typeof WorkflowsQuery>;

export const VersionsQuery = z.strictObject({ limit: Limit, before: z.coerce.number().int().min(1).optional() });
export type VersionsQuery = z.infer<typeof VersionsQuery>;

const Amount = (parse: (text: string) => number | null) =>
  z.union([z.number().min(0), z.string().max(40)]).transform((value, context) => {
    const amount = typeof value === 'number' ? value : parse(value);
    if (amount !== null) return amount;
    context.addIssue({ code: 'custom', message: 'must be an amount' });
    return z.NEVER;
  });

export const ExecuteBody = z.strictObject({
  input_data: AnyJson.describe('The input of the run; an object as a rule.'),
  version: z.int().min(1).optional().describe('The newest when absent.'),
  execution_options: z
    .strictObject({
      timeout: z.number().positive().max(31_536_000).optional().describe('Seconds that the run may take.'),
      priority: PriorityField,
      budget: BudgetField,
      retry_policy: z.string().max(64).optional().describe('The policy of all nodes, by name.'),
      resource_constraints: z
        .strictObject({
          agents: z.int().min(0).optional(),
          cpu: Amount(parseCores).optional(),
          memory: Amount(parseMemory).optional(),
        })
        .optional(),
    })
    .default({}),
});
export type ExecuteBody = z.infer<typeof ExecuteBody>;

const ValidationReport = z.object({
  valid: z.boolean(),
  errors: z.array(ProblemEntry),
  warnings: z.array(ProblemEntry),
  graph: z
    .object({
      nodes: z.int(),
      edges: z.int(),
      depth: z.int(),
      width: z.int(),
      levels: z.array(z.array(z.string())).describe('Ids, level by level: what could start together.'),
      critical_path: z.array(z.string()),
      critical_path_seconds: z.number(),
      durations: z
        .record(z.string(), z.object({ seconds: z.number(), source: z.enum(['declared', 'measured', 'assumed']) }))
        .describe('What each node is expected to take, by its id; measured: the median of recent runs.'),
    })
    .nullable(),
});

const EstimatedResources = z.object({
  agents: z.object({ total: z.int(), by_type: z.record(z.string(), z.int()) }),
  max_parallelism: z.int(),
  max_parallel_agents: z.int(),
  cpu_cores: z.number(),
  memory_bytes: z.number(),
  estimated_duration_seconds: z.number(),
});

export const ValidateReply = z.object({
  status: z.enum(['validated', 'invalid']),
  validation_report: ValidationReport,
  estimated_resources: EstimatedResources.nullable(),
  definition: z.unknown().describe('The canonical form; null where it has none.'),
});

export const PublishedReply = z.object({
  workflow_id: z.string(),
  name: z.string(),
  version: z.int(),
  digest: z.string(),
  status: z.literal('validated'),
  validation_report: ValidationReport,
  estimated_resources: EstimatedResources.nullable(),
});

export const WorkflowSummaryReply = z.object({
  workflow_id: z.string(),
  name: z.string(),
  version: z.int(),
  digest: z.string(),
  created_at: Instant,
  archived_at: Instant.nullable(),
});
export type WorkflowSummaryReply = z.infer<typeof WorkflowSummaryReply>;

export const WorkflowReply = WorkflowSummaryReply.extend({
  definition: z.unknown(),
  source: z.object({ format: z.enum(['json', 'yaml']), text: z.string() }).nullable(),
});

export const WorkflowsReply = z.object({ items: z.array(WorkflowSummaryReply), next_after: z.string().nullable() });
export const VersionsReply = z.object({ items: z.array(WorkflowSummaryReply), next_before: z.int().nullable() });

export const ExecutedReply = z.object({
  execution_id: z.string(),
  workflow_id: z.string(),
  version: z.int(),
  status: z.literal('planning'),
  allocated_agents: z.array(z.object({ name: z.string(), type: z.string(), count: z.int() })),
  execution_url: z.string(),
});

export function toSubmitted(body: unknown): SubmittedDefinition {
  return typeof body === 'string' ? { format: 'yaml', text: body } : { format: 'json', json: (body ?? null) as JsonValue };
}

export function toExecutionOptions({ execution_options: options }: ExecuteBody): ExecutionOptions {
  const { timeout, retry_policy: retryPolicy, resource_constraints: limits, priority, budget } = options;
  return {
    ...(priority !== undefined && { priority }),
    ...(budget !== undefined && { budget }),
    ...(timeout !== undefined && { timeoutSeconds: timeout }),
    ...(retryPolicy !== undefined && { retryPolicy }),
    ...(limits !== undefined && {
      constraints: {
        ...(limits.agents !== undefined && { agents: limits.agents }),
        ...(limits.cpu !== undefined && { cpu: limits.cpu }),
        ...(limits.memory !== undefined && { memory: limits.memory }),
      },
    }),
  };
}

export function toValidateReply(validation: Validation) {
  const { errors, resources, definition } = validation;
  return {
    status: errors.length === 0 ? ('validated' as const) : ('invalid' as const),
    validation_report: toReport(validation),
    estimated_resources: resources,
    definition,
  };
}

export function toPublishedReply({ workflow, validation }: PublishedWorkflow) {
  const { id, name, version, digest } = workflow;
  return {
    ...{ workflow_id: id, name, version, digest },
    status: 'validated' as const,
    validation_report: toReport(validation),
    estimated_resources: validation.resources,
  };
}

function toReport({ errors, warnings, graph }: Validation) {
  return { valid: errors.length === 0, errors: errors.map(toEntry), warnings: warnings.map(toEntry), graph };
}

function toEntry({ pointer, message, code, remedy, position }: DefinitionProblem) {
  return { pointer, message, code, remedy, ...(position !== undefined && { position }) };
}

export function toWorkflowSummary(workflow: WorkflowSummary): WorkflowSummaryReply {
  const { id, name, version, digest, createdAt, archivedAt } = workflow;
  return { workflow_id: id, name, version, digest, created_at: toInstant(createdAt), archived_at: toInstantOrNull(archivedAt) };
}

export function toWorkflowReply(workflow: Workflow) {
  return { ...toWorkflowSummary(workflow), definition: workflow.definition, source: workflow.source };
}

export function toExecutedReply(run: Run, { definition }: Workflow): z.infer<typeof ExecutedReply> {
  return {
    ...{ execution_id: run.id, workflow_id: run.workflow.id, version: run.workflow.version },
    ...{ status: 'planning', allocated_agents: allocatedAgents(definition), execution_url: runPath(run.id) },
  };
}

export function workflowPath(id: string): string {
  return `/api/v1/workflows/${encodeURIComponent(id)}`;
}

/** The canonical form as JSON Schema, for editors and for those who write definitions by program. */
export const WORKFLOW_JSON_SCHEMA: object = {
  $id: 'urn:baton:schema:workflow',
  title: 'Baton workflow',
  ...z.toJSONSchema(WorkflowDefinitionSchema, { io: 'input' }),
};
