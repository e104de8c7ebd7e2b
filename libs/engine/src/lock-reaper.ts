import {
  lockKey,
  parseLockKey,
  type Clock,
  type RunLock,
  type RunStore,
  type StandingLock,
  type WorkerRegistry,
} from '@baton/core';
import { ActorLoop } from './actor-loop.js';
import type { EngineObserver } from './engine-observer.js';

export interface LockReaperOptions {
  intervalMs: number;
  /** Locks, or keys of any kind, that the lock service looks at for one page. */
  pageSize: number;
  /** Pages of one pass: the next pass goes on where this one ended. */
  pages: number;
}

export interface LockReaperPass {
  seen: number;
  freed: number;
}

/**
 * Frees locks that workers have left behind, so that a duplicate check is not fooled until they end by themselves: of runs that have ended, and
 * of dead workers whose run is in other hands.
 *
 * A lock is freed only with the value that was seen before SQL and the leases were asked, and a value is used once: whoever has taken the lock
 * since, for whatever run, keeps it. A submitter's lock is left alone: it is seconds old, and SQL decides without it.
 */
export class LockReaper {
  private readonly loop: ActorLoop;
  private after: string | null = null;

  constructor(
    private readonly parts: {
      locks: Pick<RunLock, 'list' | 'free'>;
      runs: Pick<RunStore, 'liveRuns'>;
      registry: Pick<WorkerRegistry, 'list'>;
      clock: Clock;
      observer: EngineObserver;
      random: () => number;
    },
    private readonly options: LockReaperOptions,
  ) {
    const pass = async (): Promise<void> => void (await this.runOnce());
    this.loop = new ActorLoop('lock reaper', pass, parts, options.intervalMs);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass: some pages of the locks that there are. Ends early where the lock service is away. */
  async runOnce(): Promise<LockReaperPass> {
    const pass: LockReaperPass = { seen: 0, freed: 0 };
    for (let page = 0; page < this.options.pages && !this.loop.isStopping; page += 1) {
      const found = await this.parts.locks.list({ after: this.after, limit: this.options.pageSize });
      if (found === null) break;
      pass.seen += found.locks.length;
      pass.freed += await this.reap(found.locks);
      this.after = found.next;
      if (found.next === null) break;
    }
    this.parts.observer.locksReaped(pass);
    return pass;
  }

  private async reap(locks: readonly StandingLock[]): Promise<number> {
    const held = locks.flatMap(heldByWorker);
    if (held.length === 0) return 0;
    const runIds = held.flatMap(({ owner }) => ('runId' in owner ? [owner.runId] : []));
    const taskIds = held.flatMap(({ owner }) => ('taskId' in owner ? [owner.taskId] : []));
    // Of one task id in several tenants there may be several.
    const live = Map.groupBy(await this.parts.runs.liveRuns({ runIds, taskIds }), lockKey);
    const leases = live.size === 0 ? new Set<string>() : await this.liveWorkers();
    const left = held.filter(({ lock, workerId }) => {
      const runs = live.get(lock.key) ?? [];
      return runs.length === 0 || !(leases.has(workerId) || runs.some((run) => run.workerId === workerId));
    });
    const freed = await Promise.all(left.map(({ lock }) => this.parts.locks.free(lock)));
    return freed.filter(Boolean).length;
  }

  private async liveWorkers(): Promise<Set<string>> {
    return new Set((await this.parts.registry.list()).filter(({ live }) => live).map(({ id }) => id));
  }
}

interface HeldByWorker {
  lock: StandingLock;
  owner: NonNullable<ReturnType<typeof parseLockKey>>;
  workerId: string;
}

function heldByWorker(lock: StandingLock): HeldByWorker[] {
  const owner = parseLockKey(lock.key);
  return owner === null || lock.holder?.kind !== 'worker' ? [] : [{ lock, owner, workerId: lock.holder.id }];
}
