import { z } from 'zod';
import type { DefinitionProblem } from './definition-problem.js';
import { limitProblem, type Capacity, type DefinitionLimits } from './definition-limits.js';
import type { JsonObject } from './json.js';
import { namedRetryPolicy, RETRY_POLICY_NAMES } from './named-retry-policy.js';
import { parseMemory, parseCores } from './resource-amount.js';
import { NameSchema } from './workflow-definition.js';

const Amount = (parse: (text: string) => number | null, example: string) =>
  z.union([z.number().min(0), z.string()]).transform((value, context) => {
    const amount = typeof value === 'number' ? value : parse(value);
    if (amount !== null) return amount;
    context.addIssue({ code: 'custom', message: `must be an amount such as ${example}` });
    return z.NEVER;
  });

const AgentSchema = z.strictObject({
  type: NameSchema,
  count: z.int().min(1).max(1_000_000).default(1),
  capabilities: z.array(z.string().min(1).max(128)).max(100).default([]),
  /** What it is told beside its task. */
  instructions: z.string().max(20_000).optional(),
  model: z.string().max(200).optional(),
  resources: z
    .strictObject({
      cpu: Amount(parseCores, '`2 cores` or `500m`').optional(),
      memory: Amount(parseMemory, '`4GB` or `512MiB`').optional(),
    })
    .default({}),
});

const TaskSchema = z.strictObject({
  id: NameSchema,
  agent: NameSchema,
  description: z.string().max(20_000).optional(),
  depends_on: z.array(NameSchema).default([]),
  /** Done by every agent of its kind at once, when there are several. */
  parallel: z.boolean().default(false),
  /** Seconds. */
  timeout: z.number().positive().max(86_400).optional(),
  retry_policy: z.string().max(64).optional(),
  when: z.string().min(1).max(4_096).optional(),
  input: z.json().optional(),
  on_error: z.enum(['fail', 'continue', 'compensate']).optional(),
  compensate: z.json().optional(),
  estimate: z.number().min(0).optional(),
});

/** A workflow told as agents and their tasks. */
const AgentDocumentSchema = z.strictObject({
  name: NameSchema,
  version: z.union([z.string().min(1).max(64), z.number()]).transform(String),
  description: z.string().max(2_000).optional(),
  orchestration_pattern: z.string().min(1).max(64),
  agents: z.record(NameSchema, AgentSchema),
  tasks: z.array(TaskSchema).min(1),
  coordination: z.record(z.string().max(64), z.json()),
  fault_tolerance: z
    .strictObject({
      circuit_breaker: z
        .strictObject({
          failure_threshold: z.int().min(1).max(1_000).optional(),
          timeout_seconds: z.number().positive().max(86_400).optional(),
        })
        .optional(),
      saga_pattern: z
        .strictObject({ compensation_enabled: z.boolean().default(false), rollback_on_failure: z.boolean().default(false) })
        .optional(),
    })
    .optional(),
  input_schema: z.record(z.string(), z.json()).optional(),
  concurrency: z.int().min(1).max(1_000).optional(),
  timeout: z.number().positive().optional(),
  output: NameSchema.optional(),
});

type AgentDocument = z.infer<typeof AgentDocumentSchema>;
type Task = AgentDocument['tasks'][number];
type DocumentAgent = AgentDocument['agents'][string];

/** A definition in canonical form, not checked yet, and where each of its nodes comes from. */
interface Translation {
  definition: JsonObject | null;
  problems: DefinitionProblem[];
  /** Pointers into the document, by node index. */
  origins: readonly string[];
  issues: readonly z.core.$ZodIssue[];
}

/**
 * Translates a workflow of agents and tasks to the canonical form. Each task becomes a node of type `agent`; a parallel task of an agent with a
 * count becomes that many nodes, `<id>-1` and on, and a node of type `aggregate` under the task's own id that joins them.
 */
export function translateAgentDocument(json: unknown, bounds: { limits: DefinitionLimits; capacity: Capacity }): Translation {
  const parsed = AgentDocumentSchema.safeParse(json);
  if (!parsed.success) return { definition: null, problems: [], origins: [], issues: parsed.error.issues };
  const document = parsed.data;
  const translated = new TaskTranslator(document, bounds).translate();
  const { fault_tolerance: faults, agents, name, version, description, orchestration_pattern, coordination } = document;
  const breaker = faults?.circuit_breaker;
  const definition = withoutUndefined({
    ...{ name, version, description, orchestration_pattern, coordination },
    ...{ input_schema: document.input_schema, concurrency: document.concurrency },
    ...{ timeout: document.timeout, output: document.output },
    nodes: translated.nodes,
    agents: Object.fromEntries(Object.entries(agents).map(([key, agent]) => [key, declaredAgent(agent)])),
    circuit_breaker:
      breaker && withoutUndefined({ failure_threshold: breaker.failure_threshold, timeout: breaker.timeout_seconds }),
  });
  return { definition, problems: translated.problems, origins: translated.origins, issues: [] };
}

