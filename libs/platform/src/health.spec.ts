import { describe, expect, it } from '@jest/globals';
import { HealthProbe, type HealthParts } from './health.js';

/** Parts that are well; what a test breaks comes on top. */
function parts(broken: Record<string, object> = {}): HealthParts {
  const well = {
    runs: { ping: async () => true, dueRuns: async () => [] },
    database: { findLossyCommit: async () => null },
    queue: { kind: 'bullmq', ping: async () => true, findTrouble: async () => null },
    locks: { peek: async () => ({ kind: 'free' }) },
    doorbell: { isHealthy: () => true },
    vectors: { ping: async () => true },
    workers: { list: async () => [{ live: true }] },
    audit: { findings: async () => [] },
    retention: { findUnarchived: async () => [] },
    clock: { now: () => 100_000 },
  };
  return { ...well, ...broken } as unknown as HealthParts;
}

const probe = (broken?: Record<string, object>): HealthProbe => new HealthProbe(parts(broken), { stuckAfterMs: 30_000 });

describe('health', () => {
  it('is ok when every part is', async () => {
    expect((await probe().readiness()).status).toBe('ok');
    const deep = await probe().deep();
    expect([deep.status, Object.keys(deep.parts).toSorted()]).toEqual([
      'ok',
      ['doorbell', 'durability', 'queue', 'redis', 'sql', 'vectors', 'workers'],
    ]);
  });

  it.each([
    ['queue', { queue: { kind: 'bullmq', ping: async () => false } }],
    ['durability', { database: { findLossyCommit: async () => 'commits are not flushed' } }],
    ['doorbell', { doorbell: { isHealthy: () => false } }],
    ['workers', { workers: { list: async () => [{ live: false }] } }],
    ['workers', { runs: { ping: async () => true, dueRuns: async () => [{ wakeAt: 60_000 }] } }],
  ])('still takes work, degraded, without %s', async (name, broken) => {
    const report = await probe(broken).readiness();
    expect([report.status, report.parts[name]?.ok]).toEqual(['degraded', false]);
    expect((await probe(broken).deep()).status).toBe('unavailable');
  });

  it('tells what may become of the queue, though it answers', async () => {
    const queue = { kind: 'bullmq', ping: async () => true, findTrouble: async () => 'out of memory' };
    const report = await probe({ queue }).readiness();
    expect([report.status, report.parts['queue']]).toEqual(['degraded', expect.objectContaining({ detail: 'out of memory' })]);
  });

  it.each([
    ['says no', async () => false],
    ['fails', async () => Promise.reject(new Error('broken'))],
  ])('takes no work when SQL %s', async (_how, ping) => {
    const report = await probe({ runs: { ping, dueRuns: async () => [] } }).readiness();
    expect([report.status, report.parts['sql']?.ok]).toEqual(['unavailable', false]);
  });

  it('warns of what the auditors have found lately, of which nothing is unavailable', async () => {
    const finding = { runId: 'r1', tenantId: 'default', kind: 'gap', detail: 'seq 4 stands where 3 should', foundAt: 90_000 };
    const report = await probe({ audit: { findings: async () => [finding, { ...finding, runId: 'r0' }] } }).deep();
    expect([report.status, report.warnings]).toEqual([
      'ok',
      ['runs are as none may be: 2 findings in 7 days, the last in run r1 (gap: seq 4 stands where 3 should)'],
    ]);
    const failing = { findings: () => Promise.reject(new Error('away')) };
    expect(await probe({ audit: failing }).deep()).toMatchObject({ status: 'ok', warnings: [] });
  });

  it('warns of runs that stay since they cannot be archived', async () => {
    const asked: number[] = [];
    const findUnarchived = async ({ since, limit }: { since: number; limit: number }) => {
      asked.push(since);
      const run = { runId: 'r1', tenantId: 'default', detail: 'S3 does not do PUT: 503.', at: 90_000 };
      return Array.from({ length: limit }, () => run);
    };
    const report = await probe({ retention: { findUnarchived } }).deep();
    expect([report.status, report.warnings]).toEqual([
      'ok',
      [
        'runs are kept longer than they should be, since they cannot be archived: 100 or more in a day, the last r1 (S3 does not do PUT: 503.)',
      ],
    ]);
    expect(asked).toEqual([100_000 - 86_400_000]);
    const failing = { findUnarchived: () => Promise.reject(new Error('away')) };
    expect(await probe({ retention: failing }).deep()).toMatchObject({ status: 'ok', warnings: [] });
  });

  it('names no run to other tenants than its own and that of the deployment', async () => {
    const run = { runId: 'r1', tenantId: 'acme' };
    const finding = { ...run, kind: 'gap', detail: 'seq 4 stands where 3 should', foundAt: 90_000 };
    const findUnarchived = async () => [{ ...run, detail: 'S3 does not do PUT: 503.', at: 90_000 }];
    const asked = probe({ audit: { findings: async () => [finding] }, retention: { findUnarchived } });
    for (const tenantId of ['default', 'acme']) {
      expect((await asked.deep(tenantId)).warnings).toEqual([expect.stringContaining('r1'), expect.stringContaining('r1')]);
    }
    expect((await asked.deep('other')).warnings).toEqual([
      'runs are as none may be: 1 findings in 7 days',
      'runs are kept longer than they should be, since they cannot be archived: 1 in a day',
    ]);
  });

  it('does not wait for a part that is silent', async () => {
    const silent = { ping: () => new Promise(() => undefined) };
    const report = await probe({ vectors: silent }).deep();
    expect(report.parts['vectors']).toMatchObject({ ok: false, detail: expect.stringMatching(/^no answer within/) });
  });

  it('measures once for a crowd that asks, and anew for who asks later', async () => {
    let measured = 0;
    const ping = async (): Promise<boolean> => (measured += 1) > 0;
    const shared = probe({ runs: { ping, dueRuns: async () => [] } });
    const reports = await Promise.all(Array.from({ length: 50 }, () => shared.readiness()));
    expect([measured, reports.every(({ status }) => status === 'ok')]).toEqual([1, true]);
    await shared.readiness();
    expect(measured).toBe(2);
  });

  it('counts a run that is due for a moment as no trouble', async () => {
    const runs = { ping: async () => true, dueRuns: async () => [{ wakeAt: 90_000 }] };
    expect((await probe({ runs }).readiness()).status).toBe('ok');
  });
});
