import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BatonError, type AcquireRequest, type JsonValue, type NodeContext, type WorkflowRef } from '@baton/core';
import { loseReply, refuse, World, type SimulatedWorker, type Work } from '../../../test/support/in-memory/index.js';

const AWAY = new BatonError('storage_unavailable', 'away');
const TASK_KEY = 'task:t1:lock';

let world: World;
let workflow: WorkflowRef;

beforeEach(async () => {
  world = new World();
  workflow = await world.publish('flow', { a: {}, b: { depends_on: ['a'] } });
  await world.createTask('t1');
});

afterEach(() => {
  expect(world.db.problems()).toEqual([]);
});

const workerWith = (id: string, work: Work, options: object = {}): Promise<SimulatedWorker> =>
  world.worker(id, { handlers: { work }, options }).start();

/** A handler that stays in its first call until it is opened or aborted. */
function blocking() {
  const entered: NodeContext[] = [];
  const { promise, resolve } = Promise.withResolvers<JsonValue>();
  const work: Work = (context) => {
    entered.push(context);
    return promise;
  };
  return { entered, work, open: () => resolve(null), inWork: () => world.clock.until(() => entered.length > 0, 'the node runs') };
}

const apiHolds = (): Promise<unknown> =>
  world.api('a1').locks.acquire({ key: TASK_KEY, holder: { kind: 'api', id: 'a1' }, operation: 'submit' });

