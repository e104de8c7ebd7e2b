import {
  UNLIMITED,
  type Clock,
  type Dispatch,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type PoolDispatch,
} from '@baton/core';
import {
  announceCommits,
  BudgetGranter,
  BudgetSweeper,
  CheckpointWriter,
  CircuitBreaker,
  ChildRequests,
  LeaseKeeper,
  PlanCache,
  PoolRescuer,
  PoolRouting,
  PoolWorker,
  RunAdmitter,
  RunAdvancer,
  RunInspector,
  RunLoader,
  RunLogWriter,
  RunWaker,
  TenantBudgets,
  type CheckpointWriterOptions,
  type EngineObserver,
  type PoolRoutingOptions,
  type RunAdvancerOptions,
  type RunLoaderOptions,
  type RunLogWriterOptions,
  type RunWakerOptions,
} from '@baton/engine';
import { MemoryBell } from './memory-bell.js';
import { MemoryBudgetLedger, MemoryTenantBudgetStore } from './memory-budget-ledger.js';
import { MemoryCheckpointStore } from './memory-checkpoint-store.js';
import { MemoryCircuitStore } from './memory-circuit-store.js';
import type { MemoryDatabase } from './memory-database.js';
import { MemoryLock } from './memory-lock.js';
import { MemoryPools } from './memory-pools.js';
import { MemoryQueue } from './memory-queue.js';
import { MemoryRunLogStore } from './memory-run-log-store.js';
import { MemoryRunPlaces } from './memory-run-places.js';
import { MemoryRunStore } from './memory-run-store.js';
import { MemoryWorkerRegistry } from './memory-worker-registry.js';
import { MemoryWorkflowStore } from './memory-workflow-store.js';
import { patcherOf } from './patching.js';
import { rememberingObserver, type Observation } from './observed.js';
import type { World } from './world.js';

export type Work = (context: NodeContext) => Promise<JsonValue> | JsonValue;

export interface WorkerSettings {
  /** Node types and what their handlers do. */
  handlers: Readonly<Record<string, Work>>;
  /** Node types whose handlers execute what stands under `body` of their config. */
  holders?: readonly string[];
  /** What the handlers of these types call. */
  targets?: Readonly<Record<string, (context: NodeContext) => string | null>>;
  options?: Partial<RunAdvancerOptions & RunLoaderOptions>;
  waker?: Partial<RunWakerOptions>;
  checkpoints?: Partial<CheckpointWriterOptions>;
  logs?: Partial<RunLogWriterOptions>;
  /** The pools that it serves. */
  pools?: readonly string[];
  /** False: it serves its pools only. */
  takesRuns?: boolean;
  routing?: Partial<PoolRoutingOptions>;
  ttlMs?: number;
  renewMs?: number;
  random?: () => number;
  /** Takes of a pool job in a row without an end after which its node is poison; 3 when absent. */
  maxTakes?: number;
  /** The process's own view of time. */
  clock?: Clock;
  runStore?: new (db: MemoryDatabase) => MemoryRunStore;
}

/** A worker process: everything that dies with it, over services that do not. */
export class SimulatedWorker {
  readonly runs: MemoryRunStore;
  readonly registry: MemoryWorkerRegistry;
  readonly workflows: MemoryWorkflowStore;
  readonly checkpoints: MemoryCheckpointStore;
  readonly locks: MemoryLock;
  readonly queue: MemoryQueue;
  readonly bell: MemoryBell;
  readonly circuits: MemoryCircuitStore;
  readonly breaker: CircuitBreaker;
  readonly observer: EngineObserver & { readonly told: Observation[] } = rememberingObserver();
  readonly advancer: RunAdvancer;
  readonly keeper: LeaseKeeper;
  readonly waker: RunWaker;
  readonly checkpointWriter: CheckpointWriter;
  readonly logs: MemoryRunLogStore;
  readonly logWriter: RunLogWriter;
  readonly ledger: MemoryBudgetLedger;
  readonly budgetSweeper: BudgetSweeper;
  readonly budgetGranter: BudgetGranter;
  readonly poolQueue: MemoryPools;
  readonly pools: PoolWorker;
  readonly rescuer: PoolRescuer;
  private consumptions: { stop: () => void; die: () => void }[] = [];
  readonly places: MemoryRunPlaces;
  readonly admitter: RunAdmitter;

