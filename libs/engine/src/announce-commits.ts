import type { Doorbell, PoolQueue, QueuedDispatch, Ring, RunQueue, RunStore } from '@baton/core';
import type { EngineObserver } from './engine-observer.js';

/**
 * Tells others of each commit of this process: one ring for all journals that grew, one for each holder whose inbox did, a job for each
 * signalled run that nobody holds and each run that another has started, a job for each node that goes to a pool. All of it may be lost: readers
 * poll, and the waker finds what is due.
 */
export function announceCommits(parts: {
  runs: RunStore;
  doorbell: Doorbell;
  queue: RunQueue;
  pools: PoolQueue;
  observer: EngineObserver;
}): () => void {
  return parts.runs.onCommit(({ grown, signalled, started, dispatched }) => {
    const rings: Ring[] = grown.map(({ runId, taskId, seq, ended }) => ({ kind: 'journal', runId, taskId, seq, ended }));
    const dispatches: QueuedDispatch[] = [...started];
    for (const { workerId, ...dispatch } of signalled) {
      if (workerId === null) dispatches.push(dispatch);
      else rings.push({ kind: 'inbox', runId: dispatch.runId, workerId });
    }
    if (rings.length > 0) parts.doorbell.ring(rings);
    if (dispatches.length > 0) {
      parts.queue.enqueue(dispatches).catch((error: unknown) => parts.observer.dispatchFailed(dispatches[0]!.runId, error));
    }
    if (dispatched.length > 0)
      parts.pools.enqueue(dispatched).catch((error: unknown) => parts.observer.dispatchFailed(dispatched[0]!.runId, error));
  });
}
