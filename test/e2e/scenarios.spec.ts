import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject, JsonValue } from '@baton/core';
import { DEPLOYMENTS, type Deployment } from '../support/deployments.js';
import { call, textOf } from '../support/client.js';
import { journalViolations } from '../support/journal-checks.js';
import { LiveRun } from '../support/live-run.js';

/** What a workflow does, wherever it runs. Nodes are echoes unless they say otherwise. */
interface Scenario {
  what: string;
  nodes: Record<string, JsonObject>;
  settings?: JsonObject;
  input?: JsonValue;
  /** What people do to the run. */
  meanwhile?(run: LiveRun): Promise<unknown>;
  /** What is true of the run as it ended. */
  ends: JsonObject;
  /** The nodes that were skipped. */
  skipped?: string[];
  /** How often attempts failed, by node. */
  failed?: Record<string, number>;
  /** The nodes that were undone, in this order. */
  undone?: string[];
}

/** Why a run that has ended is not paused. */
const ENDED: ReadonlySet<unknown> = new Set(['no_live_run', 'run_ended']);

const completed = (output: JsonValue): JsonObject => ({ status: 'completed', output, error: null });
const FAIL: JsonObject = { type: 'transform', config: { expression: '1 / 0' }, retry: { max_attempts: 1 } };

