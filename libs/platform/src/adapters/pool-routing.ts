import { PoolRouting } from '@baton/engine';
import type { Config } from '../config.js';

/** Where the nodes of runs go, as this process is told: all should be told the same. */
export function poolRouting({ poolRoutes: routes, poolQueueMs: queueMs, poolTimeoutMs: timeoutMs }: Config): PoolRouting {
  return new PoolRouting({ routes, queueMs, timeoutMs });
}
