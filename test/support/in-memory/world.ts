import {
  DEFAULT_TENANT,
  WorkflowDefinitionSchema,
  type Clock,
  type JournalEvent,
  type JsonValue,
  type WorkflowRef,
} from '@baton/core';
import {
  Backlog,
  NO_LIMITS,
  PlanCache,
  PoolRouting,
  RunAdmitter,
  RunExplainer,
  RunInspector,
  RunLoader,
  LiveRunLimits,
  RunStarter,
  RunWatcher,
  RunSignaller,
  RunForker,
  RunPayloads,
  type EngineObserver,
  type RunPatcher,
  type RunLimitDefaults,
  type RunStarterOptions,
} from '@baton/engine';
import { BellService, MemoryBell } from './memory-bell.js';
import { MemoryBlobStore } from './memory-blob-store.js';
import { MemoryCheckpointStore } from './memory-checkpoint-store.js';
import { MemoryDatabase, type RunRow } from './memory-database.js';
import { LockService, MemoryLock } from './memory-lock.js';
import { MemoryPools, PoolService } from './memory-pools.js';
import { MemoryQueue, QueueService } from './memory-queue.js';
import { MemoryRunPlaces } from './memory-run-places.js';
import { MemoryRunStore } from './memory-run-store.js';
import { MemoryWorkerRegistry } from './memory-worker-registry.js';
import { MemoryTaskStore } from './memory-task-store.js';
import { MemoryWorkflowStore } from './memory-workflow-store.js';
import { patcherOf, publisherOf } from './patching.js';
import { rememberingObserver, type Observation } from './observed.js';
import { SimulatedWorker, type WorkerSettings } from './simulated-worker.js';
import { VirtualClock } from './virtual-clock.js';

/** A node as a test writes it. */
export interface NodeSketch {
  type?: string;
  depends_on?: string[];
  retry?: object;
  timeout?: number;
  total_timeout?: number;
  config?: object;
  when?: string;
  input?: unknown;
  on_error?: string;
  compensate?: object;
  pool?: string;
}

/** Nodes go where they say themselves. */
const NO_ROUTES = new PoolRouting({ routes: new Map(), queueMs: 60_000, timeoutMs: 60_000 });

/** What an API process is told besides what every start is. */
export type ApiOptions = RunStarterOptions & {
  limits: Partial<RunLimitDefaults>;
  maxBacklog: number;
  runStore: new (db: MemoryDatabase) => MemoryRunStore;
};

/** An API process. */
export class SimulatedApi {
  readonly runs: MemoryRunStore;
  readonly tasks: MemoryTaskStore;
  readonly workflows: MemoryWorkflowStore;
  readonly locks: MemoryLock;
  readonly queue: MemoryQueue;
  readonly bell: MemoryBell;
  readonly observer: EngineObserver & { readonly told: Observation[] } = rememberingObserver();
  readonly places: MemoryRunPlaces;
  readonly admitter: RunAdmitter;
  readonly starter: RunStarter;
  readonly watcher: RunWatcher;
  readonly signaller: RunSignaller;
  readonly inspector: RunInspector;
  readonly registry: MemoryWorkerRegistry;
  readonly explainer: RunExplainer;
  readonly forker: RunForker;
  readonly patcher: RunPatcher;

  constructor(world: World, instanceId: string, options: Partial<ApiOptions> = {}, clock: Clock = world.clock) {
    const { db } = world;
    const { limits, maxBacklog, runStore, ...starterOptions } = {
      ...{ limits: {}, maxBacklog: 1_000_000, runStore: MemoryRunStore },
      ...options,
    };
    this.runs = new runStore(db);
    this.tasks = new MemoryTaskStore(db);
    this.workflows = new MemoryWorkflowStore(db);
    this.locks = new MemoryLock(world.lockService, clock);
    this.queue = new MemoryQueue(world.queueService);
    this.bell = new MemoryBell(world.bellService);
    const { runs, tasks, workflows, locks, queue, observer, bell: doorbell } = this;
    this.places = new MemoryRunPlaces(db.places);
    const backlog = new Backlog({ runs, clock }, { maxQueued: maxBacklog, freshForMs: 500 });
    this.admitter = new RunAdmitter(
      { runs, places: this.places, clock, observer, random: () => 0.5 },
      { intervalMs: 1_000, batch: 100 },
    );
    const payloads = world.openPayloads();
    const runLimits = new LiveRunLimits(workflows, { ...NO_LIMITS, ...limits });
    this.starter = new RunStarter(
      { runs, tasks, workflows, locks, queue, limits: runLimits, backlog, admitter: this.admitter, payloads, clock, observer },
      { instanceId, taskWorkflow: 'answer', settleForMs: 200, maxInputBytes: 10_000, ...starterOptions },
    );
    this.watcher = new RunWatcher(
      { runs, tasks, doorbell, clock, random: () => 0.5 },
      { pollMs: 10_000, unhealthyPollMs: 1_000, pageSize: 3 },
    );
    const plans = new PlanCache(workflows, 100);
    const loader = new RunLoader({ runs, checkpoints: new MemoryCheckpointStore(db), plans, observer }, { pageSize: 100 });
    this.inspector = new RunInspector(loader, { capacity: 100 });
    const { watcher, inspector } = this;
    this.signaller = new RunSignaller({ runs, watcher, inspector, payloads, clock }, { waitMs: 3_000, maxPayloadBytes: 10_000 });
    const registry = (this.registry = new MemoryWorkerRegistry(world.db));
    this.explainer = new RunExplainer(
      {
        runs,
        registry,
        queue,
        pools: new MemoryPools(world.poolService),
        places: new MemoryRunPlaces(db.places),
        routing: NO_ROUTES,
        clock,
      },
      { leaseLeftMs: 2_500, freshForMs: 500 },
    );
    const publisher = publisherOf({ workflows, registry, clock });
    this.patcher = patcherOf({ runs, workflows, registry, inspector, clock });
    this.forker = new RunForker(
      { runs, workflows, inspector, plans, publisher, starter: this.starter, clock },
      { maxSnapshotBytes: 100_000 },
    );
  }
}

