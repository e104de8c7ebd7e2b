import type { DeadLetterDraft } from '@baton/core';
import type { RunHead } from './run-head.js';

/** The columns of a letter as it is left, in the order of {@link deadLetterValues}. */
export const DEAD_LETTER_COLUMNS = [
  ...['run_id', 'tenant_id', 'kind', 'node_id', 'node_type', 'code', 'error', 'attempts', 'failed_nodes', 'at', 'status'],
];

export interface NewDeadLetter {
  readonly head: RunHead;
  readonly draft: DeadLetterDraft;
}

export function deadLetterValues({ head, draft }: NewDeadLetter): unknown[] {
  const { kind, nodeId, nodeType, error, attempts, failedNodes } = draft;
  return [
    ...[head.id, head.tenantId, kind, nodeId, nodeType, error.code.slice(0, 64), JSON.stringify(error), attempts, failedNodes],
    ...[head.finishedAt, 'open'],
  ];
}
