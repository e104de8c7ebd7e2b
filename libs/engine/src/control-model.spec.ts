import { expect, it } from '@jest/globals';
import {
  DEFAULT_TENANT,
  isTerminal,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type WorkflowDefinition,
} from '@baton/core';
import { ControlModel, descendants, touched, type ModelGraph, type ModelNode } from '../../../test/support/control-model.js';
import { Chance, World, type SimulatedApi, type SimulatedWorker } from '../../../test/support/in-memory/index.js';

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const STEPS = 25;
const NODES = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'] as const;

/** A run, its model, and everything that happens to both. */
class Play {
  readonly world = new World();
  /** How often a patch was taken up, refused, or not accepted: all of it should happen. */
  readonly patches = { applied: 0, refused: 0, tooLate: 0 };
  private model!: ControlModel;
  private made = 0;
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
    this.model = new ControlModel(workflow.digest, graphOf(chain));
    await this.startWorker();
    this.runId = await this.world.launch(workflow);
    for (let step = 0; step < STEPS && !this.hasEnded; step += 1) {
      await this.chance.pick([() => this.tell(), () => this.tell(), () => this.patch(), () => this.replaceWorker()])();
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

  /** A change of the definition. It is accepted unless something of it has started. */
  private async patch(): Promise<void> {
    const { patcher } = this.api;
    const about = { tenantId: DEFAULT_TENANT, runId: this.runId };
    const { revision, digest, definition } = await patcher.readDefinition(DEFAULT_TENANT, this.runId);
    const { operations, change } = this.draft(definition);
    const startedBefore = this.model.follow(this.world.journal(this.runId)).started;
    try {
      const made = await patcher.patch({ ...about, revision, patch: operations, reason: 'by chance', by: 'ann' });
      const before = this.model.graphs.get(made.previousDigest)!;
      const after = change(before);
      expect(touched(before, after, startedBefore)).toEqual([]);
      this.model.graphs.set(made.digest, after);
    } catch (error) {
      const { code } = error as { code?: string };
      const before = this.model.graphs.get(digest)!;
      const { started } = this.model.follow(this.world.journal(this.runId));
      if (code === 'patch_refused') expect(touched(before, change(before), started)).not.toEqual([]);
      else expect([code, this.hasEnded]).toEqual(['run_ended', true]);
      this.patches.tooLate += 1;
    }
  }

  /** Operations for a definition, and the same for the model. */
  private draft({ nodes }: WorkflowDefinition): { operations: JsonValue[]; change: (graph: ModelGraph) => ModelGraph } {
    const place = this.chance.below(nodes.length);
    const { id, depends_on: dependsOn } = nodes[place]!;
    this.made += 1;
    const fresh = `p${this.made}`;
    const add = (deps: string[]): JsonObject => ({
      ...{ op: 'add', path: '/nodes/-', value: { id: fresh, type: 'work', depends_on: deps } },
    });
    const edit = (graph: ModelGraph, edits: Record<string, Partial<ModelNode>>): ModelGraph => {
      const entries = Object.entries(edits).map(
        ([of, more]) => [of, { dependsOn: [], config: {}, ...graph.get(of), ...more }] as const,
      );
      return new Map([...graph, ...entries]);
    };
    const before = { op: 'test', path: `/nodes/${place}/id`, value: id };
    const isLeaf = nodes.every((node) => !node.depends_on.includes(id));
    return this.chance.pick([
      () => ({ operations: [add([id])], change: (graph: ModelGraph) => edit(graph, { [fresh]: { dependsOn: [id] } }) }),
      () => {
        const replace = { op: 'replace', path: `/nodes/${place}/depends_on`, value: [...dependsOn, fresh] };
        return {
          operations: [before, add([]), replace],
          change: (graph: ModelGraph) => edit(graph, { [fresh]: {}, [id]: { dependsOn: [...dependsOn, fresh] } }),
        };
      },
      () => {
        const config = { n: this.made };
        const operations = isLeaf
          ? [before, { op: 'remove', path: `/nodes/${place}` }]
          : [before, { op: 'replace', path: `/nodes/${place}/config`, value: config }];
        const change = (graph: ModelGraph): ModelGraph =>
          isLeaf ? new Map([...graph].filter(([of]) => of !== id)) : edit(graph, { [id]: { config } });
        return { operations, change };
      },
    ])();
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
    await this.world.clock.until(() => this.hasEnded, 'the run ends', 600_000);
    this.check();
    await this.fork();
    this.worker.crash();
  }

  /** A fork keeps what does not depend on the node, of what had completed; it runs the rest, each node once. */
  private async fork(): Promise<void> {
    const { graph, completed } = this.model.follow(this.world.journal(this.runId));
    const fromNode = this.chance.pick([...graph.keys()]);
    const anew = descendants(graph, fromNode);
    const kept = [...graph.keys()].filter((id) => completed.has(id) && !anew.has(id));
    const fork = await this.api.forker.fork({ tenantId: DEFAULT_TENANT, runId: this.runId, fromNode, idempotency: null });
    expect(fork).toMatchObject({ kept: kept.length, total: graph.size });
    await this.world.untilStatus(fork.run.id, 'completed', 600_000);
    const ran = this.world.story(fork.run.id).flatMap((line) => /^node.completed (.+)/.exec(line)?.[1] ?? []);
    expect(ran.toSorted()).toEqual([...graph.keys()].filter((id) => !kept.includes(id)).toSorted());
  }

  private check(): void {
    const story = this.world.story(this.runId);
    const { cancelled, story: wished } = this.model;
    const { graph, answered, wrong, completed } = this.model.follow(this.world.journal(this.runId));
    const completions = story.filter((line) => line.startsWith('node.completed'));
    const told = story.filter((line) => line === 'run.paused' || line === 'run.resumed');
    // What was wished after the run had ended, or with its cancellation, has no event.
    expect(told).toEqual(wished.slice(0, told.length));
    expect(completions.length).toBe(completed.size);
    expect(wrong).toEqual([]);
    this.patches.applied += story.filter((line) => line === 'run.patched').length;
    this.patches.refused += story.filter((line) => line === 'run.patch_refused').length;
    const { status, revision } = this.world.run(this.runId);
    const all = Array.from({ length: revision }, (_, index) => index + 1);
    // A cancelled run answers nothing more.
    expect(answered).toEqual(cancelled ? all.slice(0, answered.length) : all);
    if (status === 'completed') expect([...completed].sort()).toEqual([...graph.keys()].sort());
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

/** The graph of nodes as they are published. */
function graphOf(nodes: readonly (readonly [string, { depends_on?: string[] }])[]): ModelGraph {
  return new Map(nodes.map(([id, { depends_on: dependsOn = [] }]) => [id, { dependsOn, config: {} }]));
}

const patches = { applied: 0, refused: 0, tooLate: 0 };

it.each(SEEDS)(
  'pause, resume, cancel, patch and fork do what their model says, whatever becomes of the workers (seed %i)',
  async (seed) => {
    const play = new Play(seed);
    await play.play();
    for (const what of ['applied', 'refused', 'tooLate'] as const) patches[what] += play.patches[what];
  },
);

it('every fate of a patch was met', () => {
  expect(Object.values(patches).filter((times) => times < 5)).toEqual([]);
});
