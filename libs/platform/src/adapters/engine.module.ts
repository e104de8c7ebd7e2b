import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import {
  AgentStore,
  BlobStore,
  CheckpointStore,
  CircuitStore,
  Clock,
  DeadLetterStore,
  DEFAULT_TENANT,
  Doorbell,
  Embedders,
  PatternStore,
  PoolQueue,
  RagConfigStore,
  RunAudit,
  RunLock,
  RunPlaces,
  RunQueue,
  RunStore,
  TaskStore,
  VectorStore,
  WorkerRegistry,
  WorkflowStore,
  type Capacity,
  type DefinitionLimits,
  type QueueDepth,
} from '@baton/core';
import {
  announceCommits,
  ApprovalLinks,
  Backlog,
  BulkRuns,
  DeadLetters,
  CircuitBreaker,
  ExecutionFinder,
  NodeMeasurer,
  PatternCatalog,
  PlanCache,
  RagConfigs,
  RagConfigurator,
  RunAdmitter,
  RunExplainer,
  RunForker,
  RunInspector,
  RunLoader,
  RunPatcher,
  RunPayloads,
  LiveRunLimits,
  PoolRouting,
  RunSignaller,
  RunStarter,
  RunTimelines,
  RunWatcher,
  shipWorkflow,
  WorkflowExecutor,
  WorkflowPublisher,
  type EngineObserver,
  type RunPatcherOptions,
} from '@baton/engine';
import { shippedPatterns } from '@baton/agents';
import {
  ANSWER_AGENTS,
  ANSWER_WORKFLOW,
  INGEST_WORKFLOW,
  REEMBED_WORKFLOW,
  RESEARCH_WORKFLOW,
  SEARCH_WORKFLOW,
} from '@baton/nodes';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '@baton/storage';
import { AccessControl } from '../access.js';
import { Closing } from '../closing.js';
import type { Config } from '../config.js';
import { HealthProbe } from '../health.js';
import { Metrics } from '../metrics.js';
import type { PlatformOptions } from '../platform-options.js';
import { sparingly } from '../sparingly.js';
import { CONFIG, ENGINE_OBSERVER } from '../tokens.js';

/** How long a submission waits for another's to show in SQL before SQL alone decides. */
const SETTLE_FOR_MS = 2_000;
/** A run that has been due for so long with nobody holding it says that the workers are stuck. */
const STUCK_AFTER_MS = 30_000;

/** Plans of the runs that the process advances or looks at. */
const PLANS_LOADED = 500;
/** Plans that forks compare, and folded journals that readers keep. */
const PLANS_CACHED = 100;
const RUNS_CACHED = 200;
/** Events read from a journal at once. */
const JOURNAL_PAGE = 1_000;
/** How old what a status says of workers and queues may be; less where leases are renewed often. */
const SURROUNDINGS_FRESH_MS = 500;
/** How much of an input or output a timeline shows. */
const EXCERPT_BYTES = 2_000;
/** How old what a worker knows of the others' failed calls may be; how long it gathers calls, and how long they are kept. */
const CIRCUITS = { refreshMs: 1_000, flushMs: 5_000, keepMs: 3_600_000 };
/** Runs by which the durations of nodes are estimated, events of them that are read, and for how long that holds. */
const MEASURED = { runs: 20, events: 10_000, freshMs: 60_000 };
/** What a fork may take over: one event, within what a database takes in one statement. */
const SNAPSHOT_BYTES = 8 * 1_024 * 1_024;

