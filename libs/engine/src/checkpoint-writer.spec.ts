import { beforeEach, describe, expect, it } from '@jest/globals';
import { nodeEvent, submittedEvent, type WorkflowRef } from '@baton/core';
import { refuse, World, type SimulatedWorker, type Work, type WorkerSettings } from '../../../test/support/in-memory/index.js';

const HOUR_MS = 3_600_000;

let world: World;
let workflow: WorkflowRef;

beforeEach(async () => {
  world = new World();
  workflow = await world.publish('loop', { only: {} });
});

/** A process whose writer the test calls. */
const process = (id: string, checkpoints: WorkerSettings['checkpoints'] = {}): SimulatedWorker =>
  world.worker(id, { handlers: { work: () => 'done' }, checkpoints });

/** A run whose node has been entered again and again, until its journal has so many events. */
async function longRun(events: number): Promise<string> {
  const runId = await world.submit(workflow);
  grow(runId, events);
  return runId;
}

function grow(runId: string, events: number): void {
  const journal = world.db.journalOf(runId);
  const first = submittedEvent({ workflow, at: world.clock.now() });
  if (journal.length === 0) journal.push({ ...first, runId, seq: 1, epoch: 0 });
  world.db.journals.set(runId, journal);
  while (journal.length < events) {
    const visit = Math.floor((journal.length - 1) / 2) + 1;
    const subject = { id: 'only', visit, attempt: 1 };
    const draft =
      journal.length % 2 === 1
        ? nodeEvent('node.started', subject, 1, {})
        : nodeEvent('node.repeated', subject, 1, { output: visit });
    journal.push({ ...draft, runId, seq: journal.length + 1, epoch: 0 });
  }
  world.run(runId).seq = journal.length;
}

const heard = (worker: SimulatedWorker, runId: string, ended = false): void =>
  worker.checkpointWriter.hear({ grown: [{ runId, taskId: null, seq: world.run(runId).seq, ended }] });

const pagesRead = (worker: SimulatedWorker, runId: string): number =>
  worker.runs.calls.requests<{ runId: string }>('readJournal').filter((request) => request.runId === runId).length;

const checkpointOf = (runId: string) => world.db.checkpoints.get(runId)?.seq ?? null;

describe('a run of 50,000 events', () => {
  it('is loaded from its checkpoint and the tail by whoever claims it, and by whoever looks at it', async () => {
    const runId = await longRun(50_000);
    const writer = process('w1');
    heard(writer, runId);
    expect(await writer.checkpointWriter.runOnce()).toEqual({ written: 1, removed: 0 });
    grow(runId, 50_250);

    const worker = await process('w2').start();
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    expect(pagesRead(worker, runId)).toBe(3);
    expect(world.journal(runId).at(-1)).toMatchObject({ type: 'run.completed', payload: { output: 'done' } });

    const api = world.api('api');
    const { state, trace } = await api.inspector.inspect({ ...world.run(runId), status: 'running', seq: 50_250 });
    expect(api.runs.calls.requests('readJournal')).toHaveLength(3);
    expect(state.nodes[0]).toMatchObject({ visit: 25_125 });
    expect(trace.attempts).toBe(25_126);
  });

  it('is loaded page by page where it has none', async () => {
    const runId = await longRun(50_000);
    const worker = await process('w1').start();
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    expect(pagesRead(worker, runId)).toBe(500);
  });
});

