import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError, DEFAULT_TENANT, referencesIn, type JsonValue } from '@baton/core';
import {
  World,
  VirtualClock,
  type NodeSketch,
  type SimulatedApi,
  type SimulatedWorker,
  type Work,
  type WorkerSettings,
} from '../../../test/support/in-memory/index.js';

const THRESHOLD = 200;
/** Above the threshold, and told apart by its name. */
const large = (name: string): JsonValue => ({ name, text: 'x'.repeat(2 * THRESHOLD) });

let world: World;
let api: SimulatedApi;

beforeEach(() => {
  world = new World(new VirtualClock(), THRESHOLD);
  api = world.api('api');
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
  // What is large is in no journal.
  for (const events of world.db.journals.values())
    for (const { payload } of events) expect(JSON.stringify(payload)).not.toContain('x'.repeat(THRESHOLD));
});

async function startWorker(
  id: string,
  handlers: Record<string, Work>,
  more: Partial<WorkerSettings> = {},
): Promise<SimulatedWorker> {
  const worker = await world.worker(id, { handlers, options: { maxOutputBytes: 10_000 }, ...more }).start();
  worker.waker.start();
  return worker;
}

async function start(nodes: Record<string, NodeSketch>, input: JsonValue = null): Promise<string> {
  const workflow = await world.publish('flow', nodes);
  return (await api.starter.startWorkflowRun({ tenantId: DEFAULT_TENANT, workflow, input, idempotency: null })).id;
}

async function outputOf(runId: string): Promise<JsonValue> {
  await world.untilStatus(runId, 'completed');
  const run = await api.runs.findRun(runId);
  return world.openPayloads().open(DEFAULT_TENANT, run!.output);
}

