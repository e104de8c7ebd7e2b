import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeEvent, referenceTo, type JsonValue } from '@baton/core';
import { SqlBlobStore, SqlRunStore, type Database } from '@baton/storage';
import { DATABASE_KINDS, DatabaseBench } from '../support/databases.js';
import { accepted, claimedRun, ending } from '../support/run-requests.js';

const digest = (letter: string): string => letter.repeat(64);
const reference = (letter: string): JsonValue => referenceTo(digest(letter), 9);

describe.each(DATABASE_KINDS)('What runs refer to, on %s', (kind) => {
  const bench = new DatabaseBench(kind);
  let database: Database;
  let runs: SqlRunStore;

  beforeEach(async () => {
    database = await (await bench.fresh()).open();
    runs = new SqlRunStore(database);
  });
  afterEach(async () => {
    await runs.close();
    await bench.closeAll();
  });
  afterAll(() => bench.stop());

  async function referredBy(runId: string): Promise<string[]> {
    const sql = 'SELECT digest FROM blob_references WHERE run_id = ? AND tenant_id = ? ORDER BY digest';
    return (await database.read<{ digest: string }>(sql, [runId, 'acme'])).map((row) => row.digest[0]!);
  }

  test('is written down in the commit that says so: inputs, events, signals, children, and what parents are told', async () => {
    const parent = await claimedRun(runs, { tenantId: 'acme', input: { in: reference('a') } });
    expect(await referredBy(parent.runId)).toEqual(['a']);
    const node = { id: 'n', visit: 1, attempt: 1 };
    const child = { runId: `${parent.runId}-c`, tenantId: 'acme', taskId: null, idempotency: null, lock: null, at: 1 };
    const { workflow } = await accepted(runs);
    const of = { runId: parent.runId, nodeId: 'n', index: 0, childId: child.runId, depth: 1 };
    await runs.append({
      ...{ runId: parent.runId, epoch: parent.epoch, baseSeq: 1 },
      events: [
        nodeEvent('step.completed', node, 1, { key: 's', output: [reference('b'), reference('a')] }),
        nodeEvent('node.completed', node, 1, { output: 'no {"$blob":{"sha256": here' }),
      ],
      starts: [{ ...child, workflow, input: reference('c'), parent: of }],
    });
    await runs.signal(parent.runId, 'event', { name: 'x', payload: reference('d') }, 1);
    expect(await referredBy(parent.runId)).toEqual(['a', 'b', 'd']);
    expect(await referredBy(child.runId)).toEqual(['c']);

    const claimed = await runs.claim({ runId: child.runId, workerId: 'w', token: 't', generation: null, at: 2, lock: null });
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    const { events, settle } = ending(1);
    const tells = { runId: parent.runId, payload: { child_id: child.runId, output: reference('e') } };
    await runs.append({ runId: child.runId, epoch: 1, baseSeq: 1, events, settle: { ...settle, tells } as typeof settle });
    expect(await referredBy(parent.runId)).toEqual(['a', 'b', 'd', 'e']);
  });

  test('is not written down where nothing was written', async () => {
    const { runId } = await claimedRun(runs, { tenantId: 'acme' });
    const event = nodeEvent('node.completed', { id: 'n', visit: 1, attempt: 1 }, 1, { output: reference('a') });
    expect(await runs.append({ runId, epoch: 7, baseSeq: 1, events: [event] })).toMatchObject({ kind: 'fenced' });
    expect(await runs.signal('none', 'event', { payload: reference('a') }, 1)).toEqual({ kind: 'missing' });
    expect(await database.read('SELECT 1 FROM blob_references')).toEqual([]);
  });

  test('is not collected, though the time for which it was kept is over', async () => {
    let now = 1_000;
    const blobs = new SqlBlobStore(database, { now: () => now } as never);
    const kept = await blobs.put('acme', Buffer.from('large'), { keepForMs: 500 });
    const stray = await blobs.put('acme', Buffer.from('stray'), { keepForMs: 500 });
    await accepted(runs, { tenantId: 'acme', input: referenceTo(kept, 5) });
    now += 501;
    expect(await blobs.findUnused({ createdBefore: now, after: null, limit: 9 })).toMatchObject({
      unused: [{ tenantId: 'acme', digest: stray }],
    });
    expect(await blobs.delete('acme', kept)).toBe(false);
    expect(await blobs.delete('acme', stray)).toBe(true);
  });
});
