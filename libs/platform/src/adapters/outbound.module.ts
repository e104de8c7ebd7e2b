import { Module, type DynamicModule } from '@nestjs/common';
import { OutboundHttp } from '@baton/core';
import { GuardedHttpClient } from '@baton/nodes';
import { Closing } from '../closing.js';
import type { PlatformOptions } from '../platform-options.js';

/** Calls to URLs that users and models give. */
@Module({})
export class OutboundModule {
  static forRoot({ config }: PlatformOptions): DynamicModule {
    const http = {
      provide: OutboundHttp,
      useFactory: (closing: Closing) => {
        const client = new GuardedHttpClient({
          allow: config.httpAllow,
          ports: config.httpPorts,
          blockedPaths: config.httpBlockedPaths,
          timeoutMs: config.httpTimeoutMs,
          maxResponseBytes: config.httpMaxResponseBytes,
          maxRedirects: config.httpMaxRedirects,
        });
        closing.add('outbound calls', () => client.close());
        return client;
      },
      inject: [Closing],
    };
    return { module: OutboundModule, providers: [http], exports: [OutboundHttp] };
  }
}