const SCENARIOS: readonly Scenario[] = [
  {
    what: 'nodes of a pool are executed by its workers, wait there, and give their outputs to the others',
    nodes: {
      first: { config: { n: 1 } },
      list: {
        ...{ type: 'map', pool: 'gpu', depends_on: ['first'] },
        config: { items: ['a', 'b'], body: { type: 'echo', config: { text: '${{ item }}${{ nodes.first.output.n }}' } } },
      },
      pause: { type: 'wait', pool: 'gpu', depends_on: ['list'], config: { seconds: 1 } },
      fails: { ...FAIL, pool: 'gpu', on_error: 'continue' },
      end: {
        ...{ type: 'transform', depends_on: ['list', 'pause', 'fails'] },
        config: { expression: 'nodes.list.output.items[1].text' },
      },
    },
    ends: completed('b1'),
    failed: { fails: 1 },
  },
  {
    what: 'a diamond joins both of its sides',
    nodes: {
      top: { config: { n: 1 } },
      left: { depends_on: ['top'], type: 'transform', config: { expression: 'nodes.top.output.n + 1.0' } },
      right: { depends_on: ['top'], type: 'transform', config: { expression: 'nodes.top.output.n + 2.0' } },
      join: { depends_on: ['left', 'right'], type: 'aggregate' },
    },
    ends: completed({ items: [2, 3] }),
  },
  {
    what: 'a hundred nodes side by side meet in one',
    nodes: {
      ...Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`n${n}`, { config: { n } }])),
      join: {
        ...{ type: 'transform', depends_on: Array.from({ length: 100 }, (_, n) => `n${n}`) },
        config: { expression: 'nodes.n0.output.n + nodes.n99.output.n' },
      },
    },
    settings: { concurrency: 20 },
    ends: completed(99),
  },
  {
    what: 'a condition skips the branch that is not taken, and all that hangs on it alone',
    nodes: {
      ask: { type: 'condition', config: { if: 'input.n > 10', then: ['big'], else: ['small'] } },
      big: { depends_on: ['ask'], config: { size: 'big' } },
      small: { depends_on: ['ask'], config: { size: 'small' } },
      smaller: { depends_on: ['small'] },
      end: { depends_on: ['big', 'smaller'], type: 'aggregate', config: { mode: 'first' } },
    },
    input: { n: 11 },
    ends: completed({ size: 'big' }),
    skipped: ['small', 'smaller'],
  },
  {
    what: 'a switch takes its default where no case fits',
    nodes: {
      pick: {
        type: 'switch',
        config: { value: '${{ input.kind }}', cases: [{ equals: 'a', then: ['a'] }], default: ['other'] },
      },
      a: { depends_on: ['pick'] },
      other: { depends_on: ['pick'], config: { went: 'other' } },
    },
    input: { kind: 'z' },
    ends: completed({ other: { went: 'other' } }),
    skipped: ['a'],
  },
  {
    what: 'a node whose failures are used up fails the run and names itself',
    nodes: {
      a: {},
      bad: { ...FAIL, depends_on: ['a'], retry: { max_attempts: 3, initial_ms: 10 } },
      never: { depends_on: ['bad'] },
    },
    ends: { status: 'failed', error: { details: { node_id: 'bad' } } },
    failed: { bad: 1 },
  },
  {
    what: 'a node that may fail lets the run go on, and says so to those after it',
    nodes: {
      bad: { ...FAIL, on_error: 'continue' },
      after: { depends_on: ['bad'], type: 'transform', config: { expression: 'nodes.bad.status' } },
    },
    ends: completed('failed'),
    failed: { bad: 1 },
  },
  {
    what: 'an attempt that takes too long is aborted, and tried again',
    nodes: { slow: { config: { delay_ms: 60_000 }, timeout: 0.05, retry: { max_attempts: 2, initial_ms: 10 } } },
    ends: { status: 'failed', error: { code: 'timeout', details: { node_id: 'slow' } } },
    failed: { slow: 2 },
  },
  {
    what: 'a saga is undone in the reverse order of what was done',
    nodes: {
      flight: { config: { booked: 1 }, compensate: { type: 'echo', config: { cancelled: 1 } } },
      hotel: { depends_on: ['flight'], compensate: { type: 'echo', config: {} } },
      car: { depends_on: ['hotel'] },
      pay: { ...FAIL, depends_on: ['car'], on_error: 'compensate' },
    },
    ends: { status: 'failed', error: { details: { node_id: 'pay', compensated: ['flight', 'hotel'] } } },
    failed: { pay: 1 },
    undone: ['hotel', 'flight'],
  },
  {
    what: 'a map does all items and keeps their order',
    nodes: {
      each: {
        type: 'map',
        config: { items: 'input', concurrency: 3, body: { type: 'transform', config: { expression: 'item * 2.0' } } },
      },
    },
    input: [1, 2, 3, 4, 5, 6, 7],
    ends: completed({ items: [2, 4, 6, 8, 10, 12, 14], failed: [] }),
  },
  {
    what: 'a loop ends when its condition holds',
    nodes: {
      thrice: {
        type: 'loop',
        config: {
          body: { type: 'transform', config: { expression: '(last == null ? 1.0 : last) * 2.0' } },
          ...{ until: 'last >= 8.0', max_visits: 10 },
        },
      },
    },
    ends: completed({ output: 8, visits: 3, done: true }),
  },
  {
    what: 'a wait for a time goes on by itself',
    nodes: { nap: { type: 'wait', config: { seconds: 0.2 } }, after: { depends_on: ['nap'] } },
    input: { n: 1 },
    ends: completed({ n: 1 }),
  },
  {
    what: 'a wait for an event gets its payload',
    nodes: { paid: { type: 'wait', config: { event: 'paid' } } },
    meanwhile: async (run) => {
      await run.untilWhy('waiting_for_event');
      await run.post('/events', { name: 'paid', payload: { sum: 7 } });
    },
    ends: completed({ timed_out: false, payload: { sum: 7 } }),
  },
  {
    what: 'an event that comes before its node is kept for it',
    nodes: { hold: { type: 'approval' }, paid: { depends_on: ['hold'], type: 'wait', config: { event: 'paid' } } },
    meanwhile: async (run) => {
      await run.untilWhy('waiting_for_approval');
      await run.post('/events', { name: 'paid', payload: 1 });
      await run.call('POST', `/approvals/${run.id}.1.hold/decide`, { decision: 'approve' });
    },
    ends: completed({ timed_out: false, payload: 1 }),
  },
  ...(['approve', 'reject'] as const).map((decision): Scenario => {
    const [taken, other] = decision === 'approve' ? (['yes', 'no'] as const) : (['no', 'yes'] as const);
    return {
      what: `an approval takes the branch of its decision: ${decision}`,
      nodes: {
        ask: { type: 'approval', config: { title: 'Ship it?' } },
        yes: { depends_on: ['ask'], when: 'nodes.ask.output.approved', config: { went: 'yes' } },
        no: { depends_on: ['ask'], when: '!nodes.ask.output.approved', config: { went: 'no' } },
      },
      meanwhile: async (run) => {
        await run.untilWhy('waiting_for_approval');
        await run.call('POST', `/approvals/${run.id}.1.ask/decide`, { decision });
      },
      ends: completed({ [taken]: { went: taken } }),
      skipped: [other],
    };
  }),
  {
    what: 'an approval that nobody decides in time is rejected',
    nodes: { ask: { type: 'approval', config: { deadline: 0.2 } } },
    ends: completed({ approved: false, timed_out: true, by: null, comment: null, payload: null }),
  },
  {
    what: 'a pause stops the node in work, and it goes on after a resume',
    nodes: { slow: { config: { delay_ms: 700, done: true } } },
    meanwhile: async (run) => {
      await run.untilWhy('running');
      await run.post('/pause', { reason: 'lunch' });
      await run.untilStatus('paused');
      await run.post('/resume');
    },
    ends: completed({ done: true }),
  },
  {
    what: 'a cancel reaches the node in work',
    nodes: { slow: { config: { delay_ms: 60_000 } } },
    meanwhile: async (run) => {
      await run.untilWhy('running');
      await run.post('/cancel', { reason: 'enough' });
    },
    ends: { status: 'cancelled' },
  },
  {
    what: 'a patch of a run that waits is taken up before what comes after it',
    nodes: { paid: { type: 'wait', config: { event: 'paid' } } },
    meanwhile: async (run) => {
      await run.untilWhy('waiting_for_event');
      const value = { id: 'more', type: 'echo', depends_on: ['paid'], config: { went: 'on' } };
      const { status } = await run.post('/patch', { revision: 0, patch: [{ op: 'add', path: '/nodes/-', value }] });
      expect(status).toBe(201);
      await run.post('/events', { name: 'paid' });
    },
    ends: { ...completed({ went: 'on' }), revision: 1 },
  },
  {
    what: 'a run that takes too long fails, and its time parked does not count',
    nodes: { nap: { type: 'wait', config: { seconds: 1 } }, slow: { depends_on: ['nap'], config: { delay_ms: 60_000 } } },
    settings: { timeout: 0.5 },
    ends: { status: 'failed', error: { code: 'run_timeout' } },
  },
  {
    what: 'a run above a limit waits in line, and starts when the one before it has ended',
    nodes: { paid: { type: 'wait', config: { event: 'paid' } } },
    settings: { limits: { active_runs: 1, on_limit: 'queue' } },
    meanwhile: async (run) => {
      await run.untilWhy('waiting_for_event');
      const workflow = textOf((await run.get())['workflow'] as JsonObject, 'name');
      const next = LiveRun.of(run.urls, textOf((await run.call('POST', '/api/v1/runs', { workflow })).body, 'run_id'));
      await next.untilWhy('at_limit');
      expect(await next.fates('node.started')).toEqual([]);
      for (const one of [run, next]) {
        await one.untilWhy('waiting_for_event');
        await one.post('/events', { name: 'paid' });
        expect(await one.untilEnded()).toMatchObject({ status: 'completed' });
      }
    },
    ends: { status: 'completed' },
  },
  {
    what: 'a run that failed for good leaves a letter, and is replayed from what failed',
    nodes: { a: { config: { n: 1 } }, bad: { ...FAIL, depends_on: ['a'] } },
    meanwhile: async (run) => {
      await run.untilEnded();
      const { status, body } = await run.call('POST', `/api/v1/dead-letters/${run.id}/replay`);
      expect([status, body['status']]).toEqual([200, 'replayed']);
      const replay = LiveRun.of(run.urls, textOf(body, 'replay_run_id'));
      expect(await replay.untilEnded()).toMatchObject({ status: 'failed', forked_from: run.id });
      expect(await replay.fates('node.started')).toEqual(['started bad']);
    },
    ends: { status: 'failed', error: { details: { node_id: 'bad' } } },
    failed: { bad: 1 },
  },
  {
    what: 'a node of a type that nobody knows is skipped, and hangs nothing',
    nodes: { odd: { type: 'teleport' }, after: { depends_on: ['odd'], config: { went: 'on' } } },
    ends: completed({ went: 'on' }),
    skipped: ['odd'],
  },
];

