import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import {
  AgentStore,
  CircuitStore,
  Clock,
  DEFAULT_TENANT,
  Doorbell,
  Embedders,
  PoolQueue,
  RagConfigStore,
  RunAudit,
  RunLock,
  RunQueue,
  RunRetention,
  RunStore,
  VectorStore,
  WorkerRegistry,
  WorkflowStore,
  type QueueDepth,
} from '@baton/core';
import {
  announceCommits,
  ApprovalLinks,
  BulkRuns,
  ChangeFeed,
  DeadLetters,
  EndedRuns,
  CircuitBreaker,
  ExecutionFinder,
  PatternCatalog,
  RagConfigs,
  RagConfigurator,
  RunExplainer,
  RunForker,
  RunInspector,
  RunLoader,
  RunPatcher,
  RunPayloads,
  RunSignaller,
  RunStarter,
  RunTimelines,
  RunWatcher,
  shipWorkflow,
  WorkflowExecutor,
  WorkflowPublisher,
  type EngineObserver,
} from '@baton/engine';
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
import { runControlProviders } from './run-control-providers.js';
import { runViewProviders } from './run-view-providers.js';
import { workflowProviders } from './workflow-providers.js';

/** A run that has been due for so long with nobody holding it says that the workers are stuck. */
const STUCK_AFTER_MS = 30_000;
/** How old what a worker knows of the others' failed calls may be; how long it gathers calls, and how long they are kept. */
const CIRCUITS = { refreshMs: 1_000, flushMs: 5_000, keepMs: 3_600_000 };

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
    private readonly probe: HealthProbe,
    private readonly closing: Closing,
    @Inject(ENGINE_OBSERVER) private readonly observer: EngineObserver,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  static forRoot(options: PlatformOptions): DynamicModule {
    const { config } = options;
    return {
      module: EngineModule,
      providers: [
        ...runViewProviders(options),
        ...runControlProviders(options),
        ...workflowProviders(options),
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
            retention: RunRetention,
            clock: Clock,
          ) => {
            const parts = { runs, database, queue, locks, doorbell, vectors, workers, audit, retention, clock };
            return new HealthProbe(parts, { stuckAfterMs: STUCK_AFTER_MS });
          },
          inject: [Database, RunStore, RunQueue, RunLock, Doorbell, VectorStore, WorkerRegistry, RunAudit, RunRetention, Clock],
        },
      ],
      exports: [
        RunWatcher,
        ChangeFeed,
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
        EndedRuns,
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
    this.metrics.registerCollector('parts', async () => {
      const { parts } = await this.probe.readiness();
      return Object.fromEntries(Object.entries(parts).map(([part, { ok }]) => [part, Number(ok)]));
    });
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
