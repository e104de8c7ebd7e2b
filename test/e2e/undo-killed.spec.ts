import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '@baton/core';
import { EffectLedger } from '../chaos/effect-ledger.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { call } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { journalViolations } from '../support/journal-checks.js';
import { LiveRun } from '../support/live-run.js';

const DONE = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];

/** Six effects one after the other, each with what undoes it, and a seventh node that fails. */
const SAGA: JsonObject[] = [
  ...DONE.map((id, index) => ({
    ...{ id, type: 'effect', depends_on: index === 0 ? [] : [DONE[index - 1]!] },
    compensate: { type: 'effect', config: { delay_ms: 300 } },
  })),
  {
    ...{ id: 'bad', type: 'transform', depends_on: ['n6'], config: { expression: '1 / 0' } },
    ...{ retry: { max_attempts: 1 }, on_error: 'compensate' },
  },
];

let ledger: EffectLedger;
let cluster: Cluster;

beforeAll(async () => {
  ledger = await EffectLedger.open();
  cluster = await startCluster({ apis: 1, workers: 1, env: { EFFECT_SINK_URL: ledger.url } });
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  ledger.close();
});

it('goes on undoing after its worker was killed in the middle of it, and undoes each node under one key', async () => {
  const { url } = cluster.apis[0]!;
  expect((await call(url, 'POST', '/api/v1/workflows', { name: 'saga', nodes: SAGA })).status).toBe(201);
  const run = await LiveRun.start([url], 'saga', null);
  const undone = (): string[] => ledger.effects.filter(({ key }) => key.includes('/undo')).map(({ nodeId }) => nodeId);

  await eventually(() => undone().length === 2, 'two nodes are undone', 20_000);
  await cluster.workers[0]!.kill();
  const before = await run.journal();
  expect(await run.get()).toMatchObject({ status: 'compensating' });
  expect(before.map(({ type }) => type)).not.toContain('run.failed');
  await cluster.addWorker();

  const ended = await run.untilEnded();
  expect(ended).toMatchObject({
    status: 'failed',
    error: { details: { node_id: 'bad', compensated: DONE, not_compensated: [] } },
  });
  const after = await run.journal();
  expect(after.slice(0, before.length)).toEqual(before);
  expect(journalViolations(run.id, after)).toEqual([]);
  const completions = after.filter(({ type }) => type === 'compensation.completed').map(({ node_id: id }) => id);
  expect(completions).toEqual(DONE.toReversed());
  expect([...new Set(undone())]).toEqual(DONE.toReversed());
  const keys = new Set(ledger.effects.map(({ key }) => key));
  expect([...keys].sort()).toEqual(DONE.flatMap((id) => [`${run.id}/${id}/1`, `${run.id}/${id}/1/undo`]).sort());
  // Only what was in work at the kill may have come twice.
  expect(ledger.effects.length).toBeLessThanOrEqual(keys.size + 1);
}, 60_000);
