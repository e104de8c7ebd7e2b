import {
  DEFAULT_TENANT,
  type AuditFinding,
  type Clock,
  type Doorbell,
  type RunAudit,
  type RunLock,
  type RunQueue,
  type RunRetention,
  type RunStore,
  type UnarchivedRun,
  type VectorStore,
  type WorkerRegistry,
} from '@baton/core';

/** How one part of the process is, measured now. */
export interface PartHealth {
  ok: boolean;
  /** Milliseconds that the answer took. */
  ms: number;
  detail?: string;
}

export interface HealthReport {
  /** `degraded`: runs are still accepted, though something that is named does not work. */
  status: 'ok' | 'degraded' | 'unavailable';
  parts: Record<string, PartHealth>;
  warnings: string[];
}

export interface HealthParts {
  runs: RunStore;
  /** Says why a power cut may take what was committed. */
  database: { findLossyCommit(): Promise<string | null> };
  queue: RunQueue;
  locks: RunLock;
  doorbell: Doorbell;
  vectors: VectorStore;
  workers: WorkerRegistry;
  audit: Pick<RunAudit, 'findings'>;
  retention: Pick<RunRetention, 'findUnarchived'>;
  clock: Clock;
}

export interface HealthOptions {
  /** Milliseconds a run may be due with nobody holding it before the workers count as stuck. */
  stuckAfterMs: number;
}

/** A part that is silent for so long does not work. */
const ANSWER_WITHIN_MS = 2_000;
/** How long what the journal auditors have found is told, and how many are counted. */
const FINDINGS_SHOWN_MS = 7 * 86_400_000;
const FINDINGS_COUNTED = 100;
/** How long it is told that runs could not be archived, which is tried again and again, and how many are counted. */
const UNARCHIVED_SHOWN_MS = 86_400_000;
const UNARCHIVED_COUNTED = 100;
/** Never taken: a key to ask the lock service about. */
const PROBE_KEY = 'health:probe';

type Check = () => Promise<string | null>;

/** Measures the parts of the process: each answer is an action that was just done, never a flag that somebody set. */
export class HealthProbe {
  private readinessInWork: Promise<HealthReport> | null = null;

  constructor(
    private readonly parts: HealthParts,
    private readonly options: HealthOptions,
  ) {}

  /**
   * Whether this process should get work: not without SQL, the truth; with everything else away, runs are still accepted. Who asks while
   * the parts are being measured shares the answer: anybody may ask, and no crowd of them must cost more than one does.
   */
  readiness(): Promise<HealthReport> {
    this.readinessInWork ??= this.measureReadiness().finally(() => (this.readinessInWork = null));
    return this.readinessInWork;
  }

  /** Every part; `unavailable` when any of them fails. Warnings name the runs of who asks, and to the tenant of the deployment those of all. */
  async deep(tenantId = DEFAULT_TENANT): Promise<HealthReport> {
    const { sql, durability, queue, vectors, workers, doorbell, redis } = this;
    const report = await this.measure({
      sql,
      durability,
      queue,
      vectors,
      workers,
      doorbell,
      ...(this.parts.queue.kind === 'bullmq' && { redis }),
    });
    return {
      ...report,
      warnings: (await Promise.all([this.auditWarnings(tenantId), this.archiveWarnings(tenantId)])).flat(),
      status: report.status === 'ok' ? 'ok' : 'unavailable',
    };
  }

  /** What the auditors of all workers have found lately. */
  private async auditWarnings(tenantId: string): Promise<string[]> {
    const { audit, clock } = this.parts;
    let found: AuditFinding[] = [];
    await measurePart(async () => {
      found = await audit.findings({ since: clock.now() - FINDINGS_SHOWN_MS, limit: FINDINGS_COUNTED });
      return null;
    });
    if (found[0] === undefined) return [];
    const count = countOf(found, FINDINGS_COUNTED);
    const { runId, kind, detail } = found[0];
    const last = mayKnow(tenantId, found[0]) ? `, the last in run ${runId} (${kind}: ${detail})` : '';
    return [`runs are as none may be: ${count} findings in 7 days${last}`];
  }

