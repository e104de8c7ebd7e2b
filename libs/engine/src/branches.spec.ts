import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@baton/core';
import { World, type NodeSketch, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

async function startWorker(id: string, handlers: Record<string, Work>): Promise<SimulatedWorker> {
  const worker = await world.worker(id, { handlers }).start();
  worker.waker.start();
  return worker;
}

async function run(nodes: Record<string, NodeSketch>, handlers: Record<string, Work>, input: JsonValue = null) {
  const workflow = await world.publish('flow', nodes);
  const worker = await startWorker('w1', handlers);
  const runId = await world.launch(workflow, input);
  return { worker, runId, result: () => worker.runs.findRun(runId) };
}

const echo: Work = ({ config, input }) => (Object.keys(config).length > 0 ? config : input);
const fail: Work = () => {
  throw new Error('broken');
};
const ONCE = { retry: { max_attempts: 1 } };

describe('a condition', () => {
  it('skips its node when it is false, and what hangs on nothing else', async () => {
    const { runId, result } = await run(
      {
        ask: { config: { approved: true } },
        yes: { depends_on: ['ask'], when: 'nodes.ask.output.approved' },
        no: { depends_on: ['ask'], when: '!nodes.ask.output.approved' },
        after_no: { depends_on: ['no'] },
        join: { depends_on: ['yes', 'after_no'], config: { joined: true } },
      },
      { work: echo },
      { i: 1 },
    );
    await world.untilStatus(runId, 'completed');
    expect(world.story(runId).filter((line) => line.startsWith('node.skipped'))).toEqual([
      'node.skipped no',
      'node.skipped after_no',
    ]);
    expect((await result())?.output).toEqual({ joined: true });
  });

  it('reads the input of the run', async () => {
    const { runId, result } = await run(
      { a: { when: 'input.n > 3' }, b: { when: 'input.n <= 3' } },
      { work: () => 'ran' },
      { n: 5 },
    );
    await world.untilStatus(runId, 'completed');
    expect((await result())?.output).toEqual({ a: 'ran' });
  });

  it('that cannot be told fails its node, with the place', async () => {
    const { runId, result } = await run({ a: { when: 'input.missing.deep' } }, { work: echo }, {});
    await world.untilStatus(runId, 'failed');
    expect((await result())?.error).toMatchObject({ code: 'expression_failed', details: { node_id: 'a' } });
  });

  it('a handler may skip the branches not taken', async () => {
    const choose: Work = (context) => {
      context.skip(['b', 'unknown'], 'not taken');
      return 'a';
    };
    const { runId } = await run(
      { choice: { type: 'choose' }, a: { depends_on: ['choice'] }, b: { depends_on: ['choice'] } },
      { choose, work: echo },
    );
    await world.untilStatus(runId, 'completed');
    expect(world.story(runId)).toContain('node.skipped b');
    expect(world.story(runId)).toContain('node.completed a');
  });
});

describe('input and config', () => {
  it('are filled from what came before', async () => {
    const { runId, result } = await run(
      {
        a: { config: { list: [1, 2] } },
        b: { depends_on: ['a'], input: { first: '${{ nodes.a.output.list[0] }}', text: 'n = ${{ input.n }}' } },
      },
      { work: ({ config, input, nodeId }) => (nodeId === 'b' ? input : config) },
      { n: 7 },
    );
    await world.untilStatus(runId, 'completed');
    expect((await result())?.output).toEqual({ first: 1, text: 'n = 7' });
  });
});

describe('a failure', () => {
  it('that the run survives leaves its error to the nodes after it', async () => {
    const { runId, result } = await run(
      {
        a: { type: 'fail', on_error: 'continue', ...ONCE },
        b: { depends_on: ['a'], input: { why: '${{ nodes.a.error.message }}', status: '${{ nodes.a.status }}' } },
      },
      { fail, work: ({ input }) => input },
    );
    await world.untilStatus(runId, 'completed');
    expect((await result())?.output).toEqual({ why: 'broken', status: 'failed' });
  });

  it('undoes what is done, the last first, each once, and ends the run with the report', async () => {
    const undone: JsonObject[] = [];
    const undo: Work = ({ config, outputs, idempotencyKey }) => {
      undone.push({ what: config['what']!, outputs, key: idempotencyKey });
      return null;
    };
    const compensate = (what: string) => ({ type: 'undo', config: { what, of: '${{ nodes.a.output }}' } });
    const { runId, result } = await run(
      {
        a: { compensate: compensate('a'), input: 1 },
        b: { depends_on: ['a'], compensate: compensate('b'), input: 2 },
        plain: { depends_on: ['b'], input: 3 },
        c: { depends_on: ['plain'], type: 'fail', on_error: 'compensate', ...ONCE },
      },
      { fail, undo, work: ({ input }) => input },
    );
    await world.untilStatus(runId, 'failed');
    expect(undone).toEqual([
      { what: 'b', outputs: { b: 2 }, key: `${runId}/b/1/undo` },
      { what: 'a', outputs: { a: 1 }, key: `${runId}/a/1/undo` },
    ]);
    expect((await result())?.error).toMatchObject({
      message: 'broken',
      details: { node_id: 'c', compensated: ['a', 'b'], not_compensated: [] },
    });
    expect(world.story(runId)).toContain('run.compensating');
  });

  it('goes on with the undoing at another worker after a crash, and repeats none that is done', async () => {
    const undone: string[] = [];
    const hold = Promise.withResolvers<JsonValue>();
    const nodes = {
      a: { compensate: { type: 'undo' } },
      b: { depends_on: ['a'], compensate: { type: 'undo' } },
      c: { depends_on: ['b'], type: 'fail', on_error: 'compensate', ...ONCE },
    };
    const undo: Work = ({ nodeId }) => {
      undone.push(nodeId);
      return nodeId === 'a' && undone.length === 2 ? hold.promise : null;
    };
    const handlers = { fail, undo, work: () => 1 };
    const { worker, runId } = await run(nodes, handlers);
    await world.clock.until(() => undone.length === 2, 'the second undoing is in work');
    await world.clock.until(() => world.story(runId).includes('compensation.completed b'), 'the first is journaled');
    worker.crash();
    await startWorker('w2', handlers);
    await world.untilStatus(runId, 'failed');
    expect(undone).toEqual(['b', 'a', 'a']);
  });

  it('is undone to the end, whoever cancels meanwhile', async () => {
    const undone: string[] = [];
    const hold = Promise.withResolvers<JsonValue>();
    const undo: Work = ({ nodeId }) => {
      undone.push(nodeId);
      return nodeId === 'b' ? hold.promise : null;
    };
    const { worker, runId, result } = await run(
      {
        a: { compensate: { type: 'undo' } },
        b: { depends_on: ['a'], compensate: { type: 'undo' } },
        c: { depends_on: ['b'], type: 'fail', on_error: 'compensate', ...ONCE },
      },
      { fail, undo, work: () => 1 },
    );
    await world.clock.until(() => undone.length === 1, 'the first undoing is in work');
    expect(await result()).toMatchObject({ status: 'compensating' });
    await worker.runs.signal(runId, 'cancel', {}, world.clock.now());
    await world.clock.until(() => world.story(runId).includes('signal.received'), 'the cancel is read');
    hold.resolve(null);
    await world.untilStatus(runId, 'failed');
    expect(undone).toEqual(['b', 'a']);
  });

  it('of an undoing is tried again, then passed over and reported', async () => {
    let tries = 0;
    const undo: Work = ({ nodeId }) => {
      if (nodeId !== 'b') return null;
      tries += 1;
      throw new Error('stays');
    };
    const retry = { max_attempts: 3, backoff: 'fixed', initial_ms: 5_000, jitter: 0 };
    const { runId, result } = await run(
      {
        a: { compensate: { type: 'undo' } },
        b: { depends_on: ['a'], compensate: { type: 'undo', retry } },
        c: { depends_on: ['b'], type: 'fail', on_error: 'compensate', ...ONCE },
      },
      { fail, undo, work: () => 1 },
    );
    await world.untilStatus(runId, 'failed');
    expect(tries).toBe(3);
    expect((await result())?.error?.details).toMatchObject({ compensated: ['a'], not_compensated: ['b'] });
  });

  it('with nothing to undo just fails', async () => {
    const { runId } = await run({ a: { type: 'fail', on_error: 'compensate', ...ONCE } }, { fail });
    await world.untilStatus(runId, 'failed');
    expect(world.story(runId)).not.toContain('run.compensating');
  });
});

describe('a node that repeats itself', () => {
  it('is entered again as a new visit, with the last output and a key of its own', async () => {
    const seen: JsonValue[] = [];
    const { runId, result } = await run(
      { loop: {}, after: { depends_on: ['loop'], type: 'echo' } },
      {
        work: (context) => {
          seen.push([context.visit, context.last, context.idempotencyKey]);
          if (context.visit < 3) context.repeat();
          return context.visit * 10;
        },
        echo: ({ outputs }) => outputs,
      },
    );
    await world.untilStatus(runId, 'completed');
    expect(seen).toEqual([
      [1, null, `${runId}/loop/1`],
      [2, 10, `${runId}/loop/2`],
      [3, 20, `${runId}/loop/3`],
    ]);
    expect((await result())?.output).toEqual({ loop: 30 });
  });
});
