import { beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_TENANT, type JsonValue, type WorkflowRef } from '@baton/core';
import { World, type SimulatedApi } from '../../../test/support/in-memory/index.js';

let world: World;
let api: SimulatedApi;
let workflow: WorkflowRef;
const signal = new AbortController().signal;

beforeEach(async () => {
  world = new World();
  api = world.api('a1');
  workflow = await world.publish('flow', { only: {} });
});

const wish = (runId: string, reason = 'x') => ({ tenantId: DEFAULT_TENANT, runId, reason, by: 'ann' });
const endless = (): Promise<JsonValue> => new Promise(() => undefined);

describe('cancel', () => {
  it('answers with the run as it ended', async () => {
    await world.worker('w1', { handlers: { work: endless } }).start();
    const runId = await world.launch(workflow);
    await world.clock.until(() => world.journal(runId).length === 3, 'the node runs');
    const cancelled = api.signaller.cancel(wish(runId, 'enough'), signal);
    await world.clock.advance(1_500);
    expect(await cancelled).toMatchObject({ id: runId, status: 'cancelled' });
  });

  it('answers null when nobody has acted within the wait; the signal stays', async () => {
    const runId = await world.submit(workflow);
    const cancelled = api.signaller.cancel(wish(runId, 'enough'), signal);
    await world.clock.advance(3_000);
    expect(await cancelled).toBeNull();
    expect(world.db.inboxOf(runId)).toMatchObject([{ type: 'cancel', payload: { reason: 'enough', by: 'ann' } }]);
  });

  it('knows no run of another tenant', async () => {
    const runId = await world.submit(workflow);
    await expect(api.signaller.cancel({ ...wish(runId), tenantId: 'other' }, signal)).rejects.toMatchObject({
      code: 'run_not_found',
    });
    await expect(api.signaller.cancel(wish('none'), signal)).rejects.toMatchObject({ code: 'run_not_found' });
    expect(world.db.inboxOf(runId)).toEqual([]);
  });

  it('refuses a run that has ended, also one that ends between the look and the signal', async () => {
    const runId = await world.submit(workflow);
    api.runs.calls.next('signal', { before: () => world.db.endRun(world.run(runId), 'completed', world.clock.now()) });
    await expect(api.signaller.cancel(wish(runId), signal)).rejects.toMatchObject({ code: 'run_ended' });
    await expect(api.signaller.cancel(wish(runId), signal)).rejects.toMatchObject({ code: 'run_ended' });
    expect(api.runs.calls.requests('signal')).toHaveLength(1);
  });
});
