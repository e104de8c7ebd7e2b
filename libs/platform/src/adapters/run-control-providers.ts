import type { Provider } from '@nestjs/common';
import {
  BlobStore,
  Clock,
  DeadLetterStore,
  RunLock,
  RunQueue,
  RunRetention,
  RunStore,
  TaskStore,
  WorkflowStore,
} from '@baton/core';
import {
  ApprovalLinks,
  Backlog,
  BulkRuns,
  DeadLetters,
  EndedRuns,
  PlanCache,
  RunAdmitter,
  RunForker,
  RunInspector,
  RunPatcher,
  RunPayloads,
  LiveRunLimits,
  RunSignaller,
  RunStarter,
  RunWatcher,
  WorkflowPublisher,
  type EngineObserver,
  type RunPatcherOptions,
} from '@baton/engine';
import { ANSWER_WORKFLOW } from '@baton/nodes';
import type { Config } from '../config.js';
import type { PlatformOptions } from '../platform-options.js';
import { ENGINE_OBSERVER } from '../tokens.js';
import { poolRouting } from './pool-routing.js';

/** How long a submission waits for another's to show in SQL before SQL alone decides. */
const SETTLE_FOR_MS = 2_000;
/** Plans that forks compare. */
const PLANS_CACHED = 100;
/** What a fork may take over: one event, within what a database takes in one statement. */
const SNAPSHOT_BYTES = 8 * 1_024 * 1_024;

/** What starts, signals, patches and repeats runs. */
export function runControlProviders({ config, instanceId }: PlatformOptions): Provider[] {
  return [
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
      provide: EndedRuns,
      useFactory: (retention: RunRetention, clock: Clock) => new EndedRuns({ retention, clock }),
      inject: [RunRetention, Clock],
    },
    {
      provide: DeadLetters,
      useFactory: (letters: DeadLetterStore, forker: RunForker, clock: Clock) => new DeadLetters({ letters, forker, clock }),
      inject: [DeadLetterStore, RunForker, Clock],
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
  ];
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
