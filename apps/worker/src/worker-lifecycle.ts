import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LeaseKeeper, PoolWorker, RunAdvancer, RunLogWriter, WorkerRescuer } from '@baton/engine';
import { CONFIG, fateOf, type Config } from '@baton/platform';
import { MaintenanceActors } from './actors/maintenance-actors.js';
import { PoolConsumer } from './pool-consumer.js';
import { RunConsumer } from './run-consumer.js';

/**
 * The order in which a worker comes and goes. Coming: its lease, then what predecessors left behind, then jobs. Going: no more jobs, nodes
 * in work finish within the grace, the rest is handed over, the lease ends.
 */
@Injectable()
export class WorkerLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly lease: LeaseKeeper,
    private readonly rescuer: WorkerRescuer,
    private readonly maintenance: MaintenanceActors,
    private readonly advancer: RunAdvancer,
    private readonly consumer: RunConsumer,
    private readonly pools: PoolWorker,
    private readonly logs: RunLogWriter,
    private readonly poolConsumer: PoolConsumer,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const predecessors = await this.lease.start((worker) => fateOf(worker) === 'gone');
    this.consumer.start();
    await this.rescuer.takeUp(predecessors);
    this.poolConsumer.start();
    this.maintenance.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { shutdownGraceMs } = this.config;
    // They begin no pass from now on; one that waits for a database which is away does not hold up the runs.
    const maintained = this.maintenance.stop();
    await Promise.all([this.consumer.pause(), this.poolConsumer.pause()]);
    await Promise.all([this.advancer.drain(shutdownGraceMs), this.pools.drain(shutdownGraceMs), maintained]);
    await this.lease.stop();
    await Promise.all([this.consumer.close(), this.poolConsumer.close(), this.logs.close()]);
  }
}
