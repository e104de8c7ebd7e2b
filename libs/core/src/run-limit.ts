import { DEFAULT_TENANT } from './run.js';

/** What becomes of a run that meets a full limit: it is refused, waits outside the queue for a place, or the oldest live run makes room. */
export const LIMIT_POLICIES = ['reject', 'queue', 'cancel_oldest'] as const;
export type LimitPolicy = (typeof LIMIT_POLICIES)[number];

/**
 * How many runs of one scope may be live at once. A run takes a place in each of its scopes when it is admitted and keeps it to its end, parked
 * or not: so what wakes up never finds its place taken. Child runs run on the place of the run that started them.
 */
export interface RunLimit {
  /** The identity of the scope, see {@link tenantScope} and {@link workflowScope}. */
  readonly scope: string;
  readonly tenantId: string;
  readonly kind: 'tenant' | 'workflow';
  /** The id of the tenant, or the name of the workflow: for people. */
  readonly name: string;
  readonly capacity: number;
  readonly onLimit: LimitPolicy;
}

export function tenantScope(tenantId: string): string {
  return `tenant ${tenantId}`;
}

export function workflowScope(tenantId: string, workflowId: string): string {
  return `workflow ${tenantId} ${workflowId}`;
}

/** The scopes in which a run of the workflow may hold places. */
export function scopesOf({ tenantId, workflow }: { tenantId: string; workflow: { id: string } }): string[] {
  return [tenantScope(tenantId), workflowScope(tenantId, workflow.id)];
}

/** The limit in words: `the workflow research`, `the tenant acme`. */
export function describeScope({ kind, name }: Pick<RunLimit, 'kind' | 'name'>): string {
  return kind === 'tenant' && name === DEFAULT_TENANT ? 'all workflows together' : `the ${kind} ${name}`;
}

/** How a scope stands for one run: places taken, and runs that stand in its line before it. */
export interface ScopeLoad {
  readonly taken: number;
  readonly ahead: number;
}

export type PlaceVerdict =
  /** It takes a place in each scope; in the scopes of `displaces` the oldest live run is cancelled for it. */
  | { kind: 'admitted'; displaces: readonly RunLimit[] }
  /** It waits in the line of this scope, and takes no place anywhere. */
  | { kind: 'waits'; limit: RunLimit }
  | { kind: 'refused'; limit: RunLimit };

/**
 * Says whether a run may take its places. Who stands in a line is as good as in: nobody passes him. A run that was `accepted` before is not
 * refused any more, it waits where it would have been.
 */
export function judgeAdmission(
  limits: readonly RunLimit[],
  loadOf: (limit: RunLimit) => ScopeLoad,
  { accepted }: { accepted: boolean },
): PlaceVerdict {
  const full = limits.filter((limit) => {
    const { taken, ahead } = loadOf(limit);
    return taken + ahead >= limit.capacity;
  });
  const refusing = full.find(({ onLimit }) => onLimit === 'reject');
  if (refusing !== undefined && !accepted) return { kind: 'refused', limit: refusing };
  const line = full.find(({ onLimit }) => onLimit !== 'cancel_oldest');
  if (line !== undefined) return { kind: 'waits', limit: line };
  return { kind: 'admitted', displaces: full };
}

/** What the displaced run is told. */
export function displacement(limit: RunLimit, runId: string): { reason: string; by: string } {
  const allowed = `${describeScope(limit)} may have ${limit.capacity} live ${limit.capacity === 1 ? 'run' : 'runs'}`;
  return { reason: `makes room for the run ${runId}: ${allowed}`, by: 'limit' };
}
