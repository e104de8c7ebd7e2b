import { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import type { QueueJob } from '@bull-board/api/dist/types.js';
import { BatonError, type DeadLetter, type DeadLetterStore, type RunStore } from '@baton/core';

/** The board counts no further. */
const COUNTED = 10_000;

/** Open dead letters as the failed jobs of a queue that Bull Board shows. They are rows in SQL: replaying and discarding them is up to the API. */
export class DeadLetterBoard extends BaseAdapter {
  constructor(
    private readonly letters: DeadLetterStore,
    private readonly runs: Pick<RunStore, 'findRun'>,
  ) {
    const description = 'What failed for good. Replay or discard it with the API: /api/v1/dead-letters.';
    super('bullmq', { readOnlyMode: true, allowRetries: false, description });
  }

  getName(): string {
    return 'dead-letters';
  }

  async getJobs(_statuses: unknown, start = 0, end = start): Promise<QueueJob[]> {
    const letters = await this.letters.listOpen({ offset: start, limit: end - start + 1 });
    return letters.map(jobOf);
  }

  async getJob(id: string): Promise<QueueJob | null> {
    const run = await this.runs.findRun(id);
    const letter = run === null ? null : await this.letters.find(run.tenantId, id);
    return letter === null ? null : jobOf(letter);
  }

  async getJobCounts() {
    const none = { active: 0, waiting: 0, 'waiting-children': 0, prioritized: 0, completed: 0, delayed: 0, paused: 0, latest: 0 };
    return { ...none, failed: await this.letters.countOpen(COUNTED) };
  }

  getStatuses() {
    return ['latest' as const, ...this.getJobStatuses()];
  }

  getJobStatuses() {
    return ['failed' as const];
  }

  getJobLogs = (): Promise<string[]> => Promise.resolve([]);
  getMetrics = () => Promise.resolve({ meta: { count: 0, prevTS: 0, prevCount: 0 }, data: [], count: 0 });
  getRedisInfo = (): Promise<null> => Promise.resolve(null);
  isPaused = (): Promise<boolean> => Promise.resolve(false);
  getJobSchedulers = (): Promise<never[]> => Promise.resolve([]);
  getJobSchedulersCount = (): Promise<number> => Promise.resolve(0);
  getGlobalConcurrency = (): Promise<null> => Promise.resolve(null);

  clean = refuse;
  addJob = refuse;
  pause = refuse;
  resume = refuse;
  empty = refuse;
  obliterate = refuse;
  promoteAll = refuse;
  removeJobScheduler = refuse;
  updateJobScheduler = refuse;
  runJobSchedulerNow = refuse;
  setGlobalConcurrency = refuse;
}

function jobOf({ runId, at, attempts, error, workflow, ...letter }: DeadLetter): QueueJob {
  const { tenantId, taskId, kind, nodeId, nodeType, failedNodes, status } = letter;
  const data = {
    ...{ tenant_id: tenantId, task_id: taskId, workflow: workflow.name, version: workflow.version, kind, status },
    ...{ node_id: nodeId, node_type: nodeType, failed_nodes: failedNodes, error },
    ...{ letter: `/api/v1/dead-letters/${runId}`, timeline: `/api/v1/runs/${runId}/timeline` },
  };
  const name = nodeId === null ? workflow.name : `${workflow.name} / ${nodeId}`;
  return {
    ...{ opts: {}, promote: refuse, remove: refuse, retry: refuse },
    getState: () => Promise.resolve('failed'),
    toJSON: () => ({
      ...{ id: runId, name, data, opts: {}, progress: 0, attemptsMade: attempts, timestamp: at, finishedOn: at },
      ...{ failedReason: `${error.code}: ${error.message}`, stacktrace: null, returnvalue: null },
    }),
  };
}

function refuse(): Promise<never> {
  return Promise.reject(new BatonError('not_found', 'Dead letters are replayed and discarded with /api/v1/dead-letters.'));
}
