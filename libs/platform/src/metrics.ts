import type { AcquireRequest, ChatUsage, LockMethod, QueueDepth, RunStatus, TerminalRunStatus, ViolationKind } from '@baton/core';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** What is counted elsewhere and read at each scrape. */
export interface Collectors {
  queueDepth: () => Promise<QueueDepth>;
  runs: () => Promise<Partial<Record<RunStatus, number>>>;
  /** By pool. */
  poolQueueDepth: () => Promise<Record<string, QueueDepth>>;
  /** Of each part of the process, 1: it works, or 0. */
  parts: () => Promise<Record<string, number>>;
}

/** One pass of the waker. */
export interface WakerPass {
  /** Runs that were due and held by no live lease. */
  found: number;
  enqueued: number;
  /** Runs whose generation was raised because their job was gone. */
  raised: number;
}

/** More node types, or models, than this share the label `other`: a label's values must be few. */
const MAX_LABELS = 100;
/** Longer than a part may take to answer that does not work: that it does not is then told. */
const COLLECT_WITHIN_MS = 3_000;
const NODE_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600];
const RUN_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600, 3_600, 86_400];
const COMMIT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];
const BATCH_SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** What tells the values of a gauge apart. */
const LABELS: Readonly<Record<Exclude<keyof Collectors, 'poolQueueDepth'>, string>> = {
  ...{ queueDepth: 'state', runs: 'status', parts: 'part' },
};

