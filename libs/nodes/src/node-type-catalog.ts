import { issueProblems, type JsonObject, type JsonValue, type Problem } from '@baton/core';
import { z } from 'zod';
import { AgentConfig } from './agent-node.js';
import { AggregateConfig } from './aggregate-node.js';
import { ApprovalConfig } from './approval-node.js';
import { ConditionConfig } from './condition-node.js';
import { ContinueConfig } from './continue-as-new-node.js';
import { EchoConfig } from './echo-node.js';
import { HandoffConfig } from './handoff-node.js';
import { HttpConfig } from './http-node.js';
import { LoopConfig } from './loop-node.js';
import { MapConfig } from './map-node.js';
import { ReportConfig } from './report-node.js';
import { RetrieveConfig } from './retrieve-node.js';
import { SwitchConfig } from './switch-node.js';
import { TransformConfig } from './transform-node.js';
import { WaitConfig } from './wait-node.js';
import { ChildConfig } from './workflow-node.js';

export const NODE_CATEGORIES = ['agents', 'data', 'branches', 'waits', 'runs'] as const;
export type NodeCategory = (typeof NODE_CATEGORIES)[number];

/** What an author of workflows is told of a node type. */
export interface NodeTypeEntry {
  readonly type: string;
  readonly category: NodeCategory;
  readonly description: string;
  readonly schema: z.ZodType;
  /** A config that is valid as it stands. */
  readonly example: JsonObject;
}

/** The node types that every worker has, in the order in which they are offered. */
export const NODE_TYPE_CATALOG: readonly NodeTypeEntry[] = [
  entry('agents', 'agent', 'Asks a model, which may call tools.', AgentConfig, { role: 'draft' }),
  entry('agents', 'handoff', 'Has agents work one after the other, as they choose.', HandoffConfig, {
    agents: { drafter: { role: 'draft' }, reviewer: { role: 'review' } },
    first: 'drafter',
  }),
  entry('agents', 'retrieve', 'Finds the passages that are nearest to the question.', RetrieveConfig, { top_k: 5 }),
  entry('agents', 'report', 'Makes a report of a result, as files that the run leaves behind.', ReportConfig, {
    formats: ['markdown'],
  }),
  entry('data', 'transform', 'Makes a value of what came before.', TransformConfig, { expression: 'input' }),
  entry('data', 'http', 'Calls a URL, once.', HttpConfig, { url: 'https://example.com/' }),
  entry('data', 'aggregate', 'Joins the outputs of the nodes before it.', AggregateConfig, { mode: 'list' }),
  entry('data', 'echo', 'Returns its config, or its input where it has none: for trials.', EchoConfig, {}),
  entry('branches', 'condition', 'Takes one of two branches.', ConditionConfig, { if: 'true' }),
  entry('branches', 'switch', 'Takes one of several branches.', SwitchConfig, { cases: [{ when: 'true', then: [] }] }),
  entry('branches', 'map', 'Executes a body for each item of a list, some at once.', MapConfig, {
    items: [],
    body: { type: 'echo' },
  }),
  entry('branches', 'loop', 'Executes a body until a condition holds.', LoopConfig, {
    body: { type: 'echo' },
    until: 'visit >= 3',
    max_visits: 10,
  }),
  entry('waits', 'approval', 'Waits for a person, for days at no cost.', ApprovalConfig, { title: 'Approve?' }),
  entry('waits', 'wait', 'Waits for a time or an event, at no cost.', WaitConfig, { seconds: 10 }),
  entry('runs', 'workflow', 'Runs a workflow as a run of its own.', ChildConfig, { workflow: 'answer' }),
  entry('runs', 'continue_as_new', 'Goes on in a fresh run, for runs that never end.', ContinueConfig, {}),
];

/** The types of Baton's own workflows, which no author needs. */
export const INTERNAL_NODE_TYPES: ReadonlySet<string> = new Set(['effect', 'ingest', 'reembed']);

/** The config of a type as JSON Schema: what an author may write. It holds no references: JSON of any kind is a schema without a type. */
export function configJsonSchema({ schema }: NodeTypeEntry): JsonObject {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // Only `z.json()` is lazy here.
      if (!(zodSchema instanceof z.ZodLazy)) return;
      const { description, default: otherwise } = jsonSchema;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      Object.assign(jsonSchema, { description, default: otherwise });
    },
  });
  const left = new Set(['$schema', '$defs', '$ref']);
  return JSON.parse(JSON.stringify(json, (key, value: unknown) => (left.has(key) ? undefined : value))) as JsonObject;
}

const SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map(NODE_TYPE_CATALOG.map(({ type, schema }) => [type, schema]));

/** What is wrong with a config, whatever its placeholders will be; nothing for types that are not in the catalog. */
export function configProblems(type: string, config: JsonObject): Problem[] {
  const result = SCHEMAS.get(type)?.safeParse(config);
  if (result === undefined || result.success) return [];
  return result.error.issues
    .filter((issue) => issue.code === 'unrecognized_keys' || !hasPlaceholder(valueAt(config, issue.path)))
    .flatMap(issueProblems);
}

function valueAt(config: JsonObject, path: readonly PropertyKey[]): JsonValue | undefined {
  let value: JsonValue | undefined = config;
  for (const key of path) value = value !== null && typeof value === 'object' ? (value as JsonObject)[String(key)] : undefined;
  return value;
}

function hasPlaceholder(value: JsonValue | undefined): boolean {
  return value !== undefined && JSON.stringify(value).includes('${{');
}

function entry(category: NodeCategory, type: string, description: string, schema: z.ZodType, example: JsonObject): NodeTypeEntry {
  return { type, category, description, schema, example };
}
