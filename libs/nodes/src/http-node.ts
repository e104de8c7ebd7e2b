import { readRetryAfter } from '@baton/agents';
import {
  BatonError,
  NameSchema,
  NodeHandler,
  rateClaim,
  type JsonObject,
  type JsonValue,
  type NodeContext,
  type NodeLog,
  type OutboundHttp,
  type OutboundResponse,
  type RateClaim,
} from '@baton/core';
import { z } from 'zod';
import { parseConfig } from './node-config.js';
import { ExpressionText } from './node-expression.js';

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/);

/** By the name of a secret that the operator keeps for the host. */
const HttpAuth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('bearer'), secret: NameSchema }),
  /** Without a user name the secret is `user:password`. */
  z.strictObject({ type: z.literal('basic'), secret: NameSchema, username: z.string().max(256).exactOptional() }),
  z.strictObject({ type: z.literal('header'), secret: NameSchema, header: HeaderName }),
]);

/** Shared by all calls of the tenant that say the same. */
const HttpRateLimit = z.strictObject({
  requests: z.number().positive().max(1e9),
  seconds: z.number().min(0.001).max(86_400).default(60),
  burst: z.number().min(0).max(1).default(0.1).describe('The share of it that may pass at once.'),
  key: Scalar.optional().describe('What the limit is for; without it, the host.'),
});

/** The config of `http`. */
export const HttpConfig = z
  .strictObject({
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    url: z.string().min(1).max(8_192),
    query: z
      .record(z.string(), z.union([Scalar, z.array(Scalar)]))
      .default({})
      .describe('Goes behind the URL; a list is sent as the same name several times.'),
    headers: z.record(HeaderName, z.union([z.string().max(8_192), z.number(), z.boolean()])).default({}),
    auth: HttpAuth.optional(),
    idempotency_header: HeaderName.or(z.literal(false))
      .default('idempotency-key')
      .describe('Carries the idempotency key of calls that change something; false: none does.'),
    rate_limit: HttpRateLimit.optional(),
    json: z.json().optional().describe('The body, as JSON. At most one of `json`, `form` and `text` is the body.'),
    form: z.record(z.string(), Scalar).optional().describe('The body, as the fields of a form.'),
    text: z.string().optional().describe('The body, as it stands.'),
    timeout: z.number().positive().max(86_400).optional().describe('Seconds; at most HTTP_TIMEOUT_MS.'),
    redirects: z.int().min(0).max(20).optional().describe('How many redirects are followed; 0: a redirect is the answer.'),
    ok_status: z.array(z.int().min(400).max(599)).default([]).describe('Statuses from 400 on that are no failure.'),
    output: ExpressionText.optional().describe(
      'What the node gives, made of `response`: `status`, `headers`, `body`, `url`. Without it: all of that.',
    ),
  })
  .refine(
    ({ json, form, text }) => [json, form, text].filter((body) => body !== undefined).length <= 1,
    'set one of `json`, `form` and `text`',
  );
export type HttpConfig = z.infer<typeof HttpConfig>;

/** Failures that may have passed when the call is made again. Of the others the next answer is the same. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const EXCERPT_CHARS = 500;

/** Calls a URL, once, and gives the answer. The call is a journaled step and carries the node's idempotency key. */
export class HttpNode extends NodeHandler {
  readonly type = 'http';

  constructor(private readonly http: OutboundHttp) {
    super();
  }

  /** The origin of the URL; what is none is refused by the call itself. */
  override target({ config }: NodeContext): string | null {
    const { url } = config;
    return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : null;
  }

  async execute(context: NodeContext): Promise<JsonValue> {
    const config = parseConfig(context, HttpConfig);
    const response = await context.step('response', (signal) => this.call(context, config, signal));
    return config.output === undefined ? response : context.evaluate(config.output, { response });
  }

  private async call(context: NodeContext, config: HttpConfig, signal: AbortSignal): Promise<JsonObject> {
    const { idempotencyKey, nodeId, tenantId, log } = context;
    const { method, timeout, redirects, auth, idempotency_header: keyHeader, ok_status: okStatus } = config;
    const { body, type } = writeBody(config);
    const headers = {
      ...(type !== null && { 'content-type': type }),
      ...(keyHeader !== false && !SAFE_METHODS.has(method) && { [keyHeader.toLowerCase()]: idempotencyKey }),
      ...lowerCased(config.headers),
    };
    const startedAt = performance.now();
    const response = await this.http.send({
      ...{ method, url: writeUrl(config), headers, body, signal, tenantId, ticket: idempotencyKey },
      limits: ownLimits(config, tenantId),
      ...(auth !== undefined && { auth }),
      ...(timeout !== undefined && { timeoutMs: timeout * 1_000 }),
      ...(redirects !== undefined && { maxRedirects: redirects }),
    });
    logAnswer(log, method, response, Math.round(performance.now() - startedAt));
    if (response.status >= 400 && !okStatus.includes(response.status)) throw refusedBy(nodeId, method, response);
    // A cookie is a credential of Baton's; it has no place in the journal.
    const { 'set-cookie': _, ...shown } = response.headers;
    return { status: response.status, headers: shown, url: response.url, body: readAnswer(response) };
  }
}

/** Neither the path nor the query: both may hold what only the other side should know. */
function logAnswer(log: NodeLog, method: string, { status, url, body }: OutboundResponse, ms: number): void {
  const { host } = new URL(url);
  const say = status < 400 ? 'info' : 'warn';
  log[say](`${method} ${host} answered ${status}`, { method, host, status, ms, bytes: body.byteLength });
}

function ownLimits({ rate_limit: limit, url }: HttpConfig, tenantId: string): RateClaim[] {
  if (limit === undefined) return [];
  const { requests: amount, seconds, burst, key = URL.canParse(url) ? new URL(url).host : '' } = limit;
  const name = [tenantId, String(key), amount, seconds, burst].map(encodeURIComponent).join('/');
  return [rateClaim({ key: `own/${name}`, amount, seconds, burst, unit: 'requests' }, 1)];
}

function writeUrl({ url, query }: HttpConfig): string {
  if (Object.keys(query).length === 0 || !URL.canParse(url)) return url;
  const full = new URL(url);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) full.searchParams.append(name, String(one));
  }
  return full.href;
}

function writeBody({ json, form, text }: HttpConfig): { body: string | null; type: string | null } {
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' };
  if (form !== undefined) {
    const fields = Object.entries(form).map(([name, value]): [string, string] => [name, String(value)]);
    return { body: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' };
  }
  return { body: text ?? null, type: text === undefined ? null : 'text/plain; charset=utf-8' };
}

function lowerCased(headers: HttpConfig['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** JSON as its value, text as text, anything else as base64. */
function readAnswer({ headers, body }: OutboundResponse): JsonValue {
  const text = decodeText(body);
  if (text === null) return { base64: Buffer.from(body).toString('base64') };
  return /^application\/([^;]+\+)?json\b/i.test(headers['content-type'] ?? '') ? parsedOr(text) : text;
}

function decodeText(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}

function parsedOr(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function refusedBy(nodeId: string, method: string, response: OutboundResponse): BatonError {
  const { status, headers, body } = response;
  const { origin, pathname } = new URL(response.url);
  const retryable = PASSING.has(status);
  const retryAfterSeconds = retryable ? readRetryAfter(new Headers(headers), Date.now()) : undefined;
  return new BatonError(
    'http_failed',
    `${method} ${origin}${pathname} answered ${status}.`,
    { node_id: nodeId, status, answer: (decodeText(body) ?? '').slice(0, EXCERPT_CHARS) },
    { retryable, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) },
  );
}
