import { isHeldBack, type EventDraft, type NodeLog } from '@baton/core';

/** Says in the log of an attempt how it failed, and when the next one comes, as its events have it. */
export function logFailure(log: NodeLog, events: readonly EventDraft[], at: number): void {
  for (const { type, payload } of events) {
    if (type !== 'node.failed' && type !== 'compensation.failed') continue;
    const { error, retry_at: retryAt } = payload;
    const fields = { code: error.code, ...(retryAt !== null && { retry_in_ms: Math.max(0, Math.round(retryAt - at)) }) };
    if (retryAt === null) log.error(`Failed: ${error.message}`, fields);
    else if (isHeldBack(error)) log.info(`Held back until its turn: ${error.message}`, fields);
    else log.warn(`Failed, and is tried again: ${error.message}`, fields);
  }
}
