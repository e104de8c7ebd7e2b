import type { Config } from './config.js';
import type { BatonLogger } from './logging.js';

/** What a process brings to the platform: its final configuration, its log and its name. */
export interface PlatformOptions {
  /** Its `role` says what the process is. `queue: 'auto'` is taken as BullMQ exactly where there is a `redisUrl`. */
  config: Config;
  logger: BatonLogger;
  /** Unique among all processes; part of lock values and connection names. See {@link newInstanceId}. */
  instanceId: string;
}
