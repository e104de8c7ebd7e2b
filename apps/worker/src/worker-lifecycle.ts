import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LeaseKeeper, RunAdvancer, RunWaker } from '@baton/engine';
import { CONFIG, isProcessGone, type Config } from '@baton/platform';
import { RunConsumer } from './run-consumer.js';

/**
 * The order in which a worker comes and goes. Coming: its lease, then what predecessors left behind, then jobs. Going: no more jobs, nodes
 * in work finish within the grace, the rest is handed over, the lease ends.
 */
@Injectable()
export class WorkerLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly lease: LeaseKeeper,
    private readonly waker: RunWaker,
    private readonly advancer: RunAdvancer,
    private readonly consumer: RunConsumer,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.lease.start(isProcessGone);
    this.consumer.start();
    this.waker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.waker.stop(), this.consumer.pause()]);
    await this.advancer.drain(this.config.shutdownGraceMs);
    await this.lease.stop();
    await this.consumer.close();
  }
}
