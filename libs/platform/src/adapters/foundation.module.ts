import { Module, type DynamicModule } from '@nestjs/common';
import { armFaultPoints, Clock, SystemClock } from '@baton/core';
import { AccessControl } from '../access.js';
import { Closing } from '../closing.js';
import { Metrics } from '../metrics.js';
import { observeEngine } from '../observe-engine.js';
import type { PlatformOptions } from '../platform-options.js';
import { Sentinels } from '../sentinels.js';
import { CONFIG, ENGINE_OBSERVER, INSTANCE_ID, LOGGER } from '../tokens.js';

/** What every other module stands on: configuration, log, figures, time, access, and the order of closing. */
@Module({})
export class FoundationModule {
  static forRoot({ config, logger, instanceId }: PlatformOptions): DynamicModule {
    if (config.faultPoints.length > 0)
      logger.warn({ fault_points: config.faultPoints }, 'Fault points are armed: this process will crash');
    armFaultPoints(config.faultPoints, ({ fault }) => process.kill(process.pid, fault === 'kill' ? 'SIGKILL' : 'SIGSTOP'));
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: INSTANCE_ID, useValue: instanceId },
      { provide: Clock, useClass: SystemClock },
      Metrics,
      {
        provide: AccessControl,
        useFactory: (closing: Closing) => {
          const access = AccessControl.load(config);
          closing.add('access', access.watch(logger));
          return access;
        },
        inject: [Closing],
      },
      { provide: Closing, useFactory: () => new Closing(logger) },
      {
        provide: ENGINE_OBSERVER,
        useFactory: (metrics: Metrics) =>
          observeEngine(metrics, logger, config.sentinelDir === null ? null : new Sentinels(config.sentinelDir)),
        inject: [Metrics],
      },
    ];
    const exported = [CONFIG, LOGGER, INSTANCE_ID, Clock, Metrics, AccessControl, Closing, ENGINE_OBSERVER];
    return { module: FoundationModule, global: true, providers, exports: exported };
  }
}
