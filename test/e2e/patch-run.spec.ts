import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { call, textOf, type Reply } from '../support/client.js';
import { DEPLOYMENTS, type Deployment } from '../support/deployments.js';
import { eventually } from '../support/eventually.js';
import { journalViolations } from '../support/journal-checks.js';
import { LiveRun } from '../support/live-run.js';

const WAIT: JsonObject = { type: 'wait', config: { event: 'go' } };
const CHAIN: Record<string, JsonObject> = {
  first: WAIT,
  second: { depends_on: ['first'] },
  third: { depends_on: ['second'] },
};
const add = (id: string, dependsOn: string[], more: JsonObject = {}): JsonObject => ({
  ...{ op: 'add', path: '/nodes/-', value: { id, type: 'echo', depends_on: dependsOn, ...more } },
});

describe.each(DEPLOYMENTS)('a run is changed while it runs, %s', (_, start) => {
  let deployment: Deployment;
  let flows = 0;

  beforeAll(async () => {
    deployment = await start({});
  }, 60_000);
  afterAll(() => deployment.stop());

  async function launch(nodes: Record<string, JsonObject> = CHAIN, settings: JsonObject = {}): Promise<LiveRun> {
    flows += 1;
    const name = `flow-${flows}`;
    const list = Object.entries(nodes).map(([id, node]) => ({ id, type: 'echo', ...node }));
    const { status, body } = await call(deployment.urls[0]!, 'POST', '/api/v1/workflows', { name, ...settings, nodes: list });
    expect([status, body['problems']]).toEqual([201, undefined]);
    return LiveRun.start(deployment.urls, name, { question: 'What next?' });
  }

  const patch = (run: LiveRun, revision: number | null, ...operations: JsonValue[]): Promise<Reply> =>
    run.post('/patch', { patch: operations, ...(revision !== null && { revision }) });

  const isTakenUp = (run: LiveRun, revision: number): Promise<unknown> =>
    eventually(
      async () => {
        const [last] = (await run.get('/revisions'))['items'] as JsonObject[];
        return last?.['revision'] === revision && last['status'] === 'applied';
      },
      `revision ${revision} of ${run.id} is applied`,
      20_000,
    );

  async function finish(run: LiveRun): Promise<string[]> {
    await run.post('/events', { name: 'go' });
    expect(await run.untilEnded()).toMatchObject({ status: 'completed' });
    expect(journalViolations(run.id, await run.journal())).toEqual([]);
    return run.fates('node.completed');
  }

  it('gets nodes while it runs, and loses one that has not started', async () => {
    const run = await launch();
    await run.untilWhy('waiting_for_event');
    const made = await patch(run, 0, add('more', ['first']), { op: 'remove', path: '/nodes/2' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ run_id: run.id, revision: 1, reason: expect.stringContaining('patched by') },
        diff: { nodes: { added: ['more'], changed: [], removed: ['third'] } },
      },
    });
    await isTakenUp(run, 1);
    expect(await run.untilStatus('waiting')).toMatchObject({ revision: 1 });
    expect(await run.get('/definition')).toMatchObject({
      ...{ revision: 1, digest: made.body['digest'] },
      definition: { nodes: [{ id: 'first' }, { id: 'second' }, { id: 'more' }] },
    });
    expect(await finish(run)).toEqual(['completed first', 'completed more', 'completed second']);
    expect((await patch(run, 1, add('late', []))).body).toMatchObject({ status: 409, code: 'run_ended' });
  }, 30_000);

  it('gets nodes while it is paused, and stays paused until it is resumed', async () => {
    const run = await launch();
    await run.untilWhy('waiting_for_event');
    await run.post('/pause');
    await run.untilStatus('paused');
    const { status } = await run.call('POST', `/runs/${run.id}/patch`, { revision: 0, patch: [add('more', [])] });
    expect(status).toBe(201);
    await isTakenUp(run, 1);
    await run.untilStatus('paused');
    expect(await run.fates('node.started')).toEqual(['started first']);
    await run.post('/resume');
    expect(await finish(run)).toEqual(['completed first', 'completed more', 'completed second', 'completed third']);
  }, 30_000);

  it('says what a patch would make, and writes nothing', async () => {
    const run = await launch();
    await run.untilWhy('waiting_for_event');
    const dry = await run.post('/patch', { patch: [add('more', ['third'])], dry_run: true });
    expect(dry).toMatchObject({
      status: 200,
      body: {
        ...{ dry_run: true, valid: true, revision: 0, problems: [] },
        diff: { nodes: { added: ['more'] }, edges: { added: [{ from: 'third', to: 'more' }], removed: [] }, fields: [] },
      },
    });
    const cyclic = { op: 'replace', path: '/nodes/1/depends_on', value: ['third'] };
    expect(await run.post('/patch', { patch: [cyclic], dry_run: true })).toMatchObject({
      status: 200,
      body: {
        valid: false,
        problems: [{ code: 'cycle', pointer: expect.stringMatching(/^\/nodes\//), remedy: expect.any(String) }],
      },
    });
    expect(await run.get()).toMatchObject({ revision: 0 });
    expect(await run.get('/revisions')).toEqual({ items: [], next_before: null });
    await run.post('/cancel');
  }, 30_000);

  it('refuses what cannot be, each with its status', async () => {
    const run = await launch();
    await run.untilWhy('waiting_for_event');
    const refusals: [string, number, JsonValue, number, string][] = [
      [
        'a node that has started',
        0,
        [
          { op: 'remove', path: '/nodes/0' },
          { op: 'replace', path: '/nodes/0/depends_on', value: [] },
        ],
        409,
        'patch_refused',
      ],
      ['another revision', 7, [add('x', [])], 409, 'stale_revision'],
      ['a cycle', 0, [{ op: 'replace', path: '/nodes/1/depends_on', value: ['third'] }], 422, 'patch_invalid'],
      ['no list', 0, { op: 'add' }, 422, 'patch_invalid'],
      ['nothing there', 0, [{ op: 'remove', path: '/nodes/9' }], 422, 'patch_invalid'],
      ['a prototype', 0, [{ op: 'add', path: '/nodes/0/constructor/x', value: 1 }], 422, 'patch_invalid'],
      ['another name', 0, [{ op: 'replace', path: '/name', value: 'x' }], 422, 'patch_invalid'],
      ['too many nodes', 0, Array.from({ length: 101 }, (__, n) => add(`x${n}`, [])), 422, 'limit_exceeded'],
      [
        'too many agents',
        0,
        Array.from({ length: 6 }, (__, n) => add(`x${n}`, [], { type: 'agent', config: { role: 'draft' } })),
        422,
        'limit_exceeded',
      ],
    ];
    for (const [what, revision, operations, status, code] of refusals) {
      const reply = await run.post('/patch', { revision, patch: operations });
      expect([what, reply.status, reply.body['code']]).toEqual([what, status, code]);
      expect(reply.body['detail']).toEqual(expect.stringMatching(/\w/));
    }
    expect((await run.post('/patch', { revision: 0 })).status).toBe(400);
    expect((await call(deployment.urls[0]!, 'POST', '/api/v1/runs/nobody/patch', { patch: [] })).status).toBe(404);
    expect(await run.get('/revisions')).toMatchObject({ items: [] });
    await run.post('/cancel');
  }, 30_000);

  it('takes one of two patches of one revision, and the same one twice as one', async () => {
    const run = await launch();
    await run.untilWhy('waiting_for_event');
    const replies = await Promise.all(['x', 'y', 'x', 'y'].map((id) => patch(run, 0, add(id, []))));
    const codes = replies.map(({ status }) => String(status)).sort();
    expect(codes).toEqual(['201', '201', '409', '409']);
    expect(((await run.get('/revisions'))['items'] as JsonValue[]).length).toBe(1);
    await run.post('/cancel');
  }, 30_000);

  it('is put back by an undo, while nothing of the patch has started', async () => {
    const run = await launch();
    await run.untilWhy('waiting_for_event');
    await patch(run, 0, add('more', ['third']));
    expect(await run.post('/patch/undo', { revision: 0 })).toMatchObject({
      status: 409,
      body: { code: 'stale_revision', revision: 1 },
    });
    expect(await run.post('/patch/undo', { revision: 1, reason: 'a mistake' })).toMatchObject({
      status: 201,
      body: { revision: 2, reason: 'a mistake', diff: { nodes: { removed: ['more'] } } },
    });
    await isTakenUp(run, 2);
    await patch(run, 2, add('now', []));
    await eventually(async () => (await run.fates('node.completed')).includes('completed now'), 'the added node has run', 20_000);
    expect((await run.post('/patch/undo', { revision: 3 })).body).toMatchObject({ status: 409, code: 'patch_refused' });
    expect(await finish(run)).toEqual(['completed first', 'completed now', 'completed second', 'completed third']);
    expect(((await run.get('/revisions?limit=2'))['items'] as JsonObject[]).map(({ revision }) => revision)).toEqual([3, 2]);
    expect(await run.get('/revisions?limit=2')).toMatchObject({ next_before: 2 });
  }, 30_000);

  it('is forked as it was changed', async () => {
    const run = await launch({ first: {}, wait: { ...WAIT, depends_on: ['first'] } });
    await run.untilWhy('waiting_for_event');
    await patch(run, 0, add('last', ['wait'], { config: { n: 1 } }));
    await isTakenUp(run, 1);
    await finish(run);
    const { body } = await run.post('/fork', { from_node: 'last' });
    expect(body).toMatchObject({ kept_nodes: 2, total_nodes: 3 });
    const fork = LiveRun.of(deployment.urls, textOf(body, 'run_id'));
    expect(await fork.untilEnded()).toMatchObject({ status: 'completed', output: { n: 1 }, revision: 0 });
    expect(await fork.fates('node.completed')).toEqual(['completed last']);
  }, 30_000);

  it('is changed by an agent of its own, which is told that a sixth agent is one too many, mends that, and finishes', async () => {
    const agent = (id: string): JsonObject => add(id, ['lead'], { type: 'agent', config: { role: 'draft' } });
    const turn = (...operations: JsonValue[]): string =>
      `@call patch_workflow ${JSON.stringify({ patch: operations, reason: 'I need help' })}`;
    const instructions = [
      turn(agent('helper-1'), agent('helper-2')),
      turn(agent('helper-3'), agent('helper-4'), agent('helper-5')),
      turn(agent('helper-6')),
      '@call patch_workflow {"patch": "a note instead"}',
      turn(add('note', ['lead'])),
    ].join('\n');
    const run = await launch({ lead: { type: 'agent', config: { role: 'lead', instructions, tools: ['patch_workflow'] } } });
    expect(await run.untilEnded()).toMatchObject({ status: 'completed', revision: 3 });
    const names = ['helper-1', 'helper-2', 'helper-3', 'helper-4', 'helper-5', 'lead', 'note'];
    expect(await run.fates('node.completed')).toEqual(names.map((name) => `completed ${name}`));
    const lead = (await run.journal()).find(({ type, node_id: id }) => type === 'node.completed' && id === 'lead');
    expect(lead).toMatchObject({
      payload: {
        output: {
          answer: expect.stringContaining('the run would have added 6 agents to itself; 5 are allowed'),
          tools: [
            { result: { accepted: true, revision: 1, added: ['helper-1', 'helper-2'] } },
            { result: { accepted: true, revision: 2 } },
            {
              result: {
                accepted: false,
                code: 'limit_exceeded',
                problems: [{ remedy: expect.stringContaining('Add no more agents') }],
              },
            },
            { result: { error: expect.stringContaining('patch'), example: { patch: expect.any(Array) } } },
            { result: { accepted: true, revision: 3, added: ['note'] } },
          ],
        },
      },
    });
    expect(await run.get('/revisions')).toMatchObject({
      items: [{ by: 'node:lead', status: 'applied' }, {}, { status: 'applied' }],
    });
  }, 30_000);
});