/** The use cases that API and worker share, and the listeners that tell others of this process's commits. */
@Module({})
export class EngineModule implements OnModuleInit {
  constructor(
    private readonly workflows: WorkflowStore,
    private readonly agents: AgentStore,
    private readonly access: AccessControl,
    private readonly clock: Clock,
    private readonly runs: RunStore,
    private readonly queue: RunQueue,
    private readonly pools: PoolQueue,
    private readonly registry: WorkerRegistry,
    private readonly doorbell: Doorbell,
    private readonly metrics: Metrics,
    private readonly closing: Closing,
    @Inject(ENGINE_OBSERVER) private readonly observer: EngineObserver,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  static forRoot(options: PlatformOptions): DynamicModule {
    const { config, instanceId } = options;
    return {
      module: EngineModule,
      providers: [
        {
          provide: RunWatcher,
          useFactory: (runs: RunStore, tasks: TaskStore, doorbell: Doorbell, clock: Clock, closing: Closing) => {
            const { doorbellHealthyPollMs: pollMs, doorbellPollMs: unhealthyPollMs, sseBufferEvents: pageSize } = config;
            const watcher = new RunWatcher({ runs, tasks, doorbell, clock }, { pollMs, unhealthyPollMs, pageSize });
            closing.add('watcher', () => watcher.close());
            return watcher;
          },
          inject: [RunStore, TaskStore, Doorbell, Clock, Closing],
        },
        {
          provide: RunPayloads,
          useFactory: (blobs: BlobStore) =>
            new RunPayloads(blobs, { thresholdBytes: config.blobThresholdBytes, cacheBytes: config.blobCacheBytes }),
          inject: [BlobStore],
        },
        {
          provide: RunStarter,
          useFactory: (
            runs: RunStore,
            tasks: TaskStore,
            workflows: WorkflowStore,
            locks: RunLock,
            queue: RunQueue,
            clock: Clock,
            limits: LiveRunLimits,
            backlog: Backlog,
            admitter: RunAdmitter,
            payloads: RunPayloads,
            observer: EngineObserver,
          ) => {
            const { maxInputBytes } = config;
            const starterOptions = { instanceId, taskWorkflow: ANSWER_WORKFLOW.name, settleForMs: SETTLE_FOR_MS, maxInputBytes };
            const parts = { runs, tasks, workflows, locks, queue, limits, backlog, admitter, payloads, clock, observer };
            return new RunStarter(parts, starterOptions);
          },
          inject: [
            ...[RunStore, TaskStore, WorkflowStore, RunLock, RunQueue, Clock],
            ...[LiveRunLimits, Backlog, RunAdmitter, RunPayloads, ENGINE_OBSERVER],
          ],
        },
        {
          provide: WorkflowPublisher,
          useFactory: (
            workflows: WorkflowStore,
            agents: AgentStore,
            registry: WorkerRegistry,
            clock: Clock,
            runs: RunStore,
            patterns: PatternCatalog,
          ) => {
            const times = new NodeMeasurer({ runs, workflows, clock }, MEASURED);
            return new WorkflowPublisher({ workflows, agents, registry, clock, times, patterns }, definitionBounds(config));
          },
          inject: [WorkflowStore, AgentStore, WorkerRegistry, Clock, RunStore, PatternCatalog],
        },
        {
          provide: PatternCatalog,
          useFactory: (patterns: PatternStore, clock: Clock) => new PatternCatalog({ patterns, clock }, shippedPatterns()),
          inject: [PatternStore, Clock],
        },
        {
          provide: WorkflowExecutor,
          useFactory: (workflows: WorkflowStore, starter: RunStarter, clock: Clock) =>
            new WorkflowExecutor({ workflows, starter, clock }, { capacity: definitionBounds(config).capacity }),
          inject: [WorkflowStore, RunStarter, Clock],
        },
        {
          provide: RunSignaller,
          useFactory: (runs: RunStore, watcher: RunWatcher, inspector: RunInspector, payloads: RunPayloads, clock: Clock) =>
            new RunSignaller(
              { runs, watcher, inspector, payloads, clock },
              { waitMs: config.cancelWaitMs, maxPayloadBytes: config.maxInputBytes },
            ),
          inject: [RunStore, RunWatcher, RunInspector, RunPayloads, Clock],
        },
        {
          provide: ApprovalLinks,
          useFactory: (runs: RunStore, signaller: RunSignaller, clock: Clock) =>
            new ApprovalLinks({ runs, signaller, clock }, { secret: config.approvalLinkSecret }),
          inject: [RunStore, RunSignaller, Clock],
        },
        {
          provide: RunLoader,
          useFactory: (runs: RunStore, checkpoints: CheckpointStore, workflows: WorkflowStore, observer: EngineObserver) => {
            const plans = new PlanCache(workflows, PLANS_LOADED);
            return new RunLoader({ runs, checkpoints, plans, observer }, { pageSize: JOURNAL_PAGE });
          },
          inject: [RunStore, CheckpointStore, WorkflowStore, ENGINE_OBSERVER],
        },
        {
          provide: RunInspector,
          useFactory: (loader: RunLoader) => new RunInspector(loader, { capacity: RUNS_CACHED }),
          inject: [RunLoader],
        },
        {
          provide: RunExplainer,
          useFactory: (
            runs: RunStore,
            registry: WorkerRegistry,
            queue: RunQueue,
            pools: PoolQueue,
            places: RunPlaces,
            clock: Clock,
          ) =>
            // Two renewals have not come.
            new RunExplainer(
              { runs, registry, queue, pools, places, routing: poolRouting(config), clock },
              {
                leaseLeftMs: config.leaseTtlMs - 2.5 * config.leaseRenewMs,
                freshForMs: Math.min(SURROUNDINGS_FRESH_MS, config.leaseRenewMs / 2),
              },
            ),
          inject: [RunStore, WorkerRegistry, RunQueue, PoolQueue, RunPlaces, Clock],
        },
        {
          provide: RunTimelines,
          useFactory: (runs: RunStore, inspector: RunInspector) =>
            new RunTimelines({ runs, inspector }, { pageSize: JOURNAL_PAGE, excerptBytes: EXCERPT_BYTES }),
          inject: [RunStore, RunInspector],
        },
        {
          provide: RunForker,
          useFactory: (
            runs: RunStore,
            workflows: WorkflowStore,
            inspector: RunInspector,
            publisher: WorkflowPublisher,
            starter: RunStarter,
            clock: Clock,
          ) => {
            const plans = new PlanCache(workflows, PLANS_CACHED);
            const parts = { runs, workflows, inspector, plans, publisher, starter, clock };
            return new RunForker(parts, { maxSnapshotBytes: SNAPSHOT_BYTES });
          },
          inject: [RunStore, WorkflowStore, RunInspector, WorkflowPublisher, RunStarter, Clock],
        },
        {
          provide: RunPatcher,
          useFactory: (
            runs: RunStore,
            workflows: WorkflowStore,
            inspector: RunInspector,
            publisher: WorkflowPublisher,
            clock: Clock,
          ) => new RunPatcher({ runs, workflows, inspector, publisher, clock }, patchBounds(config)),
          inject: [RunStore, WorkflowStore, RunInspector, WorkflowPublisher, Clock],
        },
        {
          provide: DeadLetters,
          useFactory: (letters: DeadLetterStore, forker: RunForker, clock: Clock) => new DeadLetters({ letters, forker, clock }),
          inject: [DeadLetterStore, RunForker, Clock],
        },
        {
          provide: ExecutionFinder,
          useFactory: (runs: RunStore, workflows: WorkflowStore) => new ExecutionFinder({ runs, workflows }),
          inject: [RunStore, WorkflowStore],
        },
        {
          provide: BulkRuns,
          useFactory: (
            runs: RunStore,
            workflows: WorkflowStore,
            signaller: RunSignaller,
            forker: RunForker,
            inspector: RunInspector,
          ) => {
            const plans = new PlanCache(workflows, PLANS_CACHED);
            return new BulkRuns({ runs, workflows, signaller, forker, inspector, plans, pools: poolRouting(config) });
          },
          inject: [RunStore, WorkflowStore, RunSignaller, RunForker, RunInspector],
        },
        {
          provide: CircuitBreaker,
          useFactory: (circuits: CircuitStore, clock: Clock, observer: EngineObserver, closing: Closing) => {
            const policy = { failureThreshold: config.circuitFailures, openMs: config.circuitOpenMs };
            const breaker = new CircuitBreaker({ circuits, clock, observer }, { policy, ...CIRCUITS });
            closing.add('circuits', () => breaker.close());
            return breaker;
          },
          inject: [CircuitStore, Clock, ENGINE_OBSERVER, Closing],
        },
        {
          provide: RagConfigurator,
          useFactory: (
            configs: RagConfigStore,
            reader: RagConfigs,
            embedders: Embedders,
            runs: RunStore,
            workflows: WorkflowStore,
            starter: RunStarter,
            clock: Clock,
          ) => new RagConfigurator({ configs, reader, embedders, runs, workflows, starter, clock }, REEMBED_WORKFLOW.name),
          inject: [RagConfigStore, RagConfigs, Embedders, RunStore, WorkflowStore, RunStarter, Clock],
        },
        {
          provide: HealthProbe,
          useFactory: (
            database: Database,
            runs: RunStore,
            queue: RunQueue,
            locks: RunLock,
            doorbell: Doorbell,
            vectors: VectorStore,
            workers: WorkerRegistry,
            audit: RunAudit,
            clock: Clock,
          ) => {
            const parts = { runs, database, queue, locks, doorbell, vectors, workers, audit, clock };
            return new HealthProbe(parts, { stuckAfterMs: STUCK_AFTER_MS });
          },
          inject: [Database, RunStore, RunQueue, RunLock, Doorbell, VectorStore, WorkerRegistry, RunAudit, Clock],
        },
      ],
      exports: [
        RunWatcher,
        RunStarter,
        WorkflowPublisher,
        PatternCatalog,
        WorkflowExecutor,
        RunSignaller,
        ApprovalLinks,
        RunLoader,
        RunInspector,
        RunExplainer,
        RunTimelines,
        RunForker,
        RunPatcher,
        RunPayloads,
        DeadLetters,
        ExecutionFinder,
        BulkRuns,
        CircuitBreaker,
        RagConfigurator,
        HealthProbe,
      ],
    };
  }

  async onModuleInit(): Promise<void> {
    const { runs, doorbell, queue, pools, observer } = this;
    this.closing.add('announcements', announceCommits({ runs, doorbell, queue, pools, observer }));
    this.metrics.registerCollector('queueDepth', () => queue.depth());
    this.metrics.registerCollector('poolQueueDepth', () => this.readPoolDepths());
    this.metrics.registerCollector(
      'runs',
      sparingly(() => runs.countRuns()),
    );
    for (const tenantId of new Set([DEFAULT_TENANT, ...this.access.tenants])) {
      await this.publishBuiltIns(tenantId);
    }
  }

  /** Of every pool that a worker serves or a type is routed to. */
  private async readPoolDepths(): Promise<Record<string, QueueDepth>> {
    const workers = await this.registry.list();
    const served = new Set([...workers.flatMap(({ pools }) => pools), ...this.config.poolRoutes.values()]);
    return Object.fromEntries(await Promise.all([...served].map(async (pool) => [pool, await this.pools.depth(pool)] as const)));
  }

  /** The built-in workflows, and their agents where the tenant has none of their names. */
  private async publishBuiltIns(tenantId: string): Promise<void> {
    const at = this.clock.now();
    for (const workflow of [ANSWER_WORKFLOW, REEMBED_WORKFLOW, INGEST_WORKFLOW, RESEARCH_WORKFLOW, SEARCH_WORKFLOW])
      await shipWorkflow(this.workflows, tenantId, workflow, at);
    for (const spec of ANSWER_AGENTS) {
      await this.agents.create({ ...spec, id: uuidv7(), tenantId, createdAt: at, updatedAt: at });
    }
  }
}

function definitionBounds(config: Config): { limits: DefinitionLimits; capacity: Capacity } {
  return {
    limits: {
      maxBytes: config.workflowMaxBytes,
      maxYamlBytes: config.workflowMaxYamlBytes,
      maxNodes: config.workflowMaxNodes,
      maxEdges: config.workflowMaxEdges,
      maxDepth: config.workflowMaxDepth,
    },
    capacity: { agents: config.capacityAgents, cpu: config.capacityCpu, memory: config.capacityMemoryBytes },
  };
}

/** Where the nodes of runs go, as this process is told: all should be told the same. */
function poolRouting({ poolRoutes: routes, poolQueueMs: queueMs, poolTimeoutMs: timeoutMs }: Config): PoolRouting {
  return new PoolRouting({ routes, queueMs, timeoutMs });
}

function patchBounds(config: Config): RunPatcherOptions {
  return {
    bounds: {
      maxOperations: config.patchMaxOperations,
      maxBytes: config.patchMaxBytes,
      maxDocumentBytes: config.workflowMaxBytes,
    },
    policy: {
      maxAgents: config.patchMaxAgents,
      maxNodes: config.patchMaxNodes,
      nodeTypes: new Set(config.patchNodeTypes),
    },
    maxRevisions: config.patchMaxRevisions,
  };
}
