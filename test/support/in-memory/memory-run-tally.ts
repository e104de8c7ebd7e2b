import { RunTally, type EndedRun } from '@baton/core';
import type { MemoryDatabase } from './memory-database.js';
import { PortCalls } from './port-calls.js';

/** {@link RunTally} of one process over the shared tables: it keeps which runs are counted. */
export class MemoryRunTally extends RunTally {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  countedTo(): Promise<number> {
    return this.calls.make('countedTo', null, () => this.db.counted.to);
  }

  endedRuns({ after, until, limit }: Parameters<RunTally['endedRuns']>[0]): Promise<EndedRun[]> {
    return this.calls.make('endedRuns', { after, until, limit }, () =>
      [...this.db.runs.values()]
        .filter(({ finishedAt, id }) => {
          if (finishedAt === null || finishedAt > until || finishedAt < after.finishedAt) return false;
          return finishedAt > after.finishedAt || id > after.runId;
        })
        .map(({ finishedAt, id }) => ({ finishedAt: finishedAt!, runId: id, isCounted: this.db.counted.runIds.has(id) }))
        .toSorted((left, right) => left.finishedAt - right.finishedAt || (left.runId < right.runId ? -1 : 1))
        .slice(0, limit),
    );
  }

  count(runIds: readonly string[], countedTo: number): Promise<number> {
    return this.calls.make('count', runIds, () => {
      if (runIds.length === 0) return 0;
      const { counted, runs } = this.db;
      const fresh = runIds.filter((id) => !counted.runIds.has(id) && typeof runs.get(id)?.finishedAt === 'number');
      for (const id of fresh) counted.runIds.add(id);
      counted.to = Math.max(counted.to, countedTo);
      return fresh.length;
    });
  }
}