  constructor(
    private readonly world: World,
    readonly id: string,
    private readonly settings: WorkerSettings,
  ) {
    const { db } = world;
    const { clock = world.clock, runStore = MemoryRunStore } = settings;
    this.runs = new runStore(db);
    this.registry = new MemoryWorkerRegistry(db);
    this.workflows = new MemoryWorkflowStore(db);
    this.checkpoints = new MemoryCheckpointStore(db);
    this.locks = new MemoryLock(world.lockService, clock);
    this.queue = new MemoryQueue(world.queueService);
    this.bell = new MemoryBell(world.bellService);
    this.poolQueue = new MemoryPools(world.poolService);
    const { runs, registry, locks, queue, observer, checkpoints, bell: doorbell, poolQueue } = this;
    const random = settings.random ?? (() => 0.5);
    const plans = new PlanCache(this.workflows, 100);
    const { pageSize = 100, ...options } = settings.options ?? {};
    const loader = new RunLoader({ runs, checkpoints, plans, observer }, { pageSize });
    const inspector = new RunInspector(loader, { capacity: 100 });
    const patcher = patcherOf({ runs, workflows: this.workflows, registry, inspector, clock });
    this.circuits = new MemoryCircuitStore(db.circuits);
    this.breaker = new CircuitBreaker(
      { circuits: this.circuits, clock, observer },
      { policy: { failureThreshold: 5, openMs: 30_000 }, refreshMs: 1_000, flushMs: 5_000, keepMs: 3_600_000 },
    );
    const handlers = new Map(
      Object.entries(settings.handlers).map(([type, execute]) => {
        const target = settings.targets?.[type];
        const bodies = (config: JsonObject) => [config['body'] as { type: string; config: JsonObject }];
        const isHolder = settings.holders?.includes(type) ?? false;
        return [
          type,
          this.breaker.guard({
            type,
            execute: async (context) => execute(context),
            ...(target !== undefined && { target }),
            ...(isHolder && { bodies }),
          }),
        ];
      }),
    );
    const routing = new PoolRouting({ routes: new Map(), queueMs: 60_000, timeoutMs: 60_000, ...settings.routing });
    this.places = new MemoryRunPlaces(db.places);
    this.admitter = new RunAdmitter({ runs, places: this.places, clock, observer, random }, { intervalMs: 1_000, batch: 100 });
    const { admitter } = this;
    this.ledger = new MemoryBudgetLedger(db);
    const budgetStore = new MemoryTenantBudgetStore(db);
    const tenants = new TenantBudgets({ store: budgetStore, clock }, { freshForMs: 1_000, fallback: null });
    const configured = options.limits?.budget;
    const budgets = { ledger: this.ledger, tenants, ...(configured !== undefined && { configured }) };
    this.budgetSweeper = new BudgetSweeper(
      { ledger: this.ledger, clock, observer, random },
      { intervalMs: 10_000, batch: 100, keepMs: 86_400_000 },
    );
    this.budgetGranter = new BudgetGranter(
      { runs, store: budgetStore, tenants, ledger: this.ledger, clock, observer, random },
      { intervalMs: 2_000, pageSize: 2, pages: 10 },
    );
    const childRequests = new ChildRequests(this.workflows, { maxDepth: 3, maxCount: 1_000 });
    const payloads = world.openPayloads();
    this.logs = new MemoryRunLogStore(db);
    const bounds = { lines: 1_000, bytes: 100_000 };
    this.logWriter = new RunLogWriter(
      { store: this.logs, clock, observer },
      { level: 'debug', flushMs: 500, attempt: bounds, run: bounds, waitingBytes: 1_000_000, ...settings.logs },
    );
    const { logWriter: logs } = this;
    this.advancer = new RunAdvancer(
      {
        runs,
        admitter,
        registry,
        locks,
        queue,
        observer,
        handlers,
        childRequests,
        payloads,
        logs,
        budgets,
        clock,
        random,
        loader,
        patcher,
        pools: routing,
      },
      {
        ...{ workerId: id, parkAfterMs: 5_000, holdMs: 0, maxOutputBytes: 1_000, handBackMs: 1_000, deadLetters: 'all' },
        limits: UNLIMITED,
        ...{ maxClaims: 3, maxNodes: 1_000, lockRetryMs: 50, lostClaimMs: 10_000 },
        ...options,
      },
    );
    this.pools = new PoolWorker(
      { runs, inspector, patcher, handlers, childRequests, payloads, logs, budgets, registry, clock, observer },
      { workerId: id, maxTakes: settings.maxTakes ?? 3, maxOutputBytes: options.maxOutputBytes ?? 1_000 },
    );
    this.rescuer = new PoolRescuer(
      { runs, pools: poolQueue, clock, observer, random },
      { intervalMs: 1_000, batch: 100, graceMs: 2_000 },
    );
    const worker = {
      ...{ id, host: 'host', pid: 1, processStart: id, startedAt: clock.now() },
      nodeTypes: Object.keys(settings.handlers),
      pools: [...(settings.pools ?? [])],
      takesRuns: settings.takesRuns ?? true,
      capacity: { runs: 100, nodes: options.maxNodes ?? 1_000 },
    };
    this.keeper = new LeaseKeeper(
      { registry, runs, doorbell, advancer: this.advancer, pools: this.pools, clock, observer },
      { worker, ttlMs: settings.ttlMs ?? 5_000, renewMs: settings.renewMs ?? 1_000 },
    );
    this.waker = new RunWaker(
      { runs, queue, doorbell, clock, observer, random },
      { intervalMs: 1_000, batch: 100, graceMs: 2_000, ...settings.waker },
    );
    this.checkpointWriter = new CheckpointWriter(
      { runs, checkpoints, loader, clock, observer, random },
      { intervalMs: 1_000, everyEvents: 1_000, everyMs: 300_000, maxBytes: 1_000_000, batch: 10, ...settings.checkpoints },
    );
    announceCommits({ runs, doorbell, queue, pools: poolQueue, observer });
  }

