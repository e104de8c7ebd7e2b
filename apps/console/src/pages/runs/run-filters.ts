import type { RunsListData } from '../../api/schema.js';
import type { RunStatus } from './run-types.js';

export const RUN_STATUSES: readonly RunStatus[] = [
  ...(['running', 'waiting', 'paused', 'queued', 'compensating'] as const),
  ...(['failed', 'completed', 'cancelled'] as const),
];

export const RANGES = [
  { value: '1h', label: 'Last hour', ms: 3_600_000 },
  { value: '24h', label: 'Last 24 hours', ms: 86_400_000 },
  { value: '7d', label: 'Last 7 days', ms: 604_800_000 },
  { value: '30d', label: 'Last 30 days', ms: 2_592_000_000 },
] as const;

/** What the address says of the runs that are wanted. */
export interface RunFilters {
  readonly status?: RunStatus;
  readonly workflow?: string;
  readonly id?: string;
  readonly task?: string;
  readonly parent?: string;
  readonly range?: string;
  readonly from?: string;
  readonly to?: string;
}

/** The API takes no shorter beginning of an id. */
export const MIN_ID = 8;

export function readFilters(search: Readonly<Record<string, string | undefined>>): RunFilters {
  const status = RUN_STATUSES.find((one) => one === search['status']);
  const { workflow, id, task, parent, range, from, to } = search;
  return {
    ...(status !== undefined && { status }),
    ...(workflow !== undefined && { workflow }),
    ...(id !== undefined && id.trim().length >= MIN_ID && { id: id.trim().toLowerCase() }),
    ...(task !== undefined && { task }),
    ...(parent !== undefined && { parent }),
    ...(RANGES.some(({ value }) => value === range) && { range: range! }),
    ...(isInstant(from) && { from: from! }),
    ...(isInstant(to) && { to: to! }),
  };
}

export type RunsQuery = NonNullable<RunsListData['query']>;

/** The question to the API. `now`: from when a range counts back. */
export function toQuery({ status, workflow, id, task, parent, range, from, to }: RunFilters, now: number): RunsQuery {
  const span = RANGES.find(({ value }) => value === range)?.ms;
  const after = span === undefined ? from : new Date(now - span).toISOString();
  return {
    ...(status !== undefined && { status }),
    ...(workflow !== undefined && { workflow }),
    ...(id !== undefined && { id_prefix: id }),
    ...(task !== undefined && { task_id: task }),
    ...(parent !== undefined && { parent_id: parent }),
    ...(after !== undefined && { created_after: new Date(after).toISOString() }),
    ...(span === undefined && to !== undefined && { created_before: new Date(to).toISOString() }),
  };
}

function isInstant(text: string | undefined): boolean {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}
