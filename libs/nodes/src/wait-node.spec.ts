import { expect, test } from '@jest/globals';
import { SystemClock, USUAL_ASK, type JsonObject, type JsonValue } from '@baton/core';
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
  const ask = { ...USUAL_ASK, due_at: null };
  expect(wait).toEqual({ awaits: { kind: 'approval', ask }, until: null, reason: 'waiting for approval: Ship it?' });
  const decided = (payload: JsonObject) =>
    new ApprovalNode(new SystemClock()).execute(
      nodeContext(
        {},
        new Map<string, JsonValue>([
          ['since', 1],
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
      ['since', 1],
      ['decision', { kind: 'timeout' }],
    ]);
    return new ApprovalNode(new SystemClock()).execute(nodeContext({ config: { deadline: 1, on_timeout: onTimeout } }, steps));
  };
  expect(await late('reject')).toMatchObject({ approved: false, timed_out: true });
  expect(await late('approve')).toMatchObject({ approved: true, timed_out: true });
  await expect(late('fail')).rejects.toMatchObject({ code: 'timeout', options: { retryable: false } });
});

test('an approval says who is asked about what, and passes to others in time', async () => {
  const config: JsonObject = {
    ...{ title: 'Pay?', deadline: 100, approvals: 2, rejections: 1, self_approval: false, payload: { sum: 5 } },
    ...{ payload_schema: { type: 'object' }, assignees: ['bob', 'cleo'] },
    escalate: [
      { after: 10, role: 'admin' },
      { after: 200, role: 'admin' },
    ],
  };
  const steps = new Map<string, JsonValue>([['since', 1_000]]);
  const first = await waitOf(new ApprovalNode(new SystemClock()), config, steps);
  expect(first.key).toBe('decision');
  expect(first.wait.until).toBe(11_000);
  expect(first.wait.awaits).toEqual({
    kind: 'approval',
    ask: {
      ...{ role: 'operator', assignees: ['bob', 'cleo'], excluded: ['ann'], approvals: 2, rejections: 1, proposal: { sum: 5 } },
      ...{ schema: { type: 'object' }, due_at: 101_000, escalation: 0, escalates_at: 11_000 },
    },
  });
  steps.set('decision', { kind: 'timeout' });
  const second = await waitOf(new ApprovalNode(new SystemClock()), config, steps);
  expect(second.key).toBe('decision-2');
  expect(second.wait.until).toBe(101_000);
  expect(second.wait.awaits).toMatchObject({ ask: { role: 'admin', assignees: [], escalation: 1, escalates_at: null } });
  steps.set('decision-2', { kind: 'timeout' });
  expect(await new ApprovalNode(new SystemClock()).execute(nodeContext({ config }, steps))).toMatchObject({ timed_out: true });
});

test.each<[JsonObject, string]>([
  [{ payload_schema: { type: 'string', pattern: '^(a+)+$' } }, 'pattern'],
  [{ assignees: ['bob'], approvals: 2 }, 'so few people'],
  [
    {
      escalate: [
        { after: 2, role: 'admin' },
        { after: 1, role: 'admin' },
      ],
    },
    'each must come after',
  ],
  [{ role: 'viewer' }, 'role'],
])('an approval refuses %j', async (config, problem) => {
  const refused = waitOf(new ApprovalNode(new SystemClock()), config);
  await expect(refused).rejects.toMatchObject({ code: 'workflow_invalid', message: expect.stringContaining(problem) });
});

test('an approval that the starter must not give fails where nobody knows who that is', async () => {
  const context = nodeContext({ config: { self_approval: false }, startedBy: null });
  await expect(new ApprovalNode(new SystemClock()).execute(context)).rejects.toMatchObject({ options: { retryable: false } });
});
