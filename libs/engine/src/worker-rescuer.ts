import { Absences, type Absence, type Clock, type Worker, type WorkerPresence, type WorkerRegistry } from '@baton/core';
import type { EngineObserver } from './engine-observer.js';
import type { RunWaker } from './run-waker.js';

export interface WorkerRescuerOptions {
  workerId: string;
  /** How often each of a few workers looks; the more there are, the less often each does. 0: never. */
  intervalMs: number;
  /** When a missing worker is looked for once more: by then one that only reconnects is back. */
  confirmMs: number;
}

export interface WorkerRescuerParts {
  presence: WorkerPresence;
  registry: WorkerRegistry;
  waker: Pick<RunWaker, 'rescue'>;
  /** What the operating system says of a worker's process, where it can tell. */
  fateOf: (worker: Worker) => 'alive' | 'gone' | 'unknown';
  clock: Clock;
  observer: EngineObserver;
  random: () => number;
}

/** However many workers there are, together they look as often as so many would. */
const WATCHERS = 3;
/** A process that is just dying has lost its connections a little before the operating system says so. */
const LOOKS_THAT_CONFIRM = 2;

/**
 * Finds workers that were killed, long before their lease ends: their connections are gone, and the process too where it ran on this host. Their
 * lease is ended and their runs are dispatched at once. A mistake is harmless: the epoch fences a worker that lives after all, and it lets go of
 * its runs with its next renewal.
 */
export class WorkerRescuer {
  private readonly stopping = new AbortController();
  private readonly absences = new Absences();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: WorkerRescuerParts,
    private readonly options: WorkerRescuerOptions,
  ) {}

  start(): void {
    if (this.options.intervalMs > 0) this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Dispatches what predecessors have left whose lease has just been ended. Never throws: what cannot be dispatched now, the waker will. */
  async takeUp(workerIds: readonly string[]): Promise<void> {
    if (workerIds.length === 0) return;
    const { waker, observer } = this.parts;
    await waker.rescue(workerIds).catch((error: unknown) => observer.trouble({ what: 'rescue', error }));
  }

  /** Looks once, and rescues whom it finds dead. Returns after how many milliseconds it wants to look again. */
  async runOnce(): Promise<number> {
    const { presence, random } = this.parts;
    const look = await presence.look();
    const absences = this.absences.judge(look);
    if (absences.length > 0) await this.settle(absences);
    if (this.absences.isInDoubt) return this.options.confirmMs;
    return this.options.intervalMs * Math.max(1, (look?.workers ?? 0) / WATCHERS) * (0.75 + random() / 2);
  }

  private async run(): Promise<void> {
    const { clock, observer } = this.parts;
    while (!this.stopping.signal.aborted) {
      const pauseMs = await this.runOnce().catch((error: unknown) => {
        observer.trouble({ what: 'presence', error });
        return this.options.intervalMs;
      });
      await clock.sleep(pauseMs, this.stopping.signal);
    }
  }

  private async settle(absences: readonly Absence[]): Promise<void> {
    const workers = new Map((await this.parts.registry.list()).map((worker) => [worker.id, worker]));
    for (const { id, looks } of absences) {
      const worker = workers.get(id);
      // Who is no worker, or has said goodbye, has no lease to end.
      const isOver = worker?.live !== true || id === this.options.workerId || (await this.rescueIfDead(worker, looks));
      if (isOver) this.absences.settle(id);
    }
  }

  /** Whether there is nothing more to find out about this absence. */
  private async rescueIfDead(worker: Worker, looks: number): Promise<boolean> {
    const fate = this.parts.fateOf(worker);
    if (fate !== 'gone' && looks < LOOKS_THAT_CONFIRM) return false;
    if (fate === 'alive') return true;
    const { registry, waker, observer } = this.parts;
    const { id, leaseUntil } = worker;
    // Renewed in this very moment: by one that lives, or with its last words. The next look tells.
    if (!(await registry.expire(id, leaseUntil))) return false;
    const sign = fate === 'gone' ? 'process' : 'connections';
    observer.workerRescued({ workerId: id, sign, raised: await waker.rescue([id]) });
    return true;
  }
}