class TaskTranslator {
  readonly nodes: JsonObject[] = [];
  readonly origins: string[] = [];
  readonly problems: DefinitionProblem[] = [];

  constructor(
    private readonly document: AgentDocument,
    private readonly bounds: { limits: DefinitionLimits; capacity: Capacity },
  ) {}

  translate(): this {
    this.document.tasks.forEach((task, index) => this.translateTask(task, `/tasks/${index}`));
    return this;
  }

  private translateTask(task: Task, pointer: string): void {
    const agent = Object.hasOwn(this.document.agents, task.agent) ? this.document.agents[task.agent]! : null;
    const { limits, capacity } = this.bounds;
    const count = task.parallel ? (agent?.count ?? 1) : 1;
    // What exceeds all capacity is refused as that; its nodes need not be written out.
    const copies = count > capacity.agents ? 1 : count;
    if (copies > 1 && this.nodes.length + copies >= limits.maxNodes) {
      const message = `\`${task.id}\` by ${copies} agents makes more than ${limits.maxNodes} nodes`;
      this.problems.push(limitProblem(pointer, message, 'WORKFLOW_MAX_NODES'));
      return;
    }
    if (copies === 1) return this.add(pointer, { id: task.id, ...this.work(task, agent, null, pointer) });
    const parts = Array.from({ length: copies }, (_, index) => `${task.id}-${index + 1}`);
    parts.forEach((id, index) =>
      this.add(pointer, { id, ...this.work(task, agent, { number: index + 1, of: copies }, pointer) }),
    );
    this.add(pointer, { id: task.id, type: 'aggregate', depends_on: parts, config: { mode: 'list' } });
  }

  private add(pointer: string, node: JsonObject): void {
    this.nodes.push(node);
    this.origins.push(pointer);
  }

  private work(
    task: Task,
    agent: DocumentAgent | null,
    share: { number: number; of: number } | null,
    pointer: string,
  ): JsonObject {
    const retry = task.retry_policy === undefined ? undefined : namedRetryPolicy(task.retry_policy);
    if (retry === null) this.complainOfPolicy(task.retry_policy!, pointer);
    const saga = this.document.fault_tolerance?.saga_pattern;
    const isUndone = saga?.compensation_enabled === true && saga.rollback_on_failure;
    return withoutUndefined({
      type: 'agent',
      depends_on: task.depends_on,
      when: task.when,
      input: task.input,
      config: withoutUndefined({
        agent: task.agent,
        role: agent?.type ?? task.agent,
        instructions: instructionsOf(task, agent, share),
        model: agent?.model,
      }),
      retry: retry ?? undefined,
      timeout: task.timeout,
      on_error: task.on_error ?? (isUndone ? 'compensate' : undefined),
      compensate: task.compensate,
      estimate: task.estimate,
    });
  }

  private complainOfPolicy(name: string, pointer: string): void {
    if (this.problems.some((problem) => problem.pointer === `${pointer}/retry_policy`)) return;
    this.problems.push({
      pointer: `${pointer}/retry_policy`,
      code: 'unknown_retry_policy',
      message: `there is no retry policy \`${name}\``,
      remedy: `Name one of ${RETRY_POLICY_NAMES.join(', ')}.`,
    });
  }
}

/** What the agent of a task is told. */
function instructionsOf(task: Task, agent: DocumentAgent | null, share: { number: number; of: number } | null): string {
  const capabilities = agent?.capabilities ?? [];
  return [
    `You are \`${task.agent}\`, an agent of the type \`${agent?.type ?? task.agent}\`.`,
    ...(capabilities.length > 0 ? [`You can do: ${capabilities.join(', ')}.`] : []),
    ...(agent?.instructions === undefined ? [] : [agent.instructions]),
    `Do the task \`${task.id}\`${share === null ? '' : `; you are number ${share.number} of ${share.of} who do it at once`}.`,
    ...(task.description === undefined ? [] : [task.description]),
  ].join('\n');
}

function declaredAgent({ type, count, capabilities, resources }: DocumentAgent): JsonObject {
  return { type, count, capabilities, resources: withoutUndefined(resources) };
}

function withoutUndefined(entries: Record<string, JsonObject[string] | undefined>): JsonObject {
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, JsonObject[string]] => entry[1] !== undefined),
  );
}
