import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BatonError, DEFAULT_TENANT, isTerminal, type NodeContext } from '@baton/core';
import {
  Chance,
  MemoryWorkerRegistry,
  World,
  type Fault,
  type NodeSketch,
  type SimulatedWorker,
} from '../../../test/support/in-memory/index.js';

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);
const FAULTS_FOR_MS = 60_000;
const HEALED_WITHIN_MS = 120_000;

const unhandled: unknown[] = [];
const remember = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => {
  process.on('unhandledRejection', remember);
});

afterAll(() => {
  process.off('unhandledRejection', remember);
});

/** Workers, runs and everything that may go wrong between them, drawn from one seed. */
class Storm {
  readonly world = new World();
  readonly runIds: string[] = [];
  /** Nodes that the rightful owner began though their outcome was journaled. An owner that has not heard yet of its successor may. */
  readonly repeated: string[] = [];
  private readonly chance: Chance;
  private readonly workers: SimulatedWorker[] = [];
  private readonly api = this.world.api('a1');
  private started = 0;
  private blowing = true;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  async play(): Promise<void> {
    const { clock } = this.world;
    await this.world.publish('answer', this.graph());
    for (let n = 0; n < 3; n += 1) await this.startWorker();
    for (const end = clock.now() + FAULTS_FOR_MS; clock.now() < end;) {
      await this.strike();
      await clock.advance(this.chance.below(1_000));
    }
    this.heal();
    await clock.until(
      () => this.runIds.every((runId) => isTerminal(this.world.run(runId).status)),
      'every accepted run ends',
      HEALED_WITHIN_MS,
    );
    for (const worker of this.workers) worker.crash();
  }

  private graph(): Record<string, NodeSketch> {
    const nodes: Record<string, NodeSketch> = {};
    const count = 1 + this.chance.below(6);
    for (let n = 0; n < count; n += 1) {
      const before = Object.keys(nodes);
      const depends_on = before.filter(() => this.chance.happens(0.4));
      nodes[`n${n}`] = { depends_on, retry: { initial_ms: this.chance.pick([10, 1_000, 10_000]) }, timeout: 20 };
    }
    return nodes;
  }

  private async startWorker(): Promise<void> {
    this.started += 1;
    const id = `w${this.started}`;
    const work = (context: NodeContext): Promise<null> => this.work(context, id);
    const worker = this.world.worker(id, { handlers: { work }, random: this.chance.next });
    this.makeUnreliable(worker);
    await worker.start().catch(() => worker.crash());
    worker.waker.start();
    this.workers.push(worker);
  }

  private async work(context: NodeContext, workerId: string): Promise<null> {
    const { runId, nodeId } = context;
    const { clock } = this.world;
    const finished = this.world.story(runId).includes(`node.completed ${nodeId}`);
    if (finished && this.world.run(runId).workerId === workerId) this.repeated.push(context.idempotencyKey);
    await context.step('first', () => clock.sleep(this.chance.below(500)).then(() => 1));
    if (this.chance.happens(0.1)) void context.step('not waited for', () => clock.sleep(1_000).then(() => 2));
    await clock.sleep(this.chance.below(2_000));
    if (this.blowing && this.chance.happens(0.1)) throw new Error('by chance');
    return null;
  }

  /** The database refuses, loses replies and is slow, each now and then. */
  private makeUnreliable(worker: SimulatedWorker): void {
    const away = (): void => {
      if (this.blowing && this.chance.happens(0.03)) throw new BatonError('storage_unavailable', 'by chance');
    };
    const fault: Fault = {
      before: async () => {
        away();
        if (this.blowing && this.chance.happens(0.05)) await this.world.clock.sleep(this.chance.below(8_000));
      },
      after: away,
    };
    for (const operation of ['claim', 'append', 'readSignals', 'readJournal', 'findRun', 'dueRuns', 'raiseGenerations']) {
      worker.runs.calls.every(operation, fault);
    }
    worker.registry.calls.every('renew', fault);
  }

  private async strike(): Promise<void> {
    const { queueService, lockService, bellService, db } = this.world;
    const strokes: (() => unknown)[] = [
      () => this.submit(),
      () => this.submit(),
      () => this.submit(),
      () => this.cancel(),
      () => this.replaceWorker('crash'),
      () => this.replaceWorker('shutDown'),
      () => queueService.wipe(),
      () => lockService.wipe(),
      () => (queueService.reachable = !queueService.reachable),
      () => (lockService.reachable = !lockService.reachable),
      () => (bellService.broken = this.chance.pick(['no', 'silently', 'known'])),
      () => new MemoryWorkerRegistry(db).expire(this.chance.pick(this.workers).id),
    ];
    await this.chance.pick(strokes)();
  }

  private async submit(): Promise<void> {
    const taskId = `t${this.chance.below(10)}`;
    if (!this.world.db.tasks.has(taskId)) await this.world.createTask(taskId);
    const request = this.api.starter.startTaskRun({ tenantId: DEFAULT_TENANT, taskId, idempotency: null });
    void request.then((outcome) => outcome.kind === 'accepted' && this.runIds.push(outcome.run.id));
  }

  private async cancel(): Promise<void> {
    if (this.runIds.length > 0) await this.api.runs.signal(this.chance.pick(this.runIds), 'cancel', {}, this.world.clock.now());
  }

  private async replaceWorker(how: 'crash' | 'shutDown'): Promise<void> {
    const [worker] = this.workers.splice(this.chance.below(this.workers.length), 1);
    if (how === 'crash') worker!.crash();
    else void Promise.all([worker!.waker.stop(), worker!.shutDown(this.chance.below(5_000))]);
    await this.startWorker();
  }

  private heal(): void {
    const { queueService, lockService, bellService } = this.world;
    this.blowing = false;
    queueService.reachable = lockService.reachable = true;
    bellService.broken = 'no';
  }
}

it.each(SEEDS)(
  'whatever fails, every accepted run ends once, in a gapless journal under rising epochs (seed %i)',
  async (seed) => {
    const storm = new Storm(seed);
    await storm.play();
    expect(storm.runIds.length).toBeGreaterThan(5);
    expect(storm.world.db.problems()).toEqual([]);
    expect(storm.repeated).toEqual([]);
    expect(
      [...storm.world.db.tasks.values()].filter(({ status, liveRunId }) => status === 'running' || liveRunId !== null),
    ).toEqual([]);
    expect(unhandled).toEqual([]);
  },
);
