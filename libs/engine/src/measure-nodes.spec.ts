import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRunStore, MemoryWorkflowStore, World, type NodeSketch, type Work } from '../../../test/support/in-memory/index.js';
import { NodeMeasurer, type NodeMeasurerOptions } from './measure-nodes.js';

let world: World;
let tookMs: number;

beforeEach(() => {
  world = new World();
  tookMs = 2_000;
});

const work: Work = async ({ signal }) => {
  await world.clock.sleep(tookMs, signal);
  return null;
};

const NODES: Record<string, NodeSketch> = { a: {}, b: { type: 'quick', depends_on: ['a'] } };

/** Executes runs of the workflow, each with nodes that take so long. */
async function execute(nodes: Record<string, NodeSketch>, ...durations: number[]): Promise<void> {
  const worker = await world.worker(`w${world.clock.now()}`, { handlers: { work, quick: () => null } }).start();
  const workflow = await world.publish('flow', nodes);
  for (const ms of durations) {
    tookMs = ms;
    await world.untilStatus(await world.launch(workflow), 'completed');
  }
  await worker.shutDown(0);
}

function measurer(options: Partial<NodeMeasurerOptions> = {}): { measurer: NodeMeasurer; runs: MemoryRunStore } {
  const runs = new MemoryRunStore(world.db);
  const parts = { runs, workflows: new MemoryWorkflowStore(world.db), clock: world.clock };
  return { measurer: new NodeMeasurer(parts, { runs: 10, events: 1_000, freshMs: 60_000, ...options }), runs };
}

const secondsOf = async (measured: NodeMeasurer) => Object.fromEntries(await measured.measure('default', 'flow'));

describe('the measuring of nodes', () => {
  it('gives the median of recent runs, of any version', async () => {
    await execute(NODES, 1_000, 5_000);
    await execute({ ...NODES, c: { type: 'quick' } }, 3_000);
    expect(await secondsOf(measurer().measurer)).toEqual({ 'work/a': 3, 'quick/b': 0, 'quick/c': 0 });
  });

  it('knows nothing of a workflow without runs, or that is another tenant’s', async () => {
    const { measurer: measured } = measurer();
    expect(await secondsOf(measured)).toEqual({});
    await execute(NODES, 1_000);
    expect(await secondsOf(measured)).toMatchObject({ 'work/a': 1 });
    expect((await measured.measure('other', 'flow')).size).toBe(0);
  });

  it('reads no more runs and events than it may', async () => {
    await execute(NODES, 9_000, 1_000);
    expect(await secondsOf(measurer({ runs: 1 }).measurer)).toMatchObject({ 'work/a': 1 });
    const { measurer: measured, runs } = measurer({ events: 4 });
    expect(await secondsOf(measured)).toEqual({ 'work/a': 1 });
    expect(runs.calls.log.filter(({ operation }) => operation === 'readJournal')).toHaveLength(1);
  });

  it('holds for a while, and is asked again after a failure', async () => {
    await execute(NODES, 1_000);
    const { measurer: measured, runs } = measurer();
    runs.calls.next('listRuns', { before: () => Promise.reject(new Error('away')) });
    await expect(measured.measure('default', 'flow')).rejects.toThrow('away');
    await secondsOf(measured);
    await execute(NODES, 9_000, 9_000);
    expect(await secondsOf(measured)).toMatchObject({ 'work/a': 1 });
    await world.clock.advance(60_000);
    expect(await secondsOf(measured)).toMatchObject({ 'work/a': 9 });
  });
});
