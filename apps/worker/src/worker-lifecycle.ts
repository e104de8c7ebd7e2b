import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { LeaseKeeper, RunAdvancer, WorkerRescuer } from '@baton/engine';
import { CONFIG, fateOf, type Config } from '@baton/platform';
import { MaintenanceActors } from './actors/maintenance-actors.js';
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
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const predecessors = await this.lease.start((worker) => fateOf(worker) === 'gone');
    this.consumer.start();
    await this.rescuer.takeUp(predecessors);
    this.maintenance.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.maintenance.stop(), this.consumer.pause()]);
    await this.advancer.drain(this.config.shutdownGraceMs);
    await this.lease.stop();
    await this.consumer.close();
  }
}
