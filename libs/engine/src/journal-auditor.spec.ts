import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkflowRef } from '@baton/core';
import { MemoryRunAudit, World, rememberingObserver } from '../../../test/support/in-memory/index.js';
import { JournalAuditor } from './journal-auditor.js';

const HOUR_MS = 3_600_000;

let world: World;
let workflow: WorkflowRef;

beforeEach(async () => {
  world = new World();
  workflow = await world.publish('flow', { only: {} });
});

function auditing(batch = 100): { auditor: JournalAuditor; audit: MemoryRunAudit; told: (name: string) => unknown[] } {
  const audit = new MemoryRunAudit(world.db);
  const observer = rememberingObserver();
  const parts = { audit, observer, clock: world.clock, random: () => 0.5 };
  const auditor = new JournalAuditor(parts, { intervalMs: 10_000, batch, maxEvents: 100 });
  const told = (name: string): unknown[] => observer.told.filter((each) => each.name === name).map(({ detail }) => detail);
  return { auditor, audit, told };
}

/** Runs that have ended, long enough ago. */
async function endedRuns(count: number): Promise<string[]> {
  await world.worker('w1', { handlers: { work: () => null } }).start();
  const runIds: string[] = [];
  for (let n = 0; n < count; n += 1) runIds.push(await world.launch(workflow));
  for (const runId of runIds) await world.untilStatus(runId, 'completed');
  await world.clock.advance(6_000);
  return runIds;
}

async function runningRun(): Promise<string> {
  const runId = await world.submit(workflow);
  world.run(runId).status = 'running';
  return runId;
}

const breakRun = (runId: string): void => void world.db.journalOf(runId).splice(1, 1);

describe('JournalAuditor', () => {
  it('finds nothing in runs that are as they should be', async () => {
    const { auditor, told } = auditing();
    await endedRuns(5);
    await runningRun();
    expect(await auditor.runOnce()).toEqual({ runs: 6, violations: 0 });
    expect(told('auditViolation')).toEqual([]);
  });

  it('tells of a violation once, whoever of many finds it, and keeps it', async () => {
    const [one, other] = [auditing(), auditing()];
    const [, broken] = await endedRuns(3);
    breakRun(broken!);
    const passes = await Promise.all([one.auditor.runOnce(), other.auditor.runOnce()]);
    expect(passes.reduce((sum, { violations }) => sum + violations, 0)).toBe(1);
    const detail = 'seq 3 stands where 2 should';
    expect([...one.told('auditViolation'), ...other.told('auditViolation')]).toEqual([{ runId: broken, kind: 'gap', detail }]);
    expect(await one.audit.findings({ since: 0, limit: 10 })).toMatchObject([{ runId: broken, kind: 'gap', detail }]);
  });

  it('takes the ended runs one after the other, a batch in a pass', async () => {
    const { auditor, audit } = auditing(2);
    const runIds = await endedRuns(5);
    for (let pass = 0; pass < 4; pass += 1) await auditor.runOnce();
    expect(audit.calls.requests<string[]>('outline')).toEqual([runIds.slice(0, 2), runIds.slice(2, 4), runIds.slice(4), []]);
  });

  it('goes round the runs in work', async () => {
    const { auditor, audit } = auditing(2);
    const runIds = [await runningRun(), await runningRun(), await runningRun()];
    for (let pass = 0; pass < 3; pass += 1) await auditor.runOnce();
    expect(audit.calls.requests<string[]>('outline')).toEqual([runIds.slice(0, 2), runIds.slice(2), runIds.slice(0, 2)]);
  });

  it('leaves alone what has ended this instant: a commit with an earlier end may be to come', async () => {
    const { auditor } = auditing();
    const [runId] = await endedRuns(1);
    world.run(runId!).finishedAt = world.clock.now() - 1_000;
    expect(await auditor.runOnce()).toMatchObject({ runs: 0 });
    await world.clock.advance(5_000);
    expect(await auditor.runOnce()).toMatchObject({ runs: 1 });
  });

  it('leaves out what it cannot keep up with', async () => {
    const { auditor } = auditing(2);
    await endedRuns(5);
    expect(await auditor.runOnce()).toMatchObject({ runs: 2 });
    await world.clock.advance(2 * HOUR_MS);
    expect(await auditor.runOnce()).toMatchObject({ runs: 0 });
  });

  it('looks back an hour when it begins', async () => {
    const [early, late] = await endedRuns(2);
    world.run(early!).finishedAt = world.clock.now() - 2 * HOUR_MS;
    world.run(late!).finishedAt = world.clock.now() - HOUR_MS / 2;
    const { auditor, audit } = auditing();
    await auditor.runOnce();
    expect(audit.calls.requests('outline')).toEqual([[late]]);
  });

  it('passes again and again', async () => {
    const { auditor, told } = auditing();
    auditor.start();
    await world.clock.advance(25_000);
    await auditor.stop();
    expect(told('auditPassed')).toHaveLength(3);
  });
});