/** Everything that outlives a process: time, tables, queue, locks and the bell. */
export class World {
  readonly db: MemoryDatabase;
  readonly queueService: QueueService;
  readonly poolService: PoolService;
  readonly lockService: LockService;
  readonly bellService = new BellService();
  readonly blobs = new MemoryBlobStore();
  private readonly author: MemoryWorkflowStore;
  private readonly submitter: MemoryRunStore;
  private readonly clerk: MemoryTaskStore;
  private lastRun = 0;

  /** `thresholdBytes`: what is larger, as JSON, goes to the blobs. */
  constructor(
    readonly clock = new VirtualClock(),
    private readonly thresholdBytes = 65_536,
  ) {
    this.db = new MemoryDatabase(clock);
    this.queueService = new QueueService(clock);
    this.poolService = new PoolService(clock);
    this.lockService = new LockService(clock);
    this.author = new MemoryWorkflowStore(this.db);
    this.submitter = new MemoryRunStore(this.db);
    this.clerk = new MemoryTaskStore(this.db);
  }

  /** Of one process. */
  openPayloads(): RunPayloads {
    return new RunPayloads(this.blobs, { thresholdBytes: this.thresholdBytes, cacheBytes: 2 * this.thresholdBytes });
  }

  worker(id: string, settings: WorkerSettings): SimulatedWorker {
    return new SimulatedWorker(this, id, settings);
  }

  /** `clock`: the process's own view of time. */
  api(instanceId: string, options: Partial<ApiOptions> = {}, clock?: Clock): SimulatedApi {
    return new SimulatedApi(this, instanceId, options, clock);
  }

  /** Publishes a workflow of these nodes; the type of a node is `work` unless it says otherwise. */
  publish(
    name: string,
    nodes: Record<string, NodeSketch>,
    settings: {
      concurrency?: number;
      output?: string;
      timeout?: number;
      limits?: object;
      circuit_breaker?: object;
      budget?: object;
    } = {},
  ): Promise<WorkflowRef> {
    const list = Object.entries(nodes).map(([id, node]) => ({ id, type: 'work', ...node }));
    const definition = WorkflowDefinitionSchema.parse({ name, ...settings, nodes: list });
    return this.author.publish(DEFAULT_TENANT, definition, this.clock.now());
  }

  /** Accepts a run without dispatching it; returns its id. */
  async submit(workflow: WorkflowRef, input: JsonValue = null, taskId: string | null = null): Promise<string> {
    this.lastRun += 1;
    const runId = `run-${String(this.lastRun).padStart(4, '0')}`;
    const { id, name, version, digest } = workflow;
    const submission = { runId, tenantId: DEFAULT_TENANT, taskId, workflow: { id, name, version, digest }, input };
    await this.submitter.submit({ ...submission, idempotency: null, at: this.clock.now(), lock: null });
    return runId;
  }

  /** Puts the run's job into the queue. */
  dispatch(runId: string): void {
    const { taskId, generation } = this.run(runId);
    this.queueService.add({ runId, taskId, generation });
  }

  /** Accepts and dispatches a run; returns its id. */
  async launch(workflow: WorkflowRef, input: JsonValue = null, taskId: string | null = null): Promise<string> {
    const runId = await this.submit(workflow, input, taskId);
    this.dispatch(runId);
    return runId;
  }

  async createTask(id: string, input: JsonValue = null): Promise<void> {
    const task = { id, tenantId: DEFAULT_TENANT, title: `Title of ${id}`, description: null, input };
    await this.clerk.create({ ...task, at: this.clock.now(), idempotency: null });
  }

  run(runId: string): RunRow {
    const run = this.db.runs.get(runId);
    if (run === undefined) throw new Error(`no run ${runId}`);
    return run;
  }

  journal(runId: string): JournalEvent[] {
    return this.db.journalOf(runId);
  }

  /** The run's events as `type` or `type node`: what a test reads at a glance. */
  story(runId: string): string[] {
    return this.journal(runId).map(({ type, nodeId }) => (nodeId === null ? type : `${type} ${nodeId}`));
  }

  async untilStatus(runId: string, status: RunRow['status'], withinMs?: number): Promise<void> {
    await this.clock.until(() => this.run(runId).status === status, `run ${runId} is ${status}`, withinMs);
  }
}
