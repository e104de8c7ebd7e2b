import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { StepUsage, Usage } from '@baton/core';
import { World, type NodeSketch, type Work, type WorkerSettings } from '../../../test/support/in-memory/index.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const USED: Usage = { modelCalls: 1, promptTokens: 70, completionTokens: 30, costMicros: 5 };
const RETRY = { max_attempts: 2, backoff: 'fixed', initial_ms: 100, jitter: 0 };

/** Calls a model in one of its steps, and fails the first time afterwards. */
const caller =
  (calls: number[]): Work =>
  async ({ step, attempt }) => {
    const usage = (): StepUsage => ({ ...USED, model: 'local/m', agent: 'writer' });
    await step('plain', () => 1);
    await step('ask', () => calls.push(attempt), { usage });
    if (attempt === 1) throw new Error('after the call');
    return 'done';
  };

/** What the journal and the state say of usage. */
async function usageOf(runId: string) {
  const api = world.api('reader');
  const run = await api.runs.findRun(runId);
  const { state } = await api.inspector.inspect(run!);
  const steps = world.journal(runId).flatMap((event) => (event.type === 'step.completed' ? [event.payload.usage] : []));
  return { steps, run: state.usage, nodes: state.nodes.map(({ usage }) => usage) };
}

async function play(node: NodeSketch, settings: Record<string, Partial<WorkerSettings>>): Promise<string> {
  const workflow = await world.publish('flow', { a: { ...node, retry: RETRY }, b: { depends_on: ['a'] } });
  for (const [id, worker] of Object.entries(settings)) {
    const started = await world.worker(id, { handlers: { work: () => 'plain' }, ...worker }).start();
    started.waker.start();
  }
  const runId = await world.launch(workflow, null);
  await world.untilStatus(runId, 'completed');
  return runId;
}

const wire = { model_calls: 1, prompt_tokens: 70, completion_tokens: 30, cost_micros: 5, model: 'local/m', agent: 'writer' };
const paidOnce = { steps: [undefined, wire], run: USED, nodes: [USED, null] };

it('of a step is journaled with it and counts once, though an attempt after it replays the step', async () => {
  const calls: number[] = [];
  const runId = await play({ type: 'ask' }, { w1: { handlers: { ask: caller(calls), work: () => 'plain' } } });
  expect(calls).toEqual([1]);
  expect(await usageOf(runId)).toEqual(paidOnce);
});

it('of a step in a pool comes with it into the journal of the run', async () => {
  const calls: number[] = [];
  const member = { handlers: { ask: caller(calls) }, pools: ['gpu'], takesRuns: false };
  const runId = await play({ type: 'ask', pool: 'gpu' }, { w1: {}, m1: member });
  expect(calls).toEqual([1]);
  expect(await usageOf(runId)).toEqual(paidOnce);
});