describe('the lock', () => {
  it('is held while the run advances and free after its end', async () => {
    const node = blocking();
    await workerWith('w1', node.work);
    const runId = await world.launch(workflow, null, 't1');
    await node.inWork();
    expect(world.lockService.get(TASK_KEY)).toMatch(/^worker\/w1:[0-9a-f]{32}$/);
    node.open();
    await world.untilStatus(runId, 'completed');
    await world.clock.settle();
    expect(world.lockService.get(TASK_KEY)).toBeNull();
    expect(world.db.lockRecords).toMatchObject([
      { operation: 'advance', event: 'acquired', holder: 'worker/w1', tokenLength: 32 },
    ]);
  });

  it('is the one of the run where there is no task, and writes no lock history', async () => {
    const node = blocking();
    await workerWith('w1', node.work);
    const runId = await world.launch(workflow);
    await node.inWork();
    expect(world.lockService.get(`run:${runId}:lock`)).toMatch(/^worker\/w1:/);
    expect(world.db.lockRecords).toEqual([]);
    node.open();
    await world.untilStatus(runId, 'completed');
  });

  it('is taken over from a submitter, whose run is a committed row', async () => {
    await workerWith('w1', () => null);
    await apiHolds();
    const runId = await world.launch(workflow, null, 't1');
    await world.untilStatus(runId, 'completed', 1_000);
  });

  it('is taken over from a worker whose lease has ended', async () => {
    const dead = blocking();
    const first = await workerWith('w1', dead.work);
    const runId = await world.launch(workflow, null, 't1');
    await dead.inWork();
    first.crash();
    const second = await workerWith('w2', () => null);
    second.waker.start();
    await world.untilStatus(runId, 'completed', 15_000);
    await second.waker.stop();
    expect(world.db.lockRecords.map(({ holder }) => holder)).toEqual(['worker/w1', 'worker/w2']);
  });

  it('is left to a worker whose lease lives', async () => {
    const holder = await workerWith('w1', () => null);
    await holder.locks.acquire({ key: TASK_KEY, holder: { kind: 'worker', id: 'w1' }, operation: 'advance' });
    const other = await workerWith('w2', () => null);
    const runId = await world.submit(workflow, null, 't1');
    const advance = other.advancer.advance({ runId, taskId: 't1', generation: 0 });
    await world.clock.until(() => other.told('claimRefused').length === 1, 'the claim is refused');
    await advance;
    expect(other.told('claimRefused')).toEqual([{ runId, reason: 'locked' }]);
    expect(world.run(runId).epoch).toBe(0);
  });

  it('is done without where the lock service is away: SQL alone decides', async () => {
    world.lockService.reachable = false;
    await workerWith('w1', () => null);
    const runId = await world.launch(workflow, null, 't1');
    await world.untilStatus(runId, 'completed');
    expect(world.db.lockRecords).toMatchObject([{ method: 'sql', tokenLength: 0 }]);
  });

  it('aborts the work when another has taken it', async () => {
    const node = blocking();
    const worker = await workerWith('w1', node.work);
    const runId = await world.launch(workflow, null, 't1');
    await node.inWork();
    world.lockService.set(TASK_KEY, 'worker/other:token');
    await world.clock.until(() => worker.told('runLetGo').length === 1, 'the run is let go', 11_000);
    expect(worker.told('runLetGo')).toMatchObject([{ runId, reason: 'lock_lost' }]);
    expect(node.entered[0]!.signal.aborted).toBe(true);
    expect(world.lockService.get(TASK_KEY)).toBe('worker/other:token');
    await world.clock.until(() => world.run(runId).workerId === null, 'the run is handed back', 2_000);
  });

  it('that was lost while the run was loaded stops it', async () => {
    const worker = await workerWith('w1', () => null);
    const loaded = worker.workflows.calls.hold('findByDigest');
    const runId = await world.launch(workflow, null, 't1');
    await world.clock.until(() => world.run(runId).epoch === 1, 'the run is claimed');
    world.lockService.set(TASK_KEY, 'worker/other:token');
    await world.clock.advance(11_000);
    loaded();
    await world.clock.until(() => worker.told('runLetGo').length === 1, 'the run is let go');
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'lock_lost' }]);
  });

  it('is made again after a wipe while the epoch is ours, and lost when it is not', async () => {
    const node = blocking();
    const worker = await workerWith('w1', node.work);
    const runId = await world.launch(workflow, null, 't1');
    await node.inWork();
    world.lockService.wipe();
    await world.clock.advance(11_000);
    expect(world.lockService.get(TASK_KEY)).toMatch(/^worker\/w1:/);
    world.lockService.wipe();
    world.run(runId).epoch += 1;
    await world.clock.until(() => worker.told('runLetGo').length === 1, 'the run is let go', 11_000);
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'lock_lost' }]);
  });

  it('is made again after a wipe while SQL cannot say whose the epoch is', async () => {
    const node = blocking();
    const worker = await workerWith('w1', node.work);
    await world.launch(workflow, null, 't1');
    await node.inWork();
    worker.runs.calls.every('findRun', refuse(AWAY));
    world.lockService.wipe();
    await world.clock.advance(11_000);
    expect(world.lockService.get(TASK_KEY)).toMatch(/^worker\/w1:/);
    expect(worker.told('trouble')).toMatchObject([{ what: 'epoch check' }]);
  });

  it('says before the claim that it is still ours', async () => {
    const worker = await workerWith('w1', () => null);
    const claim = worker.runs.calls.hold('claim');
    const runId = await world.launch(workflow, null, 't1');
    await world.clock.until(() => worker.runs.calls.requests('claim').length === 1, 'the claim is on its way');
    const [request] = worker.locks.calls.requests<AcquireRequest>('acquire');
    expect(await request!.stillOurs!()).toBe(true);
    claim();
    await world.untilStatus(runId, 'completed');
    await world.clock.settle();
    expect(await request!.stillOurs!()).toBe(false);
  });
});