const YAML = readFileSync(new URL('../fixtures/workflows/multi-agent-research.yaml', import.meta.url), 'utf8');

describe.each(DEPLOYMENTS)('%s', (_, deploy) => {
  let deployment: Deployment;
  let server: Server;
  let target: string;
  /** What the server answers, and how often it has. */
  const answers = { status: 200, sent: 0 };

  beforeAll(async () => {
    server = createServer((_request, response) => {
      answers.sent += 1;
      response.writeHead(answers.status).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    deployment = await deploy({ WORKER_POOLS: 'gpu', HTTP_ALLOW: new URL(target).host });
  }, 60_000);
  afterAll(async () => {
    await deployment.stop();
    server.close();
  });

  const publish = async (definition: JsonValue): Promise<void> => {
    const { status, body } = await call(deployment.urls[0]!, 'POST', '/api/v1/workflows', definition);
    expect([status, body['problems']]).toEqual([201, undefined]);
  };

  it.each(SCENARIOS.map((scenario, index) => ({ ...scenario, name: `scenario-${index}` })))(
    '$what',
    async (scenario) => {
      const { name, nodes, settings = {}, input = null, meanwhile, ends, skipped = [], failed = {}, undone = [] } = scenario;
      const list = Object.entries(nodes).map(([id, node]) => ({ id, type: 'echo', ...node }));
      await publish({ name, ...settings, nodes: list });
      const run = await LiveRun.start(deployment.urls, name, input);
      await meanwhile?.(run);
      expect(await run.untilEnded()).toMatchObject(ends);
      const journal = await run.journal();
      expect(journalViolations(run.id, journal)).toEqual([]);
      const nodesOf = (wanted: string): string[] =>
        journal.flatMap(({ type, node_id: id }) => (type === wanted && id !== null ? [id] : []));
      expect(nodesOf('node.skipped').sort()).toEqual(skipped);
      const expected = Object.entries(failed).flatMap(([id, times]) => Array.from({ length: times }, () => id));
      expect(nodesOf('node.failed')).toEqual(expected);
      expect(nodesOf('compensation.completed')).toEqual(undone);
    },
    30_000,
  );

  it('does not call a target that fails while its circuit is open, and goes on when it is well', async () => {
    Object.assign(answers, { status: 503, sent: 0 });
    await publish({
      ...{ name: 'calls', circuit_breaker: { failure_threshold: 2, timeout: 1 } },
      nodes: [
        {
          ...{ id: 'call', type: 'http', config: { url: target } },
          retry: { max_attempts: 20, backoff: 'fixed', initial_ms: 20, jitter: 0 },
        },
      ],
    });
    const run = await LiveRun.start(deployment.urls, 'calls', null);
    await run.untilWhy('circuit_open');
    expect([answers.sent, (await run.get('/why'))['target']]).toEqual([2, target]);
    answers.status = 200;
    expect(await run.untilEnded()).toMatchObject({ status: 'completed' });
    expect(answers.sent).toBe(3);
    expect(journalViolations(run.id, await run.journal())).toEqual([]);
  }, 30_000);

  it('runs a workflow of agents and tasks as its document writes it: validated, executed, paused, resumed, done', async () => {
    const [url] = deployment.urls;
    const post = async (path: string, body: JsonValue): Promise<JsonObject> => (await call(url!, 'POST', path, body)).body;
    const kept = await post('/api/v1/workflows', { definition: YAML });
    expect(kept).toMatchObject({ status: 'validated', validation_report: { valid: true, errors: [] } });
    const path = `/api/v1/workflows/${textOf(kept, 'workflow_id')}`;
    const executePaused = async (tries: number): Promise<[JsonObject, JsonObject]> => {
      const started = await post(`${path}/execute`, { input_data: { topic: 'batons' } });
      const answer = await post(`${path}/pause`, {});
      // It may have ended before: then the next one is paused.
      return ENDED.has(answer['code']) && tries > 1 ? executePaused(tries - 1) : [started, answer];
    };
    const [started, paused] = await executePaused(20);
    const run = LiveRun.of(deployment.urls, textOf(started, 'execution_id'));
    expect(paused).toMatchObject({ status: 'paused', resume_url: expect.any(String) });
    await run.untilStatus('paused');
    const at = (await run.journal()).length;
    expect((await run.call('GET', `${path}/status`)).body).toMatchObject({
      ...{ workflow_id: kept['workflow_id'], execution_id: run.id, status: 'paused', current_phase: 'paused' },
    });
    await post(`${path}/resume`, {});
    expect(await run.untilEnded()).toMatchObject({ status: 'completed', output: { agent: 'supervisor' } });
    const journal = await run.journal();
    expect(journalViolations(run.id, journal)).toEqual([]);
    expect(journal.findIndex(({ type }) => type === 'run.resumed')).toBeGreaterThanOrEqual(at - 1);
    expect(await run.fates('node.completed')).toEqual(
      ['decompose', 'research', 'research-1', 'research-2', 'research-3', 'synthesize'].map((id) => `completed ${id}`),
    );
  }, 30_000);
});
