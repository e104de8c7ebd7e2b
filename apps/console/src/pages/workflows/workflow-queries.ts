import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import type {
  PatternsListResponses,
  SchemasNodesResponses,
  RunsListResponses,
  WorkflowsFindResponses,
  WorkflowsListResponses,
  WorkflowsPublishResponses,
  WorkflowsValidateResponses,
} from '../../api/schema.js';
import { isObject, type Json, type JsonObject } from './document/json.js';
import type { DefinitionSchemas, Schema } from './document/schema-lookup.js';

export type WorkflowSummary = WorkflowsListResponses[200]['items'][number];
export type Workflow = WorkflowsFindResponses[200];
export type ValidationReply = WorkflowsValidateResponses[200];
export type Published = WorkflowsPublishResponses[201];
export type RunSummary = RunsListResponses[200]['items'][number];
export type NodeType = SchemasNodesResponses[200]['items'][number];
export type Pattern = PatternsListResponses[200]['patterns'][number];

const PAGE = 100;
/** Schemas and patterns change with a release, or by hand. */
const SELDOM_MS = 300_000;
/** Workers with other types may have come. */
const VALIDATION_MS = 60_000;
const RUNS_EVERY_MS = 10_000;

/** The newest versions of all workflows, page by page. */
export const workflowsQuery = (archived: boolean) =>
  infiniteQueryOptions({
    queryKey: ['workflows', { archived }],
    queryFn: ({ pageParam }) => {
      const query = {
        limit: PAGE,
        archived: archived ? ('true' as const) : ('false' as const),
        ...(pageParam !== null && { after: pageParam }),
      };
      return api.GET('/api/v1/workflows', { params: { query } }).then(unwrap);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_after,
  });

/** One version; the newest where none is named. */
export const workflowQuery = (id: string, version?: number) =>
  queryOptions({
    queryKey: ['workflow', id, { version: version ?? null }],
    queryFn: () =>
      api
        .GET('/api/v1/workflows/{id}', { params: { path: { id }, query: version === undefined ? {} : { version } } })
        .then(unwrap),
    // A version never changes; which is the newest does.
    staleTime: version === undefined ? 0 : Infinity,
  });

export const versionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['workflow', id, 'versions'],
    queryFn: ({ pageParam }) => {
      const query = { limit: PAGE, ...(pageParam !== null && { before: pageParam }) };
      return api.GET('/api/v1/workflows/{id}/versions', { params: { path: { id }, query } }).then(unwrap);
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_before,
  });

/** The last runs of a workflow, asked for again now and then while they are shown. */
export const lastRunsQuery = (id: string, limit: number) =>
  queryOptions({
    queryKey: ['workflow', id, 'runs', limit],
    queryFn: () => api.GET('/api/v1/runs', { params: { query: { workflow: id, limit } } }).then(unwrap),
    refetchInterval: RUNS_EVERY_MS,
  });

/** What editors know of definitions: the schema of the whole, and the node types with theirs. */
export interface Known {
  schemas: DefinitionSchemas;
  types: readonly NodeType[];
}

export const schemasQuery = queryOptions({
  queryKey: ['workflow-schemas'],
  queryFn: async (): Promise<Known> => {
    const [workflow, types] = await Promise.all([
      api.GET('/api/v1/schemas/workflow').then(unwrap),
      api.GET('/api/v1/schemas/nodes').then(unwrap),
    ]);
    const schemas: DefinitionSchemas = {
      workflow: isObject(workflow) ? workflow : {},
      nodeTypes: new Map(types.items.map(({ type, description, config }) => [type, { description, config: config as Schema }])),
    };
    return { schemas, types: types.items };
  },
  staleTime: SELDOM_MS,
});

export const patternsQuery = queryOptions({
  queryKey: ['patterns'],
  queryFn: () =>
    api
      .GET('/api/v1/patterns/available')
      .then(unwrap)
      .then(({ patterns }) => patterns),
  staleTime: SELDOM_MS,
});

const YAML = { headers: { 'content-type': 'application/yaml' }, bodySerializer: (text: unknown): string => text as string };

async function validateDefinition(text: string, signal?: AbortSignal): Promise<ValidationReply> {
  return unwrap(await api.POST('/api/v1/workflows/validate', { ...YAML, body: text, ...(signal !== undefined && { signal }) }));
}

/** What validation says of a text that stays as it is. */
export const validationQuery = (text: string) =>
  queryOptions({
    queryKey: ['workflow-validation', text],
    queryFn: ({ signal }) => validateDefinition(text, signal),
    staleTime: VALIDATION_MS,
    gcTime: VALIDATION_MS,
  });

/** Publishes a text as the next version after `base`. @throws ProblemError `stale_revision` where a newer one is there. */
export async function publishDefinition(text: string, base: { id: string; version: number } | null): Promise<Published> {
  const query = { base_version: base?.version ?? 0 };
  if (base === null) return unwrap<Published>(await api.POST('/api/v1/workflows', { ...YAML, body: text, params: { query } }));
  return unwrap<Published>(
    await api.PUT('/api/v1/workflows/{id}', { ...YAML, body: text, params: { query, path: { id: base.id } } }),
  );
}

/** The nodes that a pattern makes of its example: where to begin from. */
export async function expandPattern({ name, example }: Pattern): Promise<JsonObject[]> {
  const body = { parameters: example };
  const { nodes } = unwrap(await api.POST('/api/v1/patterns/{name}/expand', { params: { path: { name } }, body }));
  return nodes;
}

/** Starts a run of a version; its id. One key a try: a repeated call starts no second run. */
export async function startRun(id: string, version: number, input: Json, key: string): Promise<string> {
  const body = { input_data: input, version, execution_options: {} };
  const params = { path: { id }, header: { 'Idempotency-Key': key } };
  return unwrap(await api.POST('/api/v1/workflows/{id}/execute', { params, body })).execution_id;
}

export async function archiveWorkflow(id: string): Promise<void> {
  unwrap(await api.DELETE('/api/v1/workflows/{id}', { params: { path: { id } } }));
}
