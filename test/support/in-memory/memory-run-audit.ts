import { RunAudit, type AuditFinding, type RunOutline } from '@baton/core';
import type { MemoryDatabase, RunRow } from './memory-database.js';
import { PortCalls } from './port-calls.js';

/** {@link RunAudit} of one process over the shared tables. */
export class MemoryRunAudit extends RunAudit {
  constructor(
    private readonly db: MemoryDatabase,
    readonly calls = new PortCalls(),
  ) {
    super();
  }

  endedRuns({ after, until, limit }: Parameters<RunAudit['endedRuns']>[0]): ReturnType<RunAudit['endedRuns']> {
    return this.calls.make('endedRuns', { after, until, limit }, () =>
      [...this.db.runs.values()]
        .map(({ finishedAt, id }) => ({ finishedAt: finishedAt ?? Infinity, runId: id }))
        .filter((mark) => mark.finishedAt <= until && byEnd(mark, after) > 0)
        .toSorted(byEnd)
        .slice(0, limit),
    );
  }

  runningRuns({ after, limit }: { after: string; limit: number }): Promise<string[]> {
    return this.calls.make('runningRuns', { after, limit }, () =>
      [...this.db.runs.values()]
        .filter(({ id, status }) => id > after && (status === 'running' || status === 'compensating'))
        .map(({ id }) => id)
        .toSorted()
        .slice(0, limit),
    );
  }

  outline(runIds: readonly string[], maxEvents: number): Promise<RunOutline[]> {
    return this.calls.make('outline', runIds, () =>
      runIds.flatMap((runId) => {
        const run = this.db.runs.get(runId);
        return run === undefined ? [] : [this.outlineOf(run, maxEvents)];
      }),
    );
  }

  report(finding: AuditFinding): Promise<boolean> {
    return this.calls.make('report', finding, () => {
      const isKnown = this.db.findings.some(({ runId, kind }) => runId === finding.runId && kind === finding.kind);
      if (!isKnown) this.db.findings.push(finding);
      return !isKnown;
    });
  }

  findings({ since, limit }: { since: number; limit: number }): Promise<AuditFinding[]> {
    return this.calls.make('findings', since, () =>
      this.db.findings
        .filter(({ foundAt }) => foundAt >= since)
        .toSorted((left, right) => right.foundAt - left.foundAt)
        .slice(0, limit),
    );
  }

  private outlineOf(run: RunRow, maxEvents: number): RunOutline {
    const { id: runId, tenantId, status, seq, epoch, taskId } = run;
    const task = taskId === null ? undefined : this.db.tasks.get(taskId);
    return {
      ...{ runId, tenantId, status, seq, epoch },
      task: task === undefined ? null : { status: task.status, liveRunId: task.liveRunId, lastRunId: task.lastRunId },
      events: this.db
        .journalOf(runId)
        .filter((event) => event.seq > seq - maxEvents)
        .map((event) => ({ seq: event.seq, epoch: event.epoch, type: event.type })),
    };
  }
}

function byEnd(left: { finishedAt: number; runId: string }, right: { finishedAt: number; runId: string }): number {
  if (left.finishedAt !== right.finishedAt) return left.finishedAt - right.finishedAt;
  return left.runId === right.runId ? 0 : left.runId < right.runId ? -1 : 1;
}
