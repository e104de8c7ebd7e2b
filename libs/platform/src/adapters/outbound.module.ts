import { readFile } from 'node:fs/promises';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Clock, OutboundHttp, RateGate, RateLimiter } from '@baton/core';
import { AuthorizedHttp, GuardedHttpClient, HttpSecrets, RateLimitedHttp, type HttpSecret } from '@baton/outbound';
import { MemoryRateLimiter, RedisRateLimiter } from '@baton/queue';
import type { Redis } from 'ioredis';
import { Closing } from '../closing.js';
import type { Config } from '../config.js';
import type { PlatformOptions } from '../platform-options.js';
import { QUEUE_REDIS } from './redis.module.js';

const PORTS = [OutboundHttp, HttpSecrets, RateLimiter, RateGate];

/** Calls to URLs that users and models give, and the rate limits of all calls. */
@Module({})
export class OutboundModule {
  static forRoot(options: PlatformOptions): DynamicModule {
    const { queue, redisUrl } = options.config;
    const providers = [gate(options.config), knownSecrets(options.config), http(options.config)];
    if (queue === 'memory' || redisUrl === null) {
      const limiter = { provide: RateLimiter, useFactory: (clock: Clock) => new MemoryRateLimiter(clock), inject: [Clock] };
      return { module: OutboundModule, providers: [limiter, ...providers], exports: PORTS };
    }
    return { module: OutboundModule, providers: [sharedLimiter(options.config), ...providers], exports: PORTS };
  }
}

function sharedLimiter({ redisPrefix: prefix, rateLimitSharePercent }: Config): Provider {
  return {
    provide: RateLimiter,
    useFactory: (redis: Redis, clock: Clock) =>
      new RedisRateLimiter(redis, { prefix, shareWithoutRedis: rateLimitSharePercent / 100 }, clock),
    inject: [QUEUE_REDIS, Clock],
  };
}

function gate({ rateLimitInPlaceMs: inPlaceMs, rateLimitMaxWaitMs: maxWaitMs }: Config): Provider {
  return {
    provide: RateGate,
    useFactory: (limiter: RateLimiter, clock: Clock) => new RateGate({ limiter, clock }, { inPlaceMs, maxWaitMs }),
    inject: [RateLimiter, Clock],
  };
}

function http(config: Config): Provider {
  return {
    provide: OutboundHttp,
    useFactory: (rates: RateGate, known: HttpSecrets, closing: Closing) => {
      const client = new GuardedHttpClient({
        allow: config.httpAllow,
        tenants: config.httpTenantAllow,
        ports: config.httpPorts,
        blockedPaths: config.httpBlockedPaths,
        timeoutMs: config.httpTimeoutMs,
        maxRequestBytes: config.httpMaxRequestBytes,
        maxResponseBytes: config.httpMaxResponseBytes,
        maxRedirects: config.httpMaxRedirects,
        maxPerHost: config.httpMaxPerHost,
      });
      closing.add('outbound calls', () => client.close());
      return new RateLimitedHttp(new AuthorizedHttp(client, known), rates, config.rateLimits);
    },
    inject: [RateGate, HttpSecrets, Closing],
  };
}

function knownSecrets(config: Config): Provider {
  return { provide: HttpSecrets, useFactory: () => new HttpSecrets(secretsOf(config)) };
}

function secretsOf({ httpSecrets, readHttpSecret }: Config): Map<string, HttpSecret> {
  const secrets = new Map<string, HttpSecret>();
  for (const [name, { file, env = '', hosts, tenants, plain_http: plainHttp }] of httpSecrets) {
    const read = async (): Promise<string> =>
      file === undefined ? (readHttpSecret(env) ?? '') : (await readFile(file, 'utf8')).trim();
    secrets.set(name, { read, hosts, tenants, plainHttp });
  }
  return secrets;
}