describe('CheckpointWriter', () => {
  it('takes no notice of a short run, nor does its loading ask for a checkpoint', async () => {
    const runId = await longRun(99);
    const worker = await process('w1', { everyMs: 0, everyEvents: 1 }).start();
    heard(worker, runId);
    expect(await worker.checkpointWriter.runOnce()).toEqual({ written: 0, removed: 0 });
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    expect(worker.checkpoints.calls.log).toEqual([{ operation: 'removeEnded', request: { after: null, limit: 500 } }]);
  });

  it('writes one each time the journal has grown by so many events', async () => {
    const runId = await longRun(999);
    const worker = process('w1', { everyEvents: 1_000 });
    const written: number[] = [];
    for (const seq of [999, 1_000, 1_999, 2_000, 2_400, 3_500]) {
      grow(runId, seq);
      heard(worker, runId);
      written.push((await worker.checkpointWriter.runOnce()).written);
    }
    expect(written).toEqual([0, 1, 0, 1, 0, 1]);
    expect(checkpointOf(runId)).toBe(3_500);
  });

  it('writes one after some time in which the journal has grown', async () => {
    const runId = await longRun(150);
    const worker = process('w1', { everyMs: 60_000 });
    heard(worker, runId);
    expect(await worker.checkpointWriter.runOnce()).toMatchObject({ written: 0 });
    await world.clock.advance(60_000);
    expect(await worker.checkpointWriter.runOnce()).toMatchObject({ written: 1 });
    await world.clock.advance(HOUR_MS);
    expect(await worker.checkpointWriter.runOnce()).toMatchObject({ written: 0 });
    expect(checkpointOf(runId)).toBe(150);
  });

  it('leaves the states of wide runs for longer: an event must not cost more than its part', async () => {
    const wide = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`n${index}`, {}]));
    workflow = await world.publish('wide', { only: {}, ...wide });
    const runId = await longRun(1_000);
    const worker = process('w1', { everyEvents: 1_000 });
    const written: number[] = [];
    for (const seq of [1_000, 3_000, 3_001, 6_001, 6_002]) {
      grow(runId, seq);
      heard(worker, runId);
      written.push((await worker.checkpointWriter.runOnce()).written);
    }
    expect(written).toEqual([0, 0, 1, 0, 1]);
  });

  it('writes none where another process has just done so', async () => {
    const runId = await longRun(5_000);
    const [first, second] = [process('w1'), process('w2')];
    for (const worker of [first, second]) heard(worker, runId);
    expect(await first.checkpointWriter.runOnce()).toMatchObject({ written: 1 });
    expect(await second.checkpointWriter.runOnce()).toMatchObject({ written: 0 });
    expect(second.checkpoints.calls.requests('keep')).toEqual([]);
  });

  it('writes at most a batch in one pass', async () => {
    const worker = process('w1', { batch: 2 });
    for (let n = 0; n < 5; n += 1) heard(worker, await longRun(1_000));
    const passes = [await worker.checkpointWriter.runOnce(), await worker.checkpointWriter.runOnce()];
    expect(passes.map(({ written }) => written)).toEqual([2, 2]);
  });

  it('leaves out a state that is too large, until the run has grown on', async () => {
    const runId = await longRun(1_000);
    const worker = process('w1', { maxBytes: 10 });
    for (const seq of [1_000, 1_500, 2_000]) {
      grow(runId, seq);
      heard(worker, runId);
      expect(await worker.checkpointWriter.runOnce()).toMatchObject({ written: 0 });
    }
    expect(worker.told('checkpointIgnored')).toEqual(Array(2).fill({ runId, reason: 'size' }));
  });

  it('goes on with the others where one fails', async () => {
    const worker = process('w1');
    const runIds = [await longRun(1_000), await longRun(1_000)];
    for (const runId of runIds) heard(worker, runId);
    worker.checkpoints.calls.next('keep', refuse(new Error('away')));
    expect(await worker.checkpointWriter.runOnce()).toMatchObject({ written: 1 });
    expect(worker.told('trouble')).toMatchObject([{ what: 'checkpoint', runId: runIds[0] }]);
  });

  it('removes the checkpoint of a run that has ended here, and later those that others left behind', async () => {
    const worker = process('w1');
    const [here, elsewhere] = [await longRun(1_000), await longRun(1_000)];
    for (const runId of [here, elsewhere]) heard(worker, runId);
    expect(await worker.checkpointWriter.runOnce()).toMatchObject({ written: 2 });
    for (const runId of [here, elsewhere]) world.run(runId).status = 'completed';
    heard(worker, here, true);
    expect(await worker.checkpointWriter.runOnce()).toEqual({ written: 0, removed: 1 });
    await world.clock.advance(60_000);
    expect(await worker.checkpointWriter.runOnce()).toEqual({ written: 0, removed: 1 });
    expect(world.db.checkpoints.size).toBe(0);
  });

  it('follows the commits of its process, and forgets what grows no more', async () => {
    const worker = await process('w1', { everyMs: 10_000 }).start();
    worker.checkpointWriter.start();
    const runId = await longRun(1_000);
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    await world.clock.advance(2_000);
    expect(worker.told('checkpointsPassed')).not.toEqual([]);
    expect(worker.checkpoints.calls.requests('remove')).toEqual([[runId]]);
    await worker.checkpointWriter.stop();
  });
});

