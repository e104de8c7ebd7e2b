import { RateRulesSchema } from '@baton/core';
import { parseAllowedTarget, type AllowedTarget } from '@baton/outbound';
import { z } from 'zod';
import {
  allowedTargets,
  bytes,
  DAY_MS,
  MIB,
  milliseconds,
  ports,
  secret,
  settings,
  urlPaths,
  variable,
  wholeNumber,
} from './config-kinds.js';

const Target = z.string().transform((text, { issues }): AllowedTarget => {
  const target = parseAllowedTarget(text);
  if (target !== null) return target;
  issues.push({ code: 'custom', message: 'is no host[:port], address[:port] or network[:port]', input: text });
  return z.NEVER;
});

const TenantTargets = z.record(z.string().min(1).max(64), z.array(Target)).transform((lists) => new Map(Object.entries(lists)));

/** Where a secret is, and where it may go. */
const SecretSource = z
  .strictObject({
    /** Read anew for each call: a secret may be changed while Baton runs. */
    file: z.string().min(1).optional(),
    env: z.string().min(1).optional(),
    hosts: z.array(z.string().min(1).max(260)).min(1),
    tenants: z.array(z.string().min(1).max(64)).min(1).nullable().default(null),
    plain_http: z.boolean().default(false),
  })
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), 'set `file` or `env`');

export type SecretSources = z.infer<typeof SecretSources>;
const SecretSources = z.record(z.string().min(1).max(64), SecretSource).transform((sources) => new Map(Object.entries(sources)));

/** What leaves Baton on somebody's word, and how often. */
export const outbound = {
  httpAllow: variable('HTTP_ALLOW', allowedTargets, '', 'What nodes may call besides public hosts; without a port, on any port.'),
  httpTenantAllow: variable(
    'HTTP_TENANT_ALLOW',
    settings('the lists of HTTP_ALLOW by tenant, as {"tenant": ["host:port"]}', TenantTargets),
    '{}',
    'What the calls of single tenants may reach besides.',
  ),
  httpPorts: variable('HTTP_PORTS', ports, '80,443', 'Ports of public hosts that nodes may call.'),
  httpBlockedPaths: variable(
    'HTTP_BLOCKED_PATHS',
    urlPaths,
    '/admin,/api/keys,/.env,/.git',
    'Paths that nodes may call on no host, with all under them.',
  ),
  httpTimeoutMs: variable('HTTP_TIMEOUT_MS', milliseconds(100, 3_600_000), '30000', 'Bound on one call, redirects included.'),
  httpMaxResponseBytes: variable(
    'HTTP_MAX_RESPONSE_BYTES',
    bytes(1_024, 64 * MIB),
    String(MIB / 2),
    'Largest answer to a call, decompressed.',
  ),
  httpMaxRequestBytes: variable('HTTP_MAX_REQUEST_BYTES', bytes(1_024, 64 * MIB), String(4 * MIB), 'Largest body of a call.'),
  httpMaxPerHost: variable(
    'HTTP_MAX_PER_HOST',
    wholeNumber(1, 10_000),
    '50',
    'Calls to one host that a worker makes at once; further ones wait in line.',
  ),
  /** Secret as a whole, so that one which was written here by mistake is not shown. */
  httpSecrets: secret(
    'HTTP_SECRETS',
    settings('secrets by name, as {"name": {"file": "/run/secrets/x", "hosts": ["api.example.com"]}}', SecretSources),
    '',
    'Secrets that calls may carry: from where (`file` or `env`), to which `hosts`, for which `tenants`.',
  ),
  rateLimits: variable(
    'RATE_LIMITS',
    settings('a list of rules, as [{"name": "n", "host": "api.example.com", "requests": 100, "seconds": 60}]', RateRulesSchema),
    '[]',
    'Limits on calls to hosts and models, in requests and tokens, over all workers.',
  ),
  rateLimitInPlaceMs: variable(
    'RATE_LIMIT_IN_PLACE_MS',
    milliseconds(0, 60_000),
    '2000',
    'How long a limited call waits in its place; for a turn that comes later the run is parked.',
  ),
  rateLimitMaxWaitMs: variable(
    'RATE_LIMIT_MAX_WAIT_MS',
    milliseconds(1_000, DAY_MS),
    '600000',
    'How far off a turn may be that is kept for a call.',
  ),
  rateLimitSharePercent: variable(
    'RATE_LIMIT_SHARE_PERCENT',
    wholeNumber(1, 100, 'percent'),
    '10',
    'Share of each limit that a process allows itself while Redis is away; 100 by the number of workers keeps the whole.',
  ),
  httpMaxRedirects: variable('HTTP_MAX_REDIRECTS', wholeNumber(0, 20), '5', 'Redirects that one call follows.'),
};
