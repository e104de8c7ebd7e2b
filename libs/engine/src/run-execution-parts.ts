import type { Clock, DeadLetterRule, NodeHandler, Plan, RunLimits, RunStore, Signal } from '@baton/core';
import type { AlarmClock } from './alarm-clock.js';
import type { ChildRequests } from './child-requests.js';
import type { EngineObserver } from './engine-observer.js';
import type { NodePlaces } from './node-places.js';
import type { RunPatcher } from './patch-run.js';
import type { PoolRouting } from './pool-routing.js';
import type { CallBudgets } from './run-budget.js';
import type { RunLogWriter } from './run-log-writer.js';
import type { RunPayloads } from './run-payloads.js';

/** The bounds within which a worker advances its runs. */
export interface RunExecutionOptions {
  workerId: string;
  /** A run with nothing to do before a longer time than this is parked; a shorter one is waited for with the baton in hand. */
  parkAfterMs: number;
  /** Holds the run open, baton in hand, before its first decision: for smoke tests. */
  holdMs: number;
  maxOutputBytes: number;
  /** Which ends leave a dead letter. */
  deadLetters: DeadLetterRule;
  /** How long a run that needs a node type of other workers is left to them. */
  handBackMs: number;
  /** How long it may be in work, and its undoing. */
  limits: RunLimits;
}

/** What the runs of one worker share. */
export interface RunExecutionParts {
  runs: RunStore;
  /** The signals that wait for the run. */
  readInbox(runId: string): Promise<readonly Signal[]>;
  handlers: ReadonlyMap<string, NodeHandler>;
  getPlan(digest: string): Promise<Plan>;
  patcher: Pick<RunPatcher, 'patchFromNode'>;
  /** Whether a live worker other than this one announces all these node types. */
  announcedElsewhere(types: readonly string[]): Promise<boolean>;
  childRequests: ChildRequests;
  payloads: RunPayloads;
  /** Which nodes go to a pool. */
  pools: PoolRouting;
  /** Places for the nodes that are in work here, shared with the worker's other runs. */
  places: NodePlaces;
  /** A pool with a live worker that announces all these node types; null: there is none. */
  poolWith(types: readonly string[]): Promise<string | null>;
  /** What calls of models take of budgets. */
  budgets: CallBudgets;
  /** Rings when the time of a run is up. */
  alarms: AlarmClock;
  /** What nodes log. */
  logs: Pick<RunLogWriter, 'open'>;
  clock: Clock;
  random: () => number;
  observer: EngineObserver;
}
