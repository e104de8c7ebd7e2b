import type { Clock, Doorbell, NewWorker, RunStore, Worker, WorkerRegistry } from '@baton/core';
import type { RunAdvancer } from './advance-run.js';
import type { PoolWorker } from './pool-worker.js';
import type { EngineObserver } from './engine-observer.js';

export interface LeaseKeeperOptions {
  worker: NewWorker;
  ttlMs: number;
  renewMs: number;
}

/** The worker's sign of life: one lease for all its runs. With each renewal it reads their inboxes and gives back what was let go. */
export class LeaseKeeper {
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private stopListening = (): void => undefined;
  private deadline = 0;
  private watch = new AbortController();

  constructor(
    private readonly parts: {
      registry: WorkerRegistry;
      runs: RunStore;
      doorbell: Doorbell;
      advancer: RunAdvancer;
      pools: PoolWorker;
      clock: Clock;
      observer: EngineObserver;
    },
    private readonly options: LeaseKeeperOptions,
  ) {}

  /** Announces the worker, ends the leases of predecessors whose process is gone, and keeps its own. Returns who was gone. */
  async start(isGone: (worker: Worker) => boolean): Promise<string[]> {
    const { registry, doorbell, advancer, pools } = this.parts;
    const { worker } = this.options;
    await this.register();
    const gone = (await registry.list()).filter((other) => other.live && other.id !== worker.id && isGone(other));
    for (const other of gone) await registry.expire(other.id, other.leaseUntil);
    this.stopListening = doorbell.listen((ring) => {
      if (ring.kind === 'journal') pools.hear(ring);
      else if (ring.kind === 'inbox' && ring.workerId === worker.id) advancer.ringInbox(ring.runId);
    });
    this.loop = this.keep();
    return gone.map(({ id }) => id);
  }

  /** Whether the lease lives, on this process's own clock. */
  isLive(): boolean {
    return this.parts.clock.monotonic() < this.deadline;
  }

  /** Stops renewing and says goodbye: what is still held may be claimed at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.stopListening();
    await this.loop;
    this.watch.abort();
    await this.parts.registry
      .expire(this.options.worker.id)
      .catch((error: unknown) => this.parts.observer.trouble({ what: 'goodbye', error }));
  }

  private async keep(): Promise<void> {
    const { clock } = this.parts;
    while (!this.stopping.signal.aborted) {
      await clock.sleep(this.options.renewMs, this.stopping.signal);
      if (!this.stopping.signal.aborted) await this.renewOnce();
    }
  }

  private async renewOnce(): Promise<void> {
    const { registry, runs, advancer, pools, clock, observer } = this.parts;
    const { worker, ttlMs } = this.options;
    const sentAt = clock.monotonic();
    try {
      if (await registry.renew(worker.id, ttlMs, advancer.workload)) {
        this.extend(sentAt);
        observer.leaseRenewed('renewed');
      } else {
        observer.leaseRenewed('lost');
        this.stopAll();
        await this.register();
      }
      await advancer.handBackOrphans();
      const held = advancer.heldRunIds;
      if (held.length > 0) advancer.deliver(await runs.readSignals(held));
      await pools.renewed();
    } catch (error) {
      observer.leaseRenewed('unreachable');
      observer.trouble({ what: 'lease', error });
    }
  }

  private async register(): Promise<void> {
    const sentAt = this.parts.clock.monotonic();
    await this.parts.registry.register(this.options.worker, this.options.ttlMs);
    this.extend(sentAt);
  }

  /** The lease lives from before it was asked for. At its end everything is let go, also while a renewal waits for its answer. */
  private extend(sentAt: number): void {
    const { clock } = this.parts;
    this.deadline = sentAt + this.options.ttlMs;
    this.watch.abort();
    const watch = (this.watch = new AbortController());
    void clock.sleep(this.deadline - clock.monotonic(), watch.signal).then(() => {
      if (!watch.signal.aborted) this.stopAll();
    });
  }

  private stopAll(): void {
    this.parts.advancer.stopAll('lease_lost');
    this.parts.pools.stopAll();
  }
}
