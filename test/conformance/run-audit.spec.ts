import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { auditRun, type RunAudit, type RunStore, type TaskStore } from '@baton/core';
import { SqlRunAudit, SqlRunStore, SqlTaskStore } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { MemoryDatabase, MemoryRunAudit, MemoryRunStore, MemoryTaskStore, VirtualClock } from '../support/in-memory/index.js';
import { accepted, claimedRun, completed, ending, newTask } from '../support/run-requests.js';

interface Stores {
  audit: RunAudit;
  runs: RunStore;
  tasks: TaskStore;
  close(): Promise<void>;
}

function conform(open: () => Promise<Stores>): void {
  let stores: Stores;
  let audit: RunAudit;

  beforeEach(async () => {
    stores = await open();
    audit = stores.audit;
  });
  afterEach(() => stores.close());

  async function endedRun(taskId: string | null = null): Promise<string> {
    const { runId, epoch } = await claimedRun(stores.runs, { taskId });
    const { events, settle } = ending(1);
    await stores.runs.append({ runId, epoch, baseSeq: 1, events: [completed(1), ...events], settle });
    return runId;
  }

  test('pages through the ended runs in the order of their ends', async () => {
    const { runId: live } = await claimedRun(stores.runs);
    const ended = [await endedRun(), await endedRun(), await endedRun()].toSorted();
    const seen: string[] = [];
    let after = { finishedAt: 0, runId: '' };
    for (let page = 0; page < 4; page += 1) {
      const found = await audit.endedRuns({ after, until: 2_000, limit: 1 });
      seen.push(...found.map(({ runId }) => runId));
      after = found[0] ?? after;
    }
    expect(seen).toEqual(ended);
    expect(seen).not.toContain(live);
    expect(after.finishedAt).toBe(2_000);
    expect(await audit.endedRuns({ after: { finishedAt: 0, runId: '' }, until: 1_999, limit: 9 })).toEqual([]);
  });

  test('pages through the runs in work', async () => {
    await accepted(stores.runs);
    await endedRun();
    const inWork = [await claimedRun(stores.runs), await claimedRun(stores.runs), await claimedRun(stores.runs)];
    const runIds = inWork.map(({ runId }) => runId).toSorted();
    expect(await audit.runningRuns({ after: '', limit: 2 })).toEqual(runIds.slice(0, 2));
    expect(await audit.runningRuns({ after: runIds[1]!, limit: 2 })).toEqual(runIds.slice(2));
  });

  test('shows runs as their row, their journal and their task have them', async () => {
    await stores.tasks.create(newTask({ id: 't1' }));
    await stores.tasks.create(newTask({ id: 't2' }));
    const ended = await endedRun('t1');
    const live = await claimedRun(stores.runs, { taskId: 't2' });
    const outlines = await audit.outline([ended, live.runId, 'none'], 100);
    const of = (runId: string) => outlines.find((outline) => outline.runId === runId);
    expect(outlines).toHaveLength(2);
    expect(of(ended)).toEqual({
      ...{ runId: ended, tenantId: 'default', status: 'completed', seq: 3, epoch: 1 },
      task: { status: 'done', liveRunId: null, lastRunId: ended },
      events: [
        { seq: 1, epoch: 0, type: 'run.submitted' },
        { seq: 2, epoch: 1, type: 'node.completed' },
        { seq: 3, epoch: 1, type: 'run.completed' },
      ],
    });
    expect(of(live.runId)).toMatchObject({
      status: 'running',
      task: { status: 'running', liveRunId: live.runId, lastRunId: null },
    });
    expect(outlines.flatMap((outline) => auditRun(outline, 100))).toEqual([]);
    expect(await audit.outline([], 100)).toEqual([]);
  });

  test('shows the last events of a long journal', async () => {
    const { runId, epoch } = await claimedRun(stores.runs);
    const events = Array.from({ length: 50 }, (_, index) => completed(index));
    await stores.runs.append({ runId, epoch, baseSeq: 1, events });
    const [outline] = await audit.outline([runId], 10);
    expect(outline!.task).toBeNull();
    expect(outline!.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 10 }, (_, index) => 42 + index));
    expect(auditRun(outline!, 10)).toEqual([]);
  });

  test('keeps a finding once for a run and kind, and shows the newest first', async () => {
    const finding = { runId: 'r1', tenantId: 'default', kind: 'gap', detail: 'it lacks 3', foundAt: 1_000 } as const;
    const reports = await Promise.all(Array.from({ length: 5 }, () => audit.report(finding)));
    expect(reports.filter(Boolean)).toHaveLength(1);
    expect(await audit.report({ ...finding, detail: 'otherwise', foundAt: 2_000 })).toBe(false);
    expect(await audit.report({ ...finding, kind: 'row', foundAt: 3_000 })).toBe(true);
    expect(await audit.findings({ since: 0, limit: 9 })).toEqual([{ ...finding, kind: 'row', foundAt: 3_000 }, finding]);
    expect(await audit.findings({ since: 1_001, limit: 9 })).toHaveLength(1);
    expect(await audit.findings({ since: 0, limit: 1 })).toMatchObject([{ kind: 'row' }]);
  });
}

describe.each(DATABASE_KINDS)('RunAudit on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  afterAll(() => bench.stop());
  conform(async () => {
    const database = await (await bench.fresh()).open();
    const runs = new SqlRunStore(database);
    return {
      audit: new SqlRunAudit(database),
      runs,
      tasks: new SqlTaskStore(database),
      close: async () => {
        await runs.close();
        await bench.closeAll();
      },
    };
  });
});

describe('RunAudit in memory', () => {
  conform(async () => {
    const db = new MemoryDatabase(new VirtualClock());
    return {
      audit: new MemoryRunAudit(db),
      runs: new MemoryRunStore(db),
      tasks: new MemoryTaskStore(db),
      close: () => Promise.resolve(),
    };
  });
});