describe('claims', () => {
  it('advances a run once, however many jobs ask', async () => {
    const node = blocking();
    const workers = [await workerWith('w1', node.work), await workerWith('w2', node.work)];
    const runId = await world.submit(workflow);
    const dispatch = { runId, taskId: null, generation: 0 };
    const advances = workers.flatMap(({ advancer }) => [advancer.advance(dispatch), advancer.advance(dispatch)]);
    await node.inWork();
    await world.clock.advance(1_000);
    expect(node.entered).toHaveLength(1);
    expect(world.run(runId).epoch).toBe(1);
    node.open();
    await world.untilStatus(runId, 'completed');
    await Promise.all(advances);
  });

  it('refuses a job of an older generation, a run that is not due, and one that has ended', async () => {
    const worker = await workerWith('w1', () => null);
    const runId = await world.submit(workflow);
    const dispatch = { runId, taskId: null, generation: 0 };
    world.run(runId).generation = 1;
    await worker.advancer.advance(dispatch);
    world.run(runId).wakeAt = world.clock.now() + 1;
    await worker.advancer.advance({ ...dispatch, generation: 1 });
    world.run(runId).wakeAt = world.clock.now();
    await worker.advancer.advance({ ...dispatch, generation: 1 });
    await worker.advancer.advance({ ...dispatch, generation: 1 });
    await worker.advancer.advance({ runId: 'none', taskId: null, generation: 0 });
    expect(worker.told('claimRefused').map((told) => (told as { reason: string }).reason)).toEqual([
      ...['outdated', 'not_due', 'ended', 'missing'],
    ]);
    expect(world.run(runId).status).toBe('completed');
  });

  it('takes a second job for a held run as a ring', async () => {
    const node = blocking();
    const worker = await workerWith('w1', node.work);
    const runId = await world.launch(workflow);
    await node.inWork();
    await world.api('a1').runs.signal(runId, 'cancel', {}, world.clock.now());
    await worker.advancer.advance({ runId, taskId: null, generation: 0 });
    await world.untilStatus(runId, 'cancelled', 500);
    expect(world.journal(runId).at(-1)!.payload).toEqual({ reason: 'cancelled' });
  });

  it('gives back a run whose claim was granted though the reply was lost', async () => {
    const worker = await workerWith('w1', () => null);
    worker.runs.calls.next('claim', loseReply(AWAY));
    const runId = await world.launch(workflow);
    await world.clock.until(() => worker.told('trouble').length === 1, 'the claim fails');
    expect(world.run(runId).workerId).toBe('w1');
    worker.waker.start();
    await world.untilStatus(runId, 'completed', 10_000);
    await worker.waker.stop();
    expect(world.run(runId).epoch).toBe(2);
  });

  it('gives back a run whose claim is granted after it was given up', async () => {
    const worker = await workerWith('w1', () => null);
    const runId = await world.submit(workflow);
    worker.runs.calls.next('claim', refuse(AWAY));
    await worker.advancer.advance({ runId, taskId: null, generation: 0 });
    await worker.advancer.handBackOrphans();
    await worker.runs.claim({ runId, workerId: 'w1', generation: 0, token: 'late', at: world.clock.now(), lock: null });
    expect(world.run(runId).workerId).toBe('w1');
    await worker.advancer.handBackOrphans();
    expect(world.run(runId)).toMatchObject({ workerId: null, epoch: 1 });
    worker.waker.start();
    await world.untilStatus(runId, 'completed', 10_000);
    await worker.waker.stop();
  });

  it.each([
    ['is looked for, from the first answer on', 2_900, null],
    ['was looked for', 3_100, 'w1'],
  ])('gives back such a run as long as its claim %s', async (_, lateMs, owner) => {
    const worker = await workerWith('w1', () => null, { lostClaimMs: 3_000 });
    const runId = await world.submit(workflow);
    worker.runs.calls.next('claim', refuse(AWAY));
    worker.runs.calls.every('findRun', refuse(AWAY));
    await worker.advancer.advance({ runId, taskId: null, generation: 0 });
    await worker.advancer.handBackOrphans();
    await world.clock.advance(20_000);
    worker.runs.calls.every('findRun', null);
    await worker.advancer.handBackOrphans();
    await world.clock.advance(lateMs);
    await worker.advancer.handBackOrphans();
    await worker.runs.claim({ runId, workerId: 'w1', generation: 0, token: 'late', at: world.clock.now(), lock: null });
    await worker.advancer.handBackOrphans();
    expect(world.run(runId).workerId).toBe(owner);
  });

  it('gives back such a run also where its next job is just refused by the lost claim', async () => {
    const worker = await workerWith('w1', () => null);
    const stop = world.queueService.consume(() => Promise.resolve()).stop;
    worker.runs.calls.next('claim', loseReply(AWAY));
    const runId = await world.submit(workflow);
    const dispatch = { runId, taskId: null, generation: 0 };
    await worker.advancer.advance(dispatch);
    const answer = worker.runs.calls.hold('claim');
    const again = worker.advancer.advance(dispatch);
    await worker.advancer.handBackOrphans();
    answer();
    await again;
    expect(worker.told('claimRefused')).toEqual([{ runId, reason: 'held' }]);
    expect(world.run(runId).workerId).toBe('w1');
    stop();
    worker.waker.start();
    await world.untilStatus(runId, 'completed', 10_000);
    await worker.waker.stop();
  });

  it('leaves to its owner a run whose claim was lost and granted to another', async () => {
    const worker = await workerWith('w1', () => null);
    worker.runs.calls.next('claim', refuse(AWAY));
    const runId = await world.submit(workflow);
    await worker.advancer.advance({ runId, taskId: null, generation: 0 });
    const node = blocking();
    await workerWith('w2', node.work);
    world.queueService.consume(() => Promise.resolve());
    const other = await workerWith('w3', node.work);
    void other.advancer.advance({ runId, taskId: null, generation: 0 });
    await node.inWork();
    await world.clock.advance(3_000);
    expect(world.run(runId)).toMatchObject({ workerId: 'w3', epoch: 1 });
    node.open();
    await world.untilStatus(runId, 'completed');
  });

  it('goes on from the journal, page by page, where the last owner died', async () => {
    const ran: string[] = [];
    const second = blocking();
    const first = await workerWith('w1', (context) => (context.nodeId === 'a' ? ran.push('a') : second.work(context)));
    const runId = await world.launch(workflow);
    await second.inWork();
    first.crash();
    const rescuer = await workerWith('w2', ({ nodeId, outputs }) => (ran.push(nodeId), outputs), { pageSize: 2 });
    rescuer.waker.start();
    await world.untilStatus(runId, 'completed', 15_000);
    await rescuer.waker.stop();
    expect(ran).toEqual(['a', 'b']);
    expect(rescuer.runs.calls.requests('readJournal')).toMatchObject([{ afterSeq: 0 }, { afterSeq: 2 }, { afterSeq: 4 }]);
    expect((await rescuer.runs.findRun(runId))!.output).toEqual({ a: 1 });
  });

  it('counts a run that no worker can load, and ends it as poison', async () => {
    const worker = await workerWith('w1', () => null);
    const runId = await world.submit({ ...workflow, digest: 'unknown' });
    worker.waker.start();
    await world.untilStatus(runId, 'failed', 60_000);
    await worker.waker.stop();
    expect((await worker.runs.findRun(runId))!.error).toMatchObject({
      code: 'poison_run',
      details: { run_id: runId, claims: 4 },
    });
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'defect' }, { reason: 'defect' }, { reason: 'defect' }]);
  });

  it('says so when a journal is shorter than its row says', async () => {
    const worker = await workerWith('w1', () => null);
    const runId = await world.submit(workflow);
    world.run(runId).seq = 3;
    await worker.advancer.advance({ runId, taskId: null, generation: 0 });
    expect(String((worker.told('trouble')[0] as { error: unknown }).error)).toContain('ends at 1, its row says 3');
  });

  it('ends a run as poison when it has killed its worker N times, and the others go on', async () => {
    const killer = blocking();
    const runId = await world.launch(workflow, null, 't1');
    for (let death = 1; death <= 3; death += 1) {
      const victim = await workerWith(`victim-${death}`, killer.work);
      victim.waker.start();
      await world.clock.until(() => killer.entered.length === death, `claim ${death}`, 20_000);
      victim.crash();
    }
    const survivor = await workerWith('survivor', killer.work);
    survivor.waker.start();
    await world.untilStatus(runId, 'failed', 20_000);
    await survivor.waker.stop();
    expect(killer.entered).toHaveLength(3);
    expect(world.journal(runId).at(-1)).toMatchObject({ type: 'run.failed', payload: { error: { code: 'poison_run' } } });
    expect(world.db.tasks.get('t1')).toMatchObject({ status: 'failed', liveRunId: null });
  });

  it('fails none of the runs that were in work beside one that kills each worker at once', async () => {
    const bystanders = await world.publish('bystander', { slow: {} });
    const poison = await world.publish('poison', { kill: { type: 'kill' } });
    const worker = (id: string): SimulatedWorker => {
      const crash = (): Promise<never> => {
        made.crash();
        return new Promise(() => {});
      };
      const work = async (): Promise<string> => (await world.clock.sleep(10), 'done');
      const made = world.worker(id, { handlers: { work, kill: crash } });
      return made;
    };
    const runIds: string[] = [];
    for (let n = 0; n < 6; n += 1) runIds.push(await world.launch(n === 3 ? poison : bystanders));
    for (let n = 1; n <= 6; n += 1) {
      const one = await worker(`w${n}`).start();
      one.waker.start();
      await world.clock.advance(20_000);
    }
    const [killer] = runIds.splice(3, 1);
    expect(world.run(killer!).status).toBe('failed');
    expect(runIds.map((id) => world.run(id).status)).toEqual(Array(5).fill('completed'));
  });

  it('leaves a poisoned run alone when another has claimed it meanwhile', async () => {
    const worker = await workerWith('w1', () => null, { maxClaims: 0 });
    const runId = await world.submit(workflow);
    worker.runs.calls.next('append', { before: () => void (world.run(runId).epoch += 1) });
    await worker.advancer.advance({ runId, taskId: null, generation: 0 });
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'fenced' }]);
    expect(world.run(runId).status).toBe('running');
  });
});