describe('a checkpoint that cannot be trusted', () => {
  let runId: string;

  beforeEach(async () => {
    runId = await longRun(1_000);
    const writer = process('w1');
    heard(writer, runId);
    await writer.checkpointWriter.runOnce();
  });

  const replace = (change: { seq?: number; state?: Uint8Array }): void =>
    void world.db.checkpoints.set(runId, { ...world.db.checkpoints.get(runId)!, ...change });

  it.each([
    ['with a bit that has changed', async () => replace({ state: damaged(world.db.checkpoints.get(runId)!.state) }), 'damaged'],
    ['that is none', async () => replace({ state: Buffer.from('nothing') }), 'damaged'],
    ['under a seq that is not its own', async () => replace({ seq: 999 }), 'seq'],
    ['of a later journal', async () => shrink(900), 'seq'],
    ['of another definition', () => adopt('other'), 'plan'],
  ])('%s is ignored, and told', async (_name, spoil, reason) => {
    await spoil();
    const worker = await process('w2').start();
    world.dispatch(runId);
    await world.untilStatus(runId, 'completed');
    expect(worker.told('checkpointIgnored')).toEqual([{ runId, reason }]);
    expect(pagesRead(worker, runId)).toBeGreaterThanOrEqual(9);
    expect(world.db.problems()).toEqual([]);
  });

  /** The run executes another definition than the one that its checkpoint was folded with. */
  async function adopt(name: string): Promise<void> {
    world.run(runId).workflow = await world.publish(name, { only: {}, more: {} });
  }

  /** The database was put back to an earlier time, its checkpoint was not. */
  function shrink(events: number): void {
    world.db.journalOf(runId).length = events;
    world.run(runId).seq = events;
  }

  function damaged(state: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(state);
    copy[copy.length >> 1]! ^= 1;
    return copy;
  }
});

describe('any run', () => {
  it('ends alike whoever takes it over, and whatever of its checkpoints is left', async () => {
    const work: Work = ({ visit, repeat }) => {
      if (visit < 400) repeat();
      return visit;
    };
    const begin = async (id: string): Promise<SimulatedWorker> => {
      const worker = await world.worker(id, { handlers: { work }, checkpoints: { everyEvents: 100 } }).start();
      worker.checkpointWriter.start();
      worker.waker.start();
      return worker;
    };
    const runId = await world.launch(workflow);
    const isOver = (): boolean => world.run(runId).status === 'completed';
    let loaded = 0;
    for (let n = 0; !isOver(); n += 1) {
      const worker = await begin(`w${n}`);
      const target = world.run(runId).seq + 130;
      await world.clock.until(() => world.run(runId).seq >= target || isOver(), 'it has grown');
      await worker.checkpointWriter.runOnce();
      loaded += pagesRead(worker, runId);
      worker.crash();
      if (n % 3 === 0) world.db.checkpoints.clear();
    }
    const visits = world.journal(runId).filter(({ type }) => type === 'node.repeated');
    expect(visits.map(({ visit }) => visit)).toEqual(Array.from({ length: 399 }, (_, index) => index + 1));
    expect(world.journal(runId).at(-1)).toMatchObject({ type: 'run.completed', payload: { output: 400 } });
    expect(loaded).toBeGreaterThan(5);
    expect(world.db.problems()).toEqual([]);
  });
});
