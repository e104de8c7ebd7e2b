import { Module, type DynamicModule } from '@nestjs/common';
import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import { EngineModule } from './adapters/engine.module.js';
import { FoundationModule } from './adapters/foundation.module.js';
import { IngestModule } from './adapters/ingest.module.js';
import { LimitsModule } from './adapters/limits.module.js';
import { OutboundModule } from './adapters/outbound.module.js';
import { QueueModule } from './adapters/queue.module.js';
import { RetrievalModule } from './adapters/retrieval.module.js';
import { StorageModule } from './adapters/storage.module.js';
import type { PlatformOptions } from './platform-options.js';

/**
 * Binds every port to its adapter, once a process: an abstract class of the core is the token of what implements it. By the time the
 * application listens, the schema is up to date, the built-in workflows are published, and commits are announced. After the last
 * request and the last run, everything is closed in the reverse order of its opening.
 */
@Module({})
export class PlatformModule {
  static forRoot(options: PlatformOptions): DynamicModule {
    const parts = [StorageModule, QueueModule, LimitsModule, RetrievalModule, EngineModule, IngestModule, OutboundModule].map(
      (part) => ({
        ...part.forRoot(options),
        global: true,
      }),
    );
    return { module: PlatformModule, imports: [FoundationModule.forRoot(options), ...parts] };
  }
}

/** A name for this process that no other has: it survives in logs and in the lock history. */
export function newInstanceId(): string {
  const host = hostname()
    .replaceAll(/[^A-Za-z0-9.-]/g, '-')
    .slice(0, 40);
  return `${host}-${process.pid}-${randomBytes(4).toString('hex')}`;
}