describe('letting go', () => {
  it('tries to hand back again with each renewal until the database answers', async () => {
    const node = blocking();
    const worker = await workerWith('w1', node.work);
    const runId = await world.launch(workflow);
    await node.inWork();
    worker.runs.calls.every('append', refuse(AWAY));
    node.open();
    await world.clock.advance(3_500);
    expect(world.run(runId).workerId).toBe('w1');
    expect(worker.told('trouble').filter((told) => (told as { what: string }).what === 'hand back').length).toBeGreaterThan(1);
    worker.runs.calls.every('append', null);
    await world.clock.until(() => world.run(runId).workerId === null, 'the run is handed back', 1_500);
  });

  it('drains: waits for the node in work, hands back uncounted, and others go on', async () => {
    const node = blocking();
    const first = await workerWith('w1', node.work);
    const runId = await world.launch(workflow);
    await node.inWork();
    const down = first.shutDown(10_000);
    await world.clock.advance(1_000);
    expect(world.run(runId).workerId).toBe('w1');
    node.open();
    await down;
    expect(node.entered.map(({ nodeId, signal }) => [nodeId, signal.aborted])).toEqual([['a', false]]);
    expect(world.run(runId)).toMatchObject({ workerId: null, status: 'queued', unproductiveClaims: 0 });
    expect(world.queueService.jobs.size).toBe(1);
    await workerWith('w2', () => null);
    await world.untilStatus(runId, 'completed', 500);
  });

  it('drains: what does not finish within the grace is aborted and handed back', async () => {
    const node = blocking();
    const worker = await workerWith('w1', node.work);
    const runId = await world.launch(workflow);
    await node.inWork();
    const down = worker.shutDown(2_000);
    await world.clock.advance(2_000);
    await down;
    expect(node.entered[0]!.signal.aborted).toBe(true);
    expect(worker.told('runLetGo')).toMatchObject([{ reason: 'shutdown' }]);
    expect(world.run(runId)).toMatchObject({ workerId: null, unproductiveClaims: 0 });
    expect(world.clock.pending).toBe(0);
  });

  it('drains: takes no more, and hands back at once what was just claimed', async () => {
    const node = blocking();
    const worker = await workerWith('w1', node.work);
    const claim = worker.runs.calls.hold('claim');
    const runId = await world.launch(workflow);
    await world.clock.until(() => worker.runs.calls.requests('claim').length === 1, 'the claim is on its way');
    const down = worker.shutDown(2_000);
    claim();
    await down;
    await worker.advancer.advance({ runId, taskId: null, generation: 0 });
    expect(node.entered).toEqual([]);
    expect(world.run(runId)).toMatchObject({ workerId: null, epoch: 1, unproductiveClaims: 0 });
  });

  it('leaves it to the waker when the queue does not take a run that was handed back', async () => {
    const node = blocking();
    const worker = await workerWith('w1', node.work);
    const runId = await world.launch(workflow);
    await node.inWork();
    world.queueService.reachable = false;
    const down = worker.shutDown(10_000);
    node.open();
    await down;
    expect(worker.told('dispatchFailed')).toMatchObject([[runId, expect.any(Error)]]);
    expect(world.run(runId)).toMatchObject({ workerId: null, status: 'queued' });
  });
});
