import { expect, test } from '@jest/globals';
import { SystemClock, type JsonObject, type JsonValue } from '@baton/core';
import { nodeContext, Waiting } from '../test/node-context.js';
import { ApprovalNode } from './approval-node.js';
import { WaitNode } from './wait-node.js';

/** What a node waits for. */
async function waitOf(node: WaitNode | ApprovalNode, config: JsonObject, steps = new Map<string, JsonValue>()): Promise<Waiting> {
  const error: unknown = await node.execute(nodeContext({ config }, steps)).catch((thrown: unknown) => thrown);
  if (!(error instanceof Waiting)) throw error;
  return error;
}

test('waits for some seconds, from its first entry', async () => {
  const steps = new Map<string, JsonValue>();
  const before = Date.now();
  const { wait } = await waitOf(new WaitNode(new SystemClock()), { seconds: 60 }, steps);
  expect(wait.awaits).toEqual({ kind: 'time' });
  expect(wait.until).toBeGreaterThanOrEqual(before + 60_000);
  expect((await waitOf(new WaitNode(new SystemClock()), { seconds: 60 }, steps)).wait.until).toBe(wait.until);
});

test('waits until an instant', async () => {
  const { wait } = await waitOf(new WaitNode(new SystemClock()), { until: '2030-01-01T00:00:00+01:00' });
  expect(wait).toEqual({ awaits: { kind: 'time' }, until: Date.UTC(2029, 11, 31, 23), reason: 'waiting for its time' });
});

test('waits for an event, and gives its payload', async () => {
  const { key, wait } = await waitOf(new WaitNode(new SystemClock()), { event: 'paid' });
  expect(wait).toMatchObject({ awaits: { kind: 'event', name: 'paid' }, until: null });
  const came = new Map<string, JsonValue>([
    ['until', null],
    [key, { kind: 'signal', payload: { name: 'paid', payload: { sum: 3 } } }],
  ]);
  expect(await new WaitNode(new SystemClock()).execute(nodeContext({ config: { event: 'paid' } }, came))).toEqual({
    ...{ timed_out: false, payload: { sum: 3 } },
  });
  const late = new Map<string, JsonValue>([
    ['until', 1],
    [key, { kind: 'timeout' }],
  ]);
  expect(await new WaitNode(new SystemClock()).execute(nodeContext({ config: { event: 'paid', seconds: 1 } }, late))).toEqual({
    timed_out: true,
  });
});

test.each<JsonObject>([{}, { seconds: 1, until: '2030-01-01T00:00:00Z' }, { seconds: -1 }, { until: 'tomorrow' }])(
  'refuses %j',
  async (config) => {
    await expect(waitOf(new WaitNode(new SystemClock()), config)).rejects.toMatchObject({
      code: 'workflow_invalid',
      options: { retryable: false },
    });
  },
);

test('an approval waits for a decision, and branches on it', async () => {
  const { key, wait } = await waitOf(new ApprovalNode(new SystemClock()), { title: 'Ship it?' });
  expect(wait).toEqual({ awaits: { kind: 'approval' }, until: null, reason: 'waiting for approval: Ship it?' });
  const decided = (payload: JsonObject) =>
    new ApprovalNode(new SystemClock()).execute(
      nodeContext(
        {},
        new Map<string, JsonValue>([
          ['until', null],
          [key, { kind: 'signal', payload }],
        ]),
      ),
    );
  expect(await decided({ node_id: 'node', decision: 'approve', by: 'ann', comment: 'fine', payload: { n: 1 } })).toEqual({
    ...{ approved: true, timed_out: false, by: 'ann', comment: 'fine', payload: { n: 1 } },
  });
  expect(await decided({ node_id: 'node', decision: 'reject' })).toMatchObject({ approved: false, by: null, payload: null });
  await expect(decided({ node_id: 'node', decision: 'maybe' })).rejects.toThrow();
});

test('an approval that nobody decides takes the way it was told', async () => {
  const late = (onTimeout: string) => {
    const steps = new Map<string, JsonValue>([
      ['until', 1],
      ['decision', { kind: 'timeout' }],
    ]);
    return new ApprovalNode(new SystemClock()).execute(nodeContext({ config: { deadline: 1, on_timeout: onTimeout } }, steps));
  };
  expect(await late('reject')).toMatchObject({ approved: false, timed_out: true });
  expect(await late('approve')).toMatchObject({ approved: true, timed_out: true });
  await expect(late('fail')).rejects.toMatchObject({ code: 'timeout', options: { retryable: false } });
});
