import { Module } from '@nestjs/common';
import { AgentToolbox } from '@baton/agents';
import {
  BudgetLedger,
  Clock,
  Doorbell,
  RunLock,
  RunQueue,
  RunStore,
  TenantBudgetStore,
  WorkerRegistry,
  WorkflowStore,
} from '@baton/core';
import {
  ChildRequests,
  LeaseKeeper,
  PoolRouting,
  PoolWorker,
  RunAdmitter,
  RunAdvancer,
  RunInspector,
  RunLoader,
  RunLogWriter,
  RunPatcher,
  RunPayloads,
  RunWaker,
  TenantBudgets,
  type CallBudgets,
  type EngineObserver,
} from '@baton/engine';
import { NodeHandlers } from '@baton/nodes';
import { CONFIG, describeProcess, ENGINE_OBSERVER, INSTANCE_ID, runLimitsOf, type Config } from '@baton/platform';
import { maintenanceActors } from './actors/maintenance-actors.js';
import { NodeTypesModule } from './node-types.module.js';
import { ProbeServer } from './probe-server.js';
import { PoolConsumer } from './pool-consumer.js';
import { RunConsumer } from './run-consumer.js';
import { runLogWriter } from './run-log-writer.provider.js';
import { WorkerLifecycle } from './worker-lifecycle.js';

/** How old what a worker knows of a tenant's budget may be. */
const TENANT_BUDGET_FRESH_MS = 5_000;
/** The {@link CallBudgets} of the process. */
const CALL_BUDGETS = Symbol('CALL_BUDGETS');

/** What executes runs. Stands on the platform module, which binds the ports. */
@Module({
  imports: [NodeTypesModule],
  providers: [
    runLogWriter,
    {
      provide: ChildRequests,
      inject: [WorkflowStore, CONFIG],
      useFactory: (workflows: WorkflowStore, { childMaxDepth: maxDepth, childMaxCount: maxCount }: Config) =>
        new ChildRequests(workflows, { maxDepth, maxCount }),
    },
    {
      provide: TenantBudgets,
      inject: [TenantBudgetStore, Clock, CONFIG],
      useFactory: (store: TenantBudgetStore, clock: Clock, { tenantBudget: fallback }: Config) =>
        new TenantBudgets({ store, clock }, { freshForMs: TENANT_BUDGET_FRESH_MS, fallback }),
    },
    {
      provide: CALL_BUDGETS,
      inject: [BudgetLedger, TenantBudgets, CONFIG],
      useFactory: (ledger: BudgetLedger, tenants: TenantBudgets, { runBudget: configured }: Config): CallBudgets => ({
        ...{ ledger, tenants, ...(configured !== null && { configured }) },
      }),
    },
    {
      provide: RunAdvancer,
      inject: [
        RunStore,
        RunLoader,
        RunLock,
        RunQueue,
        WorkerRegistry,
        NodeHandlers,
        ChildRequests,
        RunPayloads,
        RunPatcher,
        RunAdmitter,
        RunLogWriter,
        CALL_BUDGETS,
        Clock,
        ENGINE_OBSERVER,
        INSTANCE_ID,
        CONFIG,
      ],
      useFactory: (
        runs: RunStore,
        loader: RunLoader,
        locks: RunLock,
        queue: RunQueue,
        registry: WorkerRegistry,
        handlers: NodeHandlers,
        childRequests: ChildRequests,
        payloads: RunPayloads,
        patcher: RunPatcher,
        admitter: RunAdmitter,
        logs: RunLogWriter,
        budgets: CallBudgets,
        clock: Clock,
        observer: EngineObserver,
        workerId: string,
        config: Config,
      ) =>
        new RunAdvancer(
          {
            runs,
            loader,
            locks,
            queue,
            registry,
            handlers,
            patcher,
            admitter,
            childRequests,
            payloads,
            logs,
            budgets,
            clock,
            observer,
            random: Math.random,
            pools: new PoolRouting({
              routes: config.poolRoutes,
              queueMs: config.poolQueueMs,
              timeoutMs: config.poolTimeoutMs,
            }),
          },
          {
            workerId,
            parkAfterMs: config.parkAfterMs,
            holdMs: config.testHoldMs,
            maxOutputBytes: config.maxOutputBytes,
            deadLetters: config.deadLetters,
            maxClaims: config.maxClaimsWithoutProgress,
            maxNodes: config.workerNodes,
            handBackMs: config.leaseRenewMs,
            limits: runLimitsOf(config),
            lockRetryMs: 100,
            lostClaimMs: config.lostClaimMs,
          },
        ),
    },
    {
      provide: PoolWorker,
      inject: [
        RunStore,
        RunInspector,
        RunPatcher,
        NodeHandlers,
        ChildRequests,
        RunPayloads,
        RunLogWriter,
        CALL_BUDGETS,
        WorkerRegistry,
        Clock,
        ENGINE_OBSERVER,
        INSTANCE_ID,
        CONFIG,
      ],
      useFactory: (
        runs: RunStore,
        inspector: RunInspector,
        patcher: RunPatcher,
        handlers: NodeHandlers,
        childRequests: ChildRequests,
        payloads: RunPayloads,
        logs: RunLogWriter,
        budgets: CallBudgets,
        registry: WorkerRegistry,
        clock: Clock,
        observer: EngineObserver,
        workerId: string,
        { maxClaimsWithoutProgress: maxTakes, maxOutputBytes }: Config,
      ) =>
        new PoolWorker(
          { runs, inspector, patcher, handlers, childRequests, payloads, logs, budgets, registry, clock, observer },
          { workerId, maxTakes, maxOutputBytes },
        ),
    },
    {
      provide: LeaseKeeper,
      inject: [
        WorkerRegistry,
        RunStore,
        Doorbell,
        RunAdvancer,
        PoolWorker,
        NodeHandlers,
        AgentToolbox,
        Clock,
        ENGINE_OBSERVER,
        INSTANCE_ID,
        CONFIG,
      ],
      useFactory: (
        registry: WorkerRegistry,
        runs: RunStore,
        doorbell: Doorbell,
        advancer: RunAdvancer,
        pools: PoolWorker,
        handlers: NodeHandlers,
        tools: AgentToolbox,
        clock: Clock,
        observer: EngineObserver,
        id: string,
        config: Config,
      ) =>
        new LeaseKeeper(
          { registry, runs, doorbell, advancer, pools, clock, observer },
          {
            worker: {
              ...{ id, ...describeProcess() },
              // They are known once all modules stand, before the worker announces itself.
              get nodeTypes() {
                return [...handlers.keys()];
              },
              get agentTools() {
                return tools.names;
              },
              ...{ pools: [...config.workerPools], takesRuns: config.workerRuns },
              capacity: { runs: config.workerConcurrency, nodes: config.workerNodes },
            },
            ttlMs: config.leaseTtlMs,
            renewMs: config.leaseRenewMs,
          },
        ),
    },
    {
      provide: RunWaker,
      inject: [RunStore, RunQueue, Doorbell, Clock, ENGINE_OBSERVER, CONFIG],
      useFactory: (runs: RunStore, queue: RunQueue, doorbell: Doorbell, clock: Clock, observer: EngineObserver, config: Config) =>
        new RunWaker(
          { runs, queue, doorbell, clock, observer, random: Math.random },
          { intervalMs: config.wakerIntervalMs, batch: config.wakerBatch, graceMs: config.wakerIntervalMs / 2 },
        ),
    },
    ...maintenanceActors,
    RunConsumer,
    PoolConsumer,
    WorkerLifecycle,
    ProbeServer,
  ],
})
export class WorkerModule {}