describe('large payloads', () => {
  it('travel by reference, and are seen as values by handlers, templates and conditions', async () => {
    const seen: JsonValue[] = [];
    await startWorker('w1', {
      make: ({ input }) => [input, large('made')],
      look: ({ input, outputs, config, evaluate }) => {
        seen.push(input, outputs['a']!, config['name']!, evaluate('nodes.a.output[1].name'));
        return 'small';
      },
    });
    const runId = await start(
      {
        a: { type: 'make' },
        b: {
          type: 'look',
          depends_on: ['a'],
          when: 'size(nodes.a.output[1].text) > 100',
          input: '${{ nodes.a.output[1] }}',
          config: { name: '${{ input.name }}' },
        },
        c: { type: 'look', depends_on: ['a'], when: 'nodes.a.output[1].name == "other"' },
        d: { type: 'make', depends_on: ['b'] },
      },
      large('given'),
    );
    expect(await outputOf(runId)).toEqual({ d: [large('given'), large('made')] });
    expect(seen).toEqual([large('made'), [large('given'), large('made')], 'given', 'made']);
    expect(referencesIn(world.run(runId).input)).toHaveLength(1);
    expect(world.blobs.payloads.size).toBe(2);
  });

  it('are not run again: a finished step gives its value on the next worker', async () => {
    let calls = 0;
    const { promise: hang, resolve } = Promise.withResolvers<void>();
    const work =
      (waits: boolean): Work =>
      async (context) => {
        const result = await context.step('think', () => {
          calls += 1;
          return large(`thought ${calls}`);
        });
        if (waits) await hang;
        return result;
      };
    const first = await startWorker('w1', { work: work(true) });
    const runId = await start({ a: {} });
    await world.clock.until(() => world.story(runId).includes('step.completed a'), 'the step is journaled');
    first.crash();
    await startWorker('w2', { work: work(false) });
    expect(await outputOf(runId)).toEqual(large('thought 1'));
    expect(calls).toBe(1);
    resolve();
  });

  it('come with signals, and go on to the next run', async () => {
    await startWorker('w1', {
      work: async (context) => {
        if (context.input !== null) return context.input;
        const got = await context.waitFor('go', { awaits: { kind: 'event', name: 'go' }, until: null, reason: 'waits' });
        if (got.kind === 'signal') context.continueAsNew(got.payload['payload']!);
        return null;
      },
    });
    const runId = await start({ a: {} });
    await world.untilStatus(runId, 'waiting');
    await api.signaller.sendEvent(DEFAULT_TENANT, runId, { name: 'go', payload: large('sent') });
    await world.untilStatus(runId, 'completed');
    const { continuedAs } = (await api.runs.findRun(runId))!;
    expect(await outputOf(continuedAs!)).toEqual(large('sent'));
    expect(world.blobs.payloads.size).toBe(1);
  });

  it('go to children and come back', async () => {
    await startWorker('w1', {
      parent: async (context) => {
        const outcomes = await context.runChildren('kids', { workflow: 'child', inputs: [large('one'), 2] });
        return outcomes.map((outcome) => (outcome?.status === 'completed' ? outcome.output : null));
      },
      kid: ({ input }) => ({ kid: input }),
    });
    await world.publish('child', { c: { type: 'kid' } });
    const runId = await start({ a: { type: 'parent' } });
    expect(await outputOf(runId)).toEqual([{ kid: large('one') }, { kid: 2 }]);
  });

  it('go through pools', async () => {
    await startWorker('runner', { work: ({ outputs }) => outputs });
    const gpu: Work = async (context) => [await context.step('s', () => large('step')), large('out'), context.input];
    const member = await startWorker('member', { gpu }, { pools: ['gpu'], takesRuns: false });
    member.rescuer.start();
    const runId = await start({ a: { type: 'gpu', pool: 'gpu' }, b: { depends_on: ['a'] } }, large('in'));
    expect(await outputOf(runId)).toEqual({ a: [large('step'), large('out'), large('in')] });
  });

  it('are taken over by forks, which may have input of their own', async () => {
    await startWorker('w1', {
      work: ({ nodeId, input, outputs }) => ({ nodeId, input, from: outputs, pad: 'y'.repeat(THRESHOLD) }),
    });
    const runId = await start({ a: {}, b: { depends_on: ['a'] } }, large('old'));
    const before = (await outputOf(runId)) as { from: { a: JsonValue } };
    const wish = { tenantId: DEFAULT_TENANT, runId, fromNode: 'b', idempotency: null };
    const same = await api.forker.fork(wish);
    expect(await outputOf(same.run.id)).toEqual(before);
    const edited = await api.forker.fork({ ...wish, input: large('new') });
    expect(await outputOf(edited.run.id)).toMatchObject({ input: large('new'), from: before.from });
  });

  it('cannot be forged', async () => {
    await startWorker('w1', { work: ({ input }) => input });
    await world.blobs.put(DEFAULT_TENANT, Buffer.from('"secret"'));
    const [key] = world.blobs.payloads.keys();
    const forged = { $blob: { sha256: key!.split('/')[1]!, bytes: 8, media_type: 'application/json' } };
    const runId = await start({ a: {}, b: { depends_on: ['a'], input: '${{ nodes.a.output }}' } }, forged);
    expect(await outputOf(runId)).toEqual(forged);
  });

  it('that cannot be reached cost a run no attempt: it goes on when they can', async () => {
    await startWorker('w1', { make: () => large('made'), look: ({ outputs }) => outputs['a']! });
    const { put } = world.blobs;
    const away = (): never => {
      throw new BatonError('storage_unavailable', 'away');
    };
    let tries = 0;
    world.blobs.put = () => {
      tries += 1;
      return away();
    };
    const runId = await start({ a: { type: 'make' }, b: { type: 'look', depends_on: ['a'] } });
    await world.clock.until(() => tries >= 2, 'two puts have failed');
    world.blobs.put = put;
    await world.clock.until(() => world.story(runId).includes('node.completed a'), 'the first node is done');
    expect(await outputOf(runId)).toEqual(large('made'));
    expect(world.story(runId)).not.toContain('node.failed a');
  });

  it('that cannot be reached cost a node no step that it has finished', async () => {
    let calls = 0;
    const work: Work = async ({ step }) => large(`made by call ${await step('ask', () => (calls += 1), { isLast: () => true })}`);
    await startWorker('w1', { work });
    const { put } = world.blobs;
    let tries = 0;
    world.blobs.put = () => {
      tries += 1;
      throw new BatonError('storage_unavailable', 'away');
    };
    const runId = await start({ a: {} });
    await world.clock.until(() => tries >= 2, 'two puts have failed');
    world.blobs.put = put;
    expect(await outputOf(runId)).toEqual(large('made by call 1'));
    expect(calls).toBe(1);
  });
});
