import { expect, it } from '@jest/globals';
import { DEFAULT_TENANT, isTerminal, type JsonValue, type NodeContext } from '@baton/core';
import { Chance, World, type SimulatedApi, type SimulatedWorker } from '../../../test/support/in-memory/index.js';

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const STEPS = 25;
const NODES = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'] as const;

/** What a run is by the signals that it has got, in order: all that pause, resume and cancel promise. */
class Model {
  paused = false;
  cancelled = false;
  readonly story: string[] = [];

  pause(): void {
    if (!this.paused && !this.cancelled) this.story.push('run.paused');
    this.paused = true;
  }

  resume(): void {
    if (this.paused && !this.cancelled) this.story.push('run.resumed');
    this.paused = false;
  }

  cancel(): void {
    this.cancelled = true;
  }
}

/** A run, its model, and everything that happens to both. */
class Play {
  readonly world = new World();
  readonly model = new Model();
  /** Handlers at work that have not been told to stop. */
  private readonly atWork = new Map<string, string>();
  private readonly chance: Chance;
  private readonly api: SimulatedApi = this.world.api('a1');
  private worker!: SimulatedWorker;
  private workers = 0;
  private runId = '';

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  async play(): Promise<void> {
    const chain = NODES.map((id, n) => [id, n === 0 ? {} : { depends_on: [NODES[n - 1]!] }] as const);
    const workflow = await this.world.publish('flow', Object.fromEntries(chain));
    await this.startWorker();
    this.runId = await this.world.launch(workflow);
    for (let step = 0; step < STEPS && !this.hasEnded; step += 1) {
      await this.chance.pick([() => this.tell(), () => this.tell(), () => this.replaceWorker()])();
      if (this.chance.happens(0.5)) await this.world.clock.advance(this.chance.below(4_000));
      if (this.chance.happens(0.5)) await this.settle();
    }
    await this.end();
  }

  private get hasEnded(): boolean {
    return isTerminal(this.world.run(this.runId).status);
  }

  private async startWorker(): Promise<void> {
    this.workers += 1;
    const id = `w${this.workers}`;
    const work = (context: NodeContext): Promise<JsonValue> => this.work(context, id);
    this.worker = await this.world
      .worker(id, { handlers: { work }, random: this.chance.next, options: { maxClaims: 100 } })
      .start();
    this.worker.waker.start();
  }

  private async work({ nodeId, signal }: NodeContext, workerId: string): Promise<JsonValue> {
    this.atWork.set(nodeId, workerId);
    signal.addEventListener('abort', () => this.atWork.delete(nodeId), { once: true });
    await this.world.clock.sleep(1_000 + this.chance.below(5_000));
    this.atWork.delete(nodeId);
    return nodeId;
  }

  /** The same signal to the run and to the model; the run refuses it only where the model says so. */
  private async tell(): Promise<void> {
    const { runs, signaller } = this.api;
    const wish = { tenantId: DEFAULT_TENANT, runId: this.runId, reason: 'by chance', by: 'ann' };
    const action = this.chance.pick(['pause', 'pause', 'resume', 'resume', 'cancel'] as const);
    if (action === 'cancel' && this.chance.happens(0.8)) return;
    if (this.hasEnded) {
      await expect(signaller.tellToPause(wish)).rejects.toMatchObject({ code: 'run_ended' });
      return;
    }
    if (action === 'resume' && !this.model.paused && (await runs.readSignals([this.runId])).length === 0) {
      await expect(signaller.tellToResume(wish)).rejects.toMatchObject({ code: 'not_paused' });
      return;
    }
    // Told through the store where the signaller would see that nothing changes: the order in the inbox is what counts.
    await runs.signal(this.runId, action, { reason: 'by chance', by: 'ann' }, this.world.clock.now());
    this.model[action]();
  }

  private async replaceWorker(): Promise<void> {
    const gone = this.worker;
    if (this.chance.happens(0.5)) {
      gone.crash();
      for (const [nodeId, workerId] of this.atWork) if (workerId === gone.id) this.atWork.delete(nodeId);
    } else {
      void Promise.all([gone.waker.stop(), gone.shutDown(this.chance.below(3_000))]);
    }
    await this.startWorker();
  }

  /** Once every signal is answered, the run is what the model says. */
  private async settle(): Promise<void> {
    const { clock, db } = this.world;
    await clock.until(() => this.hasEnded || db.inboxOf(this.runId).length === 0, 'every signal is answered', 60_000);
    if (this.model.cancelled) return this.world.untilStatus(this.runId, 'cancelled');
    if (!this.model.paused || this.hasEnded) return;
    // It reaches into the node in work.
    expect([...this.atWork.keys()]).toEqual([]);
    await this.world.untilStatus(this.runId, 'paused', 60_000);
    const before = this.world.story(this.runId).length;
    await clock.advance(30_000);
    expect([...this.atWork.keys()]).toEqual([]);
    expect(this.world.run(this.runId)).toMatchObject({ status: 'paused', workerId: null, wakeAt: null });
    expect(this.world.story(this.runId).slice(before)).toEqual([]);
  }

  private async end(): Promise<void> {
    await this.settle();
    if (!this.hasEnded && this.model.paused) {
      await this.api.signaller.tellToResume({ tenantId: DEFAULT_TENANT, runId: this.runId, reason: 'the end', by: 'ann' });
      this.model.resume();
    }
    await this.world.clock.until(() => this.hasEnded, 'the run ends', 300_000);
    this.worker.crash();
    this.check();
  }

  private check(): void {
    const story = this.world.story(this.runId);
    const { cancelled, story: wished } = this.model;
    const completed = NODES.map((id) => story.filter((line) => line === `node.completed ${id}`).length);
    const told = story.filter((line) => line === 'run.paused' || line === 'run.resumed');
    // What was wished after the run had ended, or with its cancellation, has no event.
    expect(told).toEqual(wished.slice(0, told.length));
    expect(completed.every((times) => times <= 1)).toBe(true);
    if (this.world.run(this.runId).status === 'completed') expect(completed).toEqual(NODES.map(() => 1));
    else expect(cancelled).toBe(true);
    if (!cancelled) expect(this.world.run(this.runId).status).toBe('completed');
    expect(this.startsWhilePaused(story)).toEqual([]);
    expect(this.world.db.problems()).toEqual([]);
  }

  private startsWhilePaused(story: readonly string[]): string[] {
    let paused = false;
    return story.filter((line) => {
      if (line === 'run.paused' || line === 'run.resumed') paused = line === 'run.paused';
      return paused && line.startsWith('node.started');
    });
  }
}

it.each(SEEDS)('pause, resume and cancel do what their model says, whatever becomes of the workers (seed %i)', async (seed) => {
  const play = new Play(seed);
  await play.play();
});