  /** Of which runs the removers of all workers have lately found that they cannot be archived. */
  private async archiveWarnings(tenantId: string): Promise<string[]> {
    const { retention, clock } = this.parts;
    let found: UnarchivedRun[] = [];
    await measurePart(async () => {
      found = await retention.findUnarchived({ since: clock.now() - UNARCHIVED_SHOWN_MS, limit: UNARCHIVED_COUNTED });
      return null;
    });
    if (found[0] === undefined) return [];
    const { runId, detail } = found[0];
    const last = mayKnow(tenantId, found[0]) ? `, the last ${runId} (${detail})` : '';
    const count = countOf(found, UNARCHIVED_COUNTED);
    return [`runs are kept longer than they should be, since they cannot be archived: ${count} in a day${last}`];
  }

  private async measureReadiness(): Promise<HealthReport> {
    const { sql, durability, queue, doorbell, workers } = this;
    const report = await this.measure({ sql, durability, queue, doorbell, workers });
    return { ...report, status: report.parts['sql']!.ok ? report.status : 'unavailable' };
  }

  private readonly sql: Check = async () => ((await this.parts.runs.ping()) ? null : 'the database does not answer');
  private readonly durability: Check = () => this.parts.database.findLossyCommit();
  private readonly queue: Check = async () =>
    (await this.parts.queue.ping()) ? await this.parts.queue.findTrouble() : 'the queue does not answer';
  private readonly vectors: Check = async () => ((await this.parts.vectors.ping()) ? null : 'the vector store does not answer');
  private readonly doorbell: Check = async () => (this.parts.doorbell.isHealthy() ? null : 'rings may be lost; readers poll');
  private readonly redis: Check = async () => {
    const seen = await this.parts.locks.peek(PROBE_KEY);
    return seen.kind === 'unreachable' ? 'the lock service does not answer' : null;
  };

  /** Progress, not promises: a worker must be alive, and nothing may be due for long with nobody holding it. */
  private readonly workers: Check = async () => {
    const { workers, runs, clock } = this.parts;
    const now = clock.now();
    const [all, due] = await Promise.all([workers.list(), runs.dueRuns({ now, limit: 1 })]);
    const live = all.filter((worker) => worker.live).length;
    if (live === 0) return 'no worker is alive';
    const waitedMs = due[0] === undefined ? 0 : now - due[0].wakeAt;
    return waitedMs > this.options.stuckAfterMs ? `a run has been due for ${Math.round(waitedMs / 1_000)} s` : null;
  };

  private async measure(checks: Record<string, Check>): Promise<HealthReport> {
    const entries = Object.entries(checks).map(async ([name, check]) => [name, await measurePart(check)] as const);
    const parts = Object.fromEntries(await Promise.all(entries));
    const isWhole = Object.values(parts).every((part) => part.ok);
    return { status: isWhole ? 'ok' : 'degraded', parts, warnings: [] };
  }
}

/** Whether who asks may be told of a run. */
function mayKnow(asking: string, { tenantId }: { tenantId: string }): boolean {
  return asking === DEFAULT_TENANT || asking === tenantId;
}

/** How many there are, as far as they were counted. */
function countOf(found: readonly unknown[], counted: number): string {
  return found.length < counted ? String(found.length) : `${counted} or more`;
}

async function measurePart(check: Check): Promise<PartHealth> {
  const startedAt = performance.now();
  const { promise: silence, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(`no answer within ${ANSWER_WITHIN_MS} ms`), ANSWER_WITHIN_MS);
  const detail = await Promise.race([check(), silence])
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    .finally(() => clearTimeout(timer));
  return { ok: detail === null, ms: Math.round(performance.now() - startedAt), ...(detail !== null && { detail }) };
}
