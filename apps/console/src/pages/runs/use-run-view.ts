import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, unwrap } from '../../api/client.js';
import { useRunEvents } from '../../live/use-run-events.js';
import type { RunEvent } from '../../live/protocol.js';
import { RunFold, type PlannedNode, type RunView } from './view/run-fold.js';

export interface ShownRun {
  /** Null until the definition is there. */
  view: RunView | null;
  events: readonly RunEvent[];
  definition: Readonly<Record<string, unknown>> | null;
  error: unknown;
}

/** A run as its journal has it, at every moment. */
export function useRunView(runId: string): ShownRun {
  const { events } = useRunEvents(runId);
  const revision = useMemo(() => revisionOf(events), [events]);
  const { data, error } = useQuery({
    queryKey: ['run-definition', runId, revision],
    queryFn: () => readDefinition(runId, revision),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  const definition = data?.definition ?? null;
  const fold = useMemo(() => (definition === null ? null : new RunFold(definition['nodes'] as PlannedNode[])), [definition]);
  const view = useMemo(() => {
    fold?.take(events);
    return fold?.view() ?? null;
  }, [fold, events]);
  return { view, events, definition, error };
}

/** The definition that a run had from one of its patches on; 0: as submitted. */
export function readDefinition(id: string, revision: number) {
  return api.GET('/api/v1/runs/{id}/definition', { params: { path: { id }, query: { revision } } }).then(unwrap);
}

function revisionOf(events: readonly RunEvent[]): number {
  const patched = events.findLast(({ type }) => type === 'run.patched');
  return Number(patched?.payload['revision'] ?? 0);
}