  /** Announces itself, keeps its lease, and takes jobs. */
  async start(): Promise<this> {
    await this.keeper.start(() => false);
    const { queueService, poolService } = this.world;
    if (this.settings.takesRuns !== false)
      this.consumptions.push(queueService.consume((dispatch: Dispatch) => this.advancer.advance(dispatch), this.id));
    for (const pool of this.settings.pools ?? [])
      this.consumptions.push(poolService.consume(pool, (dispatch: PoolDispatch) => this.pools.work(dispatch)));
    return this;
  }

  /** kill -9: nothing that it asks is done from now on, and nothing that it asked is answered. */
  crash(): void {
    for (const consumption of this.consumptions) consumption.die();
    this.bell.die();
    const { runs, places, registry, workflows, checkpoints, locks, queue, circuits, ledger, poolQueue, logs } = this;
    for (const { calls } of [runs, places, registry, workflows, checkpoints, locks, queue, circuits, ledger, poolQueue, logs])
      calls.die();
  }

  /** SIGTERM. */
  async shutDown(graceMs: number): Promise<void> {
    for (const consumption of this.consumptions) consumption.stop();
    await Promise.all([this.advancer.drain(graceMs), this.pools.drain(graceMs)]);
    await this.keeper.stop();
    await this.logWriter.close();
  }

  told(name: keyof EngineObserver): unknown[] {
    return this.observer.told.filter((observation) => observation.name === name).map(({ detail }) => detail);
  }
}