/** The figures of one process, for Prometheus. Each method is cheap enough for the hot path. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly collectors: Partial<Collectors> = {};
  private readonly nodeTypes = new Set<string>();
  private readonly models = new Set<string>();

  private readonly tasksEnqueuedTotal = this.counter('tasks_enqueued_total', 'Runs accepted and queued (TASKS_ENQUEUED)');
  private readonly agentRunsTotal = this.counter('agent_runs_total', 'Runs that ended, by status (AGENT_RUNS)', 'status');
  private readonly ingestsTotal = this.counter('ingests_total', 'Documents ingested (INGEST_COUNTER)');
  private readonly lockAcquired = this.counter('lock_acquired_total', 'Locks acquired', 'operation', 'method');
  private readonly lockConflicts = this.counter('lock_conflicts_total', 'Duplicates refused', 'operation', 'method');
  private readonly startsRefused = this.counter('starts_refused_total', 'Starts refused, by code and limit', 'code', 'limit');
  private readonly requestsRefused = this.counter('requests_refused_total', 'Requests refused unread, by reason', 'reason');
  private readonly deadLetters = this.counter('dead_letters_total', 'Dead letters left, by kind', 'kind');
  private readonly limitedRuns = this.counter('limited_runs_total', 'Runs that a limit queued, and admitted later', 'action');
  private readonly wakerRuns = this.counter('waker_runs_total', 'Runs the waker found, enqueued, raised', 'action');
  private readonly leaseRenewals = this.counter('lease_renewals_total', 'Lease renewals, by outcome', 'outcome');
  private readonly checkpoints = this.counter('checkpoints_total', 'Checkpoints written, removed, ignored, too large', 'action');
  private readonly workersRescued = this.counter('workers_rescued_total', 'Workers found dead before their lease ended', 'sign');
  private readonly poolJobs = this.counter('pool_rescues_total', 'Nodes in pools found idle, dispatched again', 'action');
  private readonly sweptUp = this.counter('ingest_swept_total', 'What crashes of ingestion have left behind, by kind', 'kind');
  private readonly reapedLocks = this.counter('locks_reaped_total', 'Locks freed that nobody needed any more');
  private readonly removedRuns = this.counter('runs_removed_total', 'Runs removed some time after their end');
  private readonly archivedRuns = this.counter('runs_archived_total', 'Runs archived before they were removed');
  private readonly archiveFailures = this.counter(
    'run_archive_failures_total',
    'Runs that stay since they could not be archived',
  );
  private readonly logLines = this.counter('run_log_lines_total', 'Lines logged by nodes, by what became of them', 'outcome');
  private readonly sweptHolds = this.counter(
    'budget_holds_swept_total',
    'What dead workers had held of budgets, by what became of it',
    'outcome',
  );
  private readonly grantedAsks = this.counter(
    'budget_asks_granted_total',
    'Runs for which the budget of their tenant had room again',
  );
  private readonly heldBack = this.counter(
    'nodes_held_back_total',
    'Attempts of nodes that called nothing, by what held them back',
    'type',
    'reason',
  );
  private readonly circuitsOpened = this.counter('circuits_opened_total', 'Times that calls to a failing target were stopped');
  private readonly modelCalls = this.counter('model_calls_total', 'Calls of models, by model and outcome', 'model', 'outcome');
  private readonly modelTokens = this.counter(
    'model_tokens_total',
    'Tokens that models have read, of these cached, and written',
    'model',
    'kind',
  );
  private readonly modelCost = this.counter('model_cost_micros_total', 'Millionths of the currency of MODEL_PRICES', 'model');
  private readonly auditedRuns = this.counter('audited_runs_total', 'Runs that the journal auditor looked at');
  private readonly auditViolations = this.counter('audit_violations_total', 'What the journal auditor found', 'kind');
  private readonly countedRuns = this.counter('counted_runs_total', 'Runs added to the sums of the analytics', 'order');
  private readonly collectFailures = this.counter('collect_failures_total', 'Gauges that could not be read', 'gauge');
  private readonly streams = this.gauge('sse_clients', 'Event streams that are open');
  private readonly sockets = this.gauge('ws_clients', 'WebSockets that are open');
  private readonly socketBytes = this.gauge('ws_buffered_bytes', 'What clients of WebSockets have not read yet');
  private readonly socketsClosed = this.counter('ws_closes_total', 'WebSockets closed or refused, by reason', 'reason');
  private readonly gauges: Record<keyof Collectors, Gauge> = {
    queueDepth: this.gauge('queue_depth', 'Jobs in the queue, by what they wait for', 'state'),
    runs: this.gauge('runs', 'Runs, by status', 'status'),
    poolQueueDepth: this.gauge(
      'pool_queue_depth',
      'Jobs in the queues of pools, by pool and what they wait for',
      'pool',
      'state',
    ),
    parts: this.gauge('part_up', 'Whether a part works, as /ready measures it', 'part'),
  };
  private readonly nodeSeconds = this.histogram(
    'node_duration_seconds',
    'One attempt of a node',
    NODE_SECONDS,
    'type',
    'outcome',
  );
  private readonly runSeconds = this.histogram('run_duration_seconds', 'A run, from accepted to ended', RUN_SECONDS, 'status');
  private readonly runQueueSeconds = this.histogram(
    'run_queue_seconds',
    'A run, from accepted to first claimed by a worker',
    RUN_SECONDS,
  );
  private readonly commitSeconds = this.histogram('commit_duration_seconds', 'One group commit', COMMIT_SECONDS);
  private readonly commitRequests = this.histogram('commit_batch_size', 'Requests that shared a commit', BATCH_SIZES);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  countEnqueued(): void {
    this.tasksEnqueuedTotal.inc();
  }

  countIngested(documents: number): void {
    this.ingestsTotal.inc(documents);
  }

  countLockAcquired(operation: AcquireRequest['operation'], method: LockMethod): void {
    this.lockAcquired.inc({ operation, method });
  }

  countLockConflict(operation: AcquireRequest['operation'], method: LockMethod): void {
    this.lockConflicts.inc({ operation, method });
  }

  countStartRefused(code: string, limit: string): void {
    this.startsRefused.inc({ code, limit });
  }

  countRequestRefused(reason: string): void {
    this.requestsRefused.inc({ reason });
  }

  countDeadLetter(kind: 'run' | 'nodes'): void {
    this.deadLetters.inc({ kind });
  }

  countLimitedRuns(action: 'queued' | 'admitted', runs: number): void {
    this.limitedRuns.inc({ action }, runs);
  }

  countWakerPass(pass: WakerPass): void {
    this.wakerRuns.inc({ action: 'found' }, pass.found);
    this.wakerRuns.inc({ action: 'enqueued' }, pass.enqueued);
    this.wakerRuns.inc({ action: 'raised' }, pass.raised);
  }

  countHeldBack(type: string, reason: string): void {
    this.heldBack.inc({ type: bounded(this.nodeTypes, type), reason });
  }

  countCircuitOpened(): void {
    this.circuitsOpened.inc();
  }

  countModelCall(name: string, outcome: 'answered' | 'failed', usage: ChatUsage): void {
    const model = bounded(this.models, name);
    this.modelCalls.inc({ model, outcome });
    this.modelTokens.inc({ model, kind: 'prompt' }, usage.promptTokens);
    this.modelTokens.inc({ model, kind: 'cached' }, usage.cachedTokens ?? 0);
    this.modelTokens.inc({ model, kind: 'completion' }, usage.completionTokens);
    this.modelCost.inc({ model }, usage.costMicros ?? 0);
  }

  countLeaseRenewal(outcome: 'renewed' | 'lost' | 'unreachable'): void {
    this.leaseRenewals.inc({ outcome });
  }

  countCheckpoints(action: 'written' | 'removed' | 'ignored' | 'too_large', checkpoints: number): void {
    this.checkpoints.inc({ action }, checkpoints);
  }

  countWorkerRescued(sign: 'process' | 'connections'): void {
    this.workersRescued.inc({ sign });
  }

  countPoolRescue({ idle, raised }: { idle: number; raised: number }): void {
    this.poolJobs.inc({ action: 'found' }, idle);
    this.poolJobs.inc({ action: 'raised' }, raised);
  }

  countIngestSwept(counts: Readonly<Record<string, number>>): void {
    for (const [kind, count] of Object.entries(counts)) this.sweptUp.inc({ kind }, count);
  }

  countReapedLocks(locks: number): void {
    this.reapedLocks.inc(locks);
  }

  countRemovedRuns({ removed, archived }: { removed: number; archived: number }): void {
    this.removedRuns.inc(removed);
    this.archivedRuns.inc(archived);
  }

  countArchiveFailure(): void {
    this.archiveFailures.inc();
  }

  countLogLines(outcome: 'kept' | 'dropped', lines: number): void {
    this.logLines.inc({ outcome }, lines);
  }

  countSweptHolds(outcome: 'settled' | 'released', holds: number): void {
    this.sweptHolds.inc({ outcome }, holds);
  }

  countGrantedAsks(asks: number): void {
    this.grantedAsks.inc(asks);
  }

  countAuditedRuns(runs: number): void {
    this.auditedRuns.inc(runs);
  }

  countAuditViolation(kind: ViolationKind): void {
    this.auditViolations.inc({ kind });
  }

  countCountedRuns(order: 'in_order' | 'late', runs: number): void {
    this.countedRuns.inc({ order }, runs);
  }

  observeNode(type: string, outcome: 'completed' | 'failed' | 'aborted', durationMs: number): void {
    this.nodeSeconds.observe({ type: bounded(this.nodeTypes, type), outcome }, durationMs / 1_000);
  }

  observeRun(status: TerminalRunStatus, durationMs: number): void {
    this.agentRunsTotal.inc({ status });
    this.runSeconds.observe({ status }, durationMs / 1_000);
  }

  observeQueued(waitedMs: number): void {
    this.runQueueSeconds.observe(waitedMs / 1_000);
  }

  observeCommit(durationMs: number, requests: number): void {
    this.commitSeconds.observe(durationMs / 1_000);
    this.commitRequests.observe(requests);
  }

  streamOpened(): void {
    this.streams.inc();
  }

  streamClosed(): void {
    this.streams.dec();
  }

  observeSockets(open: number, bufferedBytes: number): void {
    this.sockets.set(open);
    this.socketBytes.set(bufferedBytes);
  }

  countSocketClosed(reason: string): void {
    this.socketsClosed.inc({ reason });
  }

  /** Reads a gauge at each scrape. One that fails, or takes longer than 3 s, is missing from that scrape instead of stale. */
  registerCollector<K extends keyof Collectors>(gauge: K, read: Collectors[K]): void {
    this.collectors[gauge] = read;
  }

  /** The content type that goes with {@link render}. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** All figures in the text format of Prometheus. */
  async render(): Promise<string> {
    await Promise.all(Object.entries(this.collectors).map(([name, read]) => this.collect(name as keyof Collectors, read)));
    return this.registry.metrics();
  }

  private async collect(name: keyof Collectors, read: () => Promise<object>): Promise<void> {
    const gauge = this.gauges[name];
    gauge.reset();
    try {
      const values = await within(COLLECT_WITHIN_MS, read());
      if (name === 'poolQueueDepth') {
        for (const [pool, depth] of Object.entries(values)) setEach(gauge, 'state', depth as QueueDepth, { pool });
      } else setEach(gauge, LABELS[name], values);
    } catch {
      this.collectFailures.inc({ gauge: name });
    }
  }

  private counter(name: string, help: string, ...labelNames: string[]): Counter {
    return new Counter({ name: `baton_${name}`, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, ...labelNames: string[]): Gauge {
    return new Gauge({ name: `baton_${name}`, help, labelNames, registers: [this.registry] });
  }

  private histogram(name: string, help: string, buckets: number[], ...labelNames: string[]): Histogram {
    return new Histogram({ name: `baton_${name}`, help, buckets, labelNames, registers: [this.registry] });
  }
}

/** The label itself while there are few. */
function bounded(known: Set<string>, label: string): string {
  if (known.size < MAX_LABELS) known.add(label);
  return known.has(label) ? label : 'other';
}

/** One figure for each entry. */
function setEach(gauge: Gauge, label: string, values: object, labels: Record<string, string> = {}): void {
  for (const [key, value] of Object.entries(values)) gauge.set({ ...labels, [label]: key }, Number(value));
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms`)), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
