import { auditRun, type Clock, type RunAudit, type RunOutline } from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';

export interface JournalAuditorOptions {
  intervalMs: number;
  /** Runs of each kind, in work and ended, that one pass looks at. */
  batch: number;
  /** Events of a run that are looked at: the last ones. */
  maxEvents: number;
}

export interface AuditPass {
  runs: number;
  /** Violations that no auditor had found before. */
  violations: number;
}

/** How far back the ended runs are looked at: by a process that begins, and where more end than passes can take. */
const LOOK_BACK_MS = 3_600_000;
/** Clocks differ, and a commit takes its time: a run that ended before this is not overtaken by one that ended earlier. */
const SETTLE_MS = 5_000;

/**
 * Looks whether the journals hold what they promise: runs that have just ended, one after the other, and runs in work, round and round. It
 * changes nothing; what it finds is told once, whichever auditor finds it. Where more runs end than its passes can take, it leaves some out.
 */
export class JournalAuditor {
  private readonly loop: ActorLoop;
  private ended: { finishedAt: number; runId: string };
  private running = '';

  constructor(
    private readonly parts: {
      audit: Omit<RunAudit, 'findings'>;
      clock: Clock;
      observer: EngineObserver;
      random: () => number;
    },
    private readonly options: JournalAuditorOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('journal auditor', pass, parts, options.intervalMs);
    this.ended = { finishedAt: parts.clock.now() - LOOK_BACK_MS, runId: '' };
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass: at most a batch of ended runs, and one of runs in work. */
  async runOnce(): Promise<AuditPass> {
    const { audit, observer } = this.parts;
    const runIds = new Set([...(await this.takeEnded()), ...(await this.takeRunning())]);
    const outlines = await audit.outline([...runIds], this.options.maxEvents);
    let violations = 0;
    for (const outline of outlines) violations += await this.judge(outline);
    observer.auditPassed({ runs: outlines.length, violations });
    return { runs: outlines.length, violations };
  }

  private async takeEnded(): Promise<string[]> {
    const now = this.parts.clock.now();
    if (this.ended.finishedAt < now - LOOK_BACK_MS) this.ended = { finishedAt: now - LOOK_BACK_MS, runId: '' };
    const page = await this.parts.audit.endedRuns({ after: this.ended, until: now - SETTLE_MS, limit: this.options.batch });
    this.ended = page.at(-1) ?? this.ended;
    return page.map(({ runId }) => runId);
  }

  private async takeRunning(): Promise<string[]> {
    const page = await this.parts.audit.runningRuns({ after: this.running, limit: this.options.batch });
    this.running = page.length < this.options.batch ? '' : page.at(-1)!;
    return page;
  }

  private async judge(outline: RunOutline): Promise<number> {
    const { audit, clock, observer } = this.parts;
    const { runId, tenantId } = outline;
    let found = 0;
    for (const { kind, detail } of auditRun(outline, this.options.maxEvents)) {
      if (!(await audit.report({ runId, tenantId, kind, detail, foundAt: clock.now() }))) continue;
      found += 1;
      observer.auditViolation({ runId, kind, detail });
    }
    return found;
  }
}
